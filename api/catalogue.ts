import type { ResourceDefinition } from "../apimachinery/resource.js";
import { mutatingAdmissionPolicies } from "./admissionregistration/mutating-admission-policy.js";
import { mutatingAdmissionPolicyBindings } from "./admissionregistration/mutating-admission-policy-binding.js";
import { mutatingWebhookConfigurations } from "./admissionregistration/mutating-webhook-configuration.js";
import { validatingAdmissionPolicies } from "./admissionregistration/validating-admission-policy.js";
import { validatingAdmissionPolicyBindings } from "./admissionregistration/validating-admission-policy-binding.js";
import { validatingWebhookConfigurations } from "./admissionregistration/validating-webhook-configuration.js";
import { customResourceDefinitions } from "./apiextensions/custom-resource-definition.js";
import { apiServices } from "./apiregistration/api-service.js";
import { controllerRevisions } from "./apps/controller-revision.js";
import { daemonSets } from "./apps/daemonset.js";
import { deployments } from "./apps/deployment.js";
import { replicaSets } from "./apps/replicaset.js";
import { statefulSets } from "./apps/statefulset.js";
import { selfSubjectReviews } from "./authentication/self-subject-review.js";
import { tokenReviews } from "./authentication/token-review.js";
import { localSubjectAccessReviews } from "./authorization/local-subject-access-review.js";
import { selfSubjectAccessReviews } from "./authorization/self-subject-access-review.js";
import { selfSubjectRulesReviews } from "./authorization/self-subject-rules-review.js";
import { subjectAccessReviews } from "./authorization/subject-access-review.js";
import { horizontalPodAutoscalers } from "./autoscaling/horizontal-pod-autoscaler.js";
import { horizontalPodAutoscalersV1 } from "./autoscaling/horizontal-pod-autoscaler-v1.js";
import { cronJobs } from "./batch/cron-job.js";
import { jobs } from "./batch/job.js";
import { certificateSigningRequests } from "./certificates/certificate-signing-request.js";
import { leases } from "./coordination/lease.js";
import { bindings } from "./core/binding.js";
import { componentStatuses } from "./core/component-status.js";
import { configMaps } from "./core/config-map.js";
import { endpoints } from "./core/endpoints.js";
import { events } from "./core/event.js";
import { limitRanges } from "./core/limit-range.js";
import { namespaces } from "./core/namespace.js";
import { nodes } from "./core/node/node.js";
import { persistentVolumes } from "./core/persistent-volume.js";
import { persistentVolumeClaims } from "./core/persistent-volume-claim.js";
import { pods } from "./core/pod/pod.js";
import { podTemplates } from "./core/pod-template.js";
import { replicationControllers } from "./core/replication-controller.js";
import { resourceQuotas } from "./core/resource-quota.js";
import { secrets } from "./core/secret.js";
import { services } from "./core/service.js";
import { serviceAccounts } from "./core/service-account.js";
import { endpointSlices } from "./discovery/endpoint-slice.js";
import { eventsEvents } from "./events/event.js";
import { flowSchemas } from "./flowcontrol/flow-schema.js";
import { priorityLevelConfigurations } from "./flowcontrol/priority-level-configuration.js";
import { nodeMetrics } from "./metrics/node-metrics.js";
import { podMetrics } from "./metrics/pod-metrics.js";
import { ingresses } from "./networking/ingress.js";
import { ingressClasses } from "./networking/ingress-class.js";
import { ipAddresses } from "./networking/ip-address.js";
import { networkPolicies } from "./networking/network-policy.js";
import { serviceCIDRs } from "./networking/service-cidr.js";
import { runtimeClasses } from "./node/runtime-class.js";
import { podDisruptionBudgets } from "./policy/pod-disruption-budget.js";
import { clusterRoles } from "./rbac/cluster-role.js";
import { clusterRoleBindings } from "./rbac/cluster-role-binding.js";
import { roles } from "./rbac/role.js";
import { roleBindings } from "./rbac/role-binding.js";
import { deviceClasses } from "./resource/device-class.js";
import { resourceClaims } from "./resource/resource-claim.js";
import { resourceClaimTemplates } from "./resource/resource-claim-template.js";
import { resourceSlices } from "./resource/resource-slice.js";
import { priorityClasses } from "./scheduling/priority-class.js";
import { csiDrivers } from "./storage/csi-driver.js";
import { csiNodes } from "./storage/csi-node.js";
import { csiStorageCapacities } from "./storage/csi-storage-capacity.js";
import { storageClasses } from "./storage/storage-class.js";
import { volumeAttachments } from "./storage/volume-attachment.js";
import { volumeAttributesClasses } from "./storage/volume-attributes-class.js";

/**
 * Every built-in kind that has a path of its own, in the order in which discovery lists them: of a group's versions the
 * preferred one first.
 */
export const builtins: readonly ResourceDefinition[] = [
  namespaces,
  nodes,
  pods,
  services,
  replicationControllers,
  podTemplates,
  configMaps,
  secrets,
  serviceAccounts,
  events,
  endpoints,
  persistentVolumeClaims,
  persistentVolumes,
  resourceQuotas,
  limitRanges,
  componentStatuses,
  eventsEvents,
  endpointSlices,
  replicaSets,
  deployments,
  statefulSets,
  daemonSets,
  controllerRevisions,
  jobs,
  cronJobs,
  horizontalPodAutoscalers,
  horizontalPodAutoscalersV1,
  podDisruptionBudgets,
  ingresses,
  ingressClasses,
  networkPolicies,
  ipAddresses,
  serviceCIDRs,
  storageClasses,
  csiDrivers,
  csiNodes,
  csiStorageCapacities,
  volumeAttachments,
  volumeAttributesClasses,
  runtimeClasses,
  customResourceDefinitions,
  apiServices,
  validatingWebhookConfigurations,
  mutatingWebhookConfigurations,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  flowSchemas,
  priorityLevelConfigurations,
  deviceClasses,
  resourceClaims,
  resourceClaimTemplates,
  resourceSlices,
  certificateSigningRequests,
  leases,
  roles,
  clusterRoles,
  roleBindings,
  clusterRoleBindings,
  priorityClasses,
  subjectAccessReviews,
  selfSubjectAccessReviews,
  localSubjectAccessReviews,
  selfSubjectRulesReviews,
  tokenReviews,
  selfSubjectReviews,
  bindings,
  nodeMetrics,
  podMetrics,
];
