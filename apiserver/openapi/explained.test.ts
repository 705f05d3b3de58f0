import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { tokenRequests } from "../../api/authentication/token-request.js";
import { scales } from "../../api/autoscaling/scale.js";
import { builtins } from "../../api/catalogue.js";
import { collectDescriptions } from "../../api/descriptions.js";
import { evictions } from "../../api/policy/eviction.js";
import { deleteOptions } from "../../apimachinery/delete-options.js";
import { listSchemaOf } from "../../apimachinery/list-kind.js";
import { apiResourceList, partialObjectMetadata, statusKind, watchEvent } from "../../apimachinery/meta-kinds.js";
import { Definitions } from "./definitions.js";

/** Fields that are not described yet, as `Definition: fields`. Every text that is written takes its field from here. */
const silent: Readonly<Record<string, readonly string[]>> = {
  "admissionregistration/v1": [
    "ApplyConfiguration: expression",
    "AuditAnnotation: key valueExpression",
    "ExpressionWarning: fieldRef warning",
    "JSONPatch: expression",
    "MatchCondition: name expression",
    "MatchResources: excludeResourceRules matchPolicy namespaceSelector objectSelector resourceRules",
    "MutatingAdmissionPolicyBindingSpec: matchResources paramRef policyName",
    "MutatingAdmissionPolicySpec: failurePolicy matchConditions matchConstraints mutations paramKind reinvocationPolicy variables",
    "MutatingWebhook: name admissionReviewVersions clientConfig matchConditions matchPolicy namespaceSelector objectSelector reinvocationPolicy rules sideEffects timeoutSeconds",
    "MutatingWebhookConfiguration: webhooks",
    "Mutation: applyConfiguration jsonPatch patchType",
    "NamedRuleWithOperations: apiGroups apiVersions operations resourceNames resources scope",
    "ParamRef: name namespace parameterNotFoundAction selector",
    "RuleWithOperations: apiGroups apiVersions operations resources scope",
    "ServiceReference: name namespace path port",
    "TypeChecking: expressionWarnings",
    "ValidatingAdmissionPolicyBindingSpec: matchResources paramRef policyName validationActions",
    "ValidatingAdmissionPolicySpec: auditAnnotations failurePolicy matchConditions matchConstraints paramKind validations variables",
    "ValidatingAdmissionPolicyStatus: conditions observedGeneration typeChecking",
    "ValidatingWebhook: name admissionReviewVersions clientConfig matchConditions matchPolicy namespaceSelector objectSelector rules sideEffects timeoutSeconds",
    "ValidatingWebhookConfiguration: webhooks",
    "Validation: expression message messageExpression reason",
    "Variable: name expression",
    "WebhookClientConfig: caBundle service url",
  ],
  "apiextensions/v1": [
    "CustomResourceColumnDefinition: name type format description priority jsonPath",
    "CustomResourceConversion: strategy webhook",
    "CustomResourceDefinitionCondition: type status lastTransitionTime reason message observedGeneration",
    "CustomResourceDefinitionNames: plural singular shortNames listKind categories",
    "CustomResourceDefinitionSpec: group names scope versions conversion",
    "CustomResourceDefinitionStatus: conditions acceptedNames storedVersions observedGeneration",
    "CustomResourceDefinitionVersion: name served deprecated deprecationWarning schema subresources additionalPrinterColumns selectableFields",
    "CustomResourceSubresourceScale: specReplicasPath statusReplicasPath labelSelectorPath",
    "CustomResourceSubresources: status scale",
    "CustomResourceValidation: openAPIV3Schema",
    "ExternalDocumentation: description url",
    "JSONSchemaProps: $ref $schema additionalItems additionalProperties allOf anyOf default definitions dependencies description enum example exclusiveMaximum exclusiveMinimum externalDocs format id maxItems maxLength maxProperties maximum minItems minLength minProperties minimum multipleOf not nullable oneOf pattern patternProperties properties required title type uniqueItems x-kubernetes-embedded-resource x-kubernetes-int-or-string x-kubernetes-list-map-keys x-kubernetes-list-type x-kubernetes-map-type x-kubernetes-preserve-unknown-fields x-kubernetes-validations",
    "SelectableField: jsonPath",
    "ServiceReference: namespace name path port",
    "ValidationRule: rule message messageExpression reason fieldPath optionalOldSelf",
    "WebhookClientConfig: url service caBundle",
    "WebhookConversion: clientConfig conversionReviewVersions",
  ],
  "apiregistration/v1": [
    "APIServiceCondition: type status lastTransitionTime reason message",
    "APIServiceSpec: service group version insecureSkipTLSVerify caBundle versionPriority",
    "APIServiceStatus: conditions",
    "ServiceReference: namespace name port",
  ],
  "apps/v1": [
    "ControllerRevision: data",
    "DaemonSetCondition: type status lastTransitionTime message reason",
    "DaemonSetStatus: collisionCount conditions currentNumberScheduled desiredNumberScheduled numberAvailable numberReady numberUnavailable observedGeneration updatedNumberScheduled",
    "DaemonSetUpdateStrategy: type rollingUpdate",
    "DeploymentCondition: type status reason message lastUpdateTime lastTransitionTime",
    "ReplicaSetCondition: type status reason message lastTransitionTime",
    "RollingUpdateDaemonSet: maxSurge maxUnavailable",
    "RollingUpdateStatefulSetStrategy: maxUnavailable",
    "StatefulSetCondition: type status lastTransitionTime message reason",
    "StatefulSetPersistentVolumeClaimRetentionPolicy: whenDeleted whenScaled",
    "StatefulSetStatus: availableReplicas collisionCount conditions currentReplicas currentRevision observedGeneration readyReplicas replicas updateRevision updatedReplicas",
    "StatefulSetUpdateStrategy: type rollingUpdate",
  ],
  "authentication/v1": [
    "BoundObjectReference: name uid",
    "SelfSubjectReviewStatus: userInfo",
    "TokenRequestSpec: audiences boundObjectRef expirationSeconds",
    "TokenRequestStatus: expirationTimestamp token",
    "TokenReviewSpec: token audiences",
    "TokenReviewStatus: audiences authenticated error user",
    "UserInfo: extra groups uid username",
  ],
  "authorization/v1": [
    "FieldSelectorAttributes: rawSelector requirements",
    "LabelSelectorAttributes: rawSelector requirements",
    "NonResourceAttributes: path verb",
    "NonResourceRule: verbs nonResourceURLs",
    "ResourceAttributes: namespace verb group version resource subresource name fieldSelector labelSelector",
    "ResourceRule: verbs apiGroups resourceNames resources",
    "SelfSubjectAccessReviewSpec: nonResourceAttributes resourceAttributes",
    "SelfSubjectRulesReviewSpec: namespace",
    "SubjectAccessReviewSpec: resourceAttributes nonResourceAttributes user groups extra uid",
    "SubjectAccessReviewStatus: allowed reason evaluationError",
    "SubjectRulesReviewStatus: nonResourceRules resourceRules evaluationError",
  ],
  "autoscaling/v1": [
    "HorizontalPodAutoscalerSpec: scaleTargetRef minReplicas maxReplicas",
    "HorizontalPodAutoscalerStatus: currentReplicas desiredReplicas lastScaleTime observedGeneration",
    "ScaleSpec: replicas",
    "ScaleStatus: replicas selector",
  ],
  "autoscaling/v2": [
    "ContainerResourceMetricSource: name container target",
    "ContainerResourceMetricStatus: name container current",
    "CrossVersionObjectReference: name",
    "ExternalMetricSource: metric target",
    "ExternalMetricStatus: current metric",
    "HPAScalingPolicy: type periodSeconds value",
    "HPAScalingRules: policies selectPolicy stabilizationWindowSeconds",
    "HorizontalPodAutoscalerBehavior: scaleDown scaleUp",
    "HorizontalPodAutoscalerCondition: type status lastTransitionTime message reason",
    "HorizontalPodAutoscalerSpec: scaleTargetRef minReplicas maxReplicas metrics behavior",
    "HorizontalPodAutoscalerStatus: conditions currentMetrics currentReplicas desiredReplicas lastScaleTime observedGeneration",
    "MetricIdentifier: name selector",
    "MetricSpec: type containerResource external object pods resource",
    "MetricStatus: type containerResource external object pods resource",
    "MetricTarget: type averageUtilization averageValue value",
    "MetricValueStatus: averageUtilization averageValue value",
    "ObjectMetricSource: describedObject metric target",
    "ObjectMetricStatus: current describedObject metric",
    "PodsMetricSource: metric target",
    "PodsMetricStatus: current metric",
    "ResourceMetricSource: name target",
    "ResourceMetricStatus: name current",
  ],
  "batch/v1": [
    "CronJobStatus: active lastScheduleTime lastSuccessfulTime",
    "JobCondition: type status lastProbeTime lastTransitionTime message reason",
    "JobStatus: active completionTime conditions failed failedIndexes startTime succeeded terminating uncountedTerminatedPods",
    "JobTemplateSpec: metadata spec",
    "PodFailurePolicy: rules",
    "PodFailurePolicyOnExitCodesRequirement: operator containerName values",
    "PodFailurePolicyOnPodConditionsPattern: type status",
    "PodFailurePolicyRule: action onExitCodes onPodConditions",
    "SuccessPolicy: rules",
    "SuccessPolicyRule: succeededCount succeededIndexes",
    "UncountedTerminatedPods: failed succeeded",
  ],
  "certificates/v1": [
    "CertificateSigningRequestCondition: type status lastTransitionTime lastUpdateTime message reason",
    "CertificateSigningRequestSpec: expirationSeconds extra groups request signerName uid usages",
    "CertificateSigningRequestStatus: certificate conditions",
  ],
  "coordination/v1": ["LeaseSpec: holderIdentity leaseDurationSeconds acquireTime renewTime strategy"],
  "discovery/v1": [
    "Endpoint: addresses conditions hostname targetRef nodeName zone hints",
    "EndpointConditions: terminating",
    "EndpointHints: forNodes forZones",
    "EndpointPort: appProtocol name port protocol",
    "EndpointSlice: endpoints ports",
    "ForNode: name",
    "ForZone: name",
  ],
  "events/v1": [
    "Event: series reportingInstance reason related note type deprecatedSource deprecatedFirstTimestamp deprecatedLastTimestamp deprecatedCount",
    "EventSeries: count lastObservedTime",
  ],
  "flowcontrol/v1": [
    "ExemptPriorityLevelConfiguration: lendablePercent nominalConcurrencyShares",
    "FlowDistinguisherMethod: type",
    "FlowSchemaCondition: type status lastTransitionTime message reason",
    "FlowSchemaSpec: distinguisherMethod priorityLevelConfiguration rules",
    "FlowSchemaStatus: conditions",
    "GroupSubject: name",
    "LimitResponse: type queuing",
    "LimitedPriorityLevelConfiguration: borrowingLimitPercent lendablePercent limitResponse nominalConcurrencyShares",
    "NonResourcePolicyRule: nonResourceURLs verbs",
    "PolicyRulesWithSubjects: nonResourceRules resourceRules subjects",
    "PriorityLevelConfigurationCondition: type status lastTransitionTime message reason",
    "PriorityLevelConfigurationReference: name",
    "PriorityLevelConfigurationSpec: type limited exempt",
    "PriorityLevelConfigurationStatus: conditions",
    "QueuingConfiguration: handSize queueLengthLimit queues",
    "ResourcePolicyRule: apiGroups clusterScope namespaces resources verbs",
    "ServiceAccountSubject: name namespace",
    "Subject: group serviceAccount user",
    "UserSubject: name",
  ],
  "metrics/v1beta1": ["ContainerMetrics: name", "PodMetrics: containers"],
  "networking/v1": [
    "HTTPIngressPath: path pathType backend",
    "HTTPIngressRuleValue: paths",
    "IPAddressSpec: parentRef",
    "IPBlock: cidr except",
    "IngressBackend: resource service",
    "IngressClassParametersReference: name apiGroup namespace scope",
    "IngressClassSpec: controller parameters",
    "IngressLoadBalancerIngress: hostname ip ports",
    "IngressLoadBalancerStatus: ingress",
    "IngressPortStatus: error port protocol",
    "IngressRule: host http",
    "IngressServiceBackend: name port",
    "IngressSpec: ingressClassName rules tls",
    "IngressStatus: loadBalancer",
    "IngressTLS: hosts secretName",
    "NetworkPolicyEgressRule: ports to",
    "NetworkPolicyIngressRule: from ports",
    "NetworkPolicyPeer: ipBlock namespaceSelector podSelector",
    "NetworkPolicyPort: endPort port protocol",
    "NetworkPolicySpec: podSelector ingress egress",
    "ParentReference: name group namespace resource",
    "ServiceBackendPort: name number",
    "ServiceCIDRSpec: cidrs",
    "ServiceCIDRStatus: conditions",
  ],
  "node/v1": ["Overhead: podFixed", "RuntimeClass: overhead scheduling", "Scheduling: nodeSelector tolerations"],
  "policy/v1": [
    "Eviction: deleteOptions",
    "PodDisruptionBudgetSpec: minAvailable maxUnavailable selector unhealthyPodEvictionPolicy",
    "PodDisruptionBudgetStatus: conditions currentHealthy desiredHealthy disruptionsAllowed expectedPods observedGeneration",
  ],
  "rbac/v1": ["AggregationRule: clusterRoleSelectors", "Subject: apiGroup name namespace"],
  "resource/v1": [
    "AllocatedDeviceStatus: conditions data device driver networkData pool shareID",
    "AllocationResult: allocationTimestamp devices nodeSelector",
    "CELDeviceSelector: expression",
    "CapacityRequestPolicy: default validRange validValues",
    "CapacityRequestPolicyRange: max min step",
    "CapacityRequirements: requests",
    "Counter: value",
    "CounterSet: name counters",
    "Device: name allNodes allowMultipleAllocations attributes bindingConditions bindingFailureConditions bindsToNode capacity consumesCounters nodeAllocatableResourceMappings nodeName nodeSelector taints",
    "DeviceAllocationConfiguration: opaque requests source",
    "DeviceAllocationResult: config results",
    "DeviceAttribute: bool bools int ints string strings version versions",
    "DeviceCapacity: requestPolicy value",
    "DeviceClaim: config constraints requests",
    "DeviceClaimConfiguration: opaque requests",
    "DeviceClassConfiguration: opaque",
    "DeviceClassSpec: config extendedResourceName selectors",
    "DeviceConstraint: distinctAttribute matchAttribute requests",
    "DeviceCounterConsumption: counterSet counters",
    "DeviceRequest: name exactly firstAvailable",
    "DeviceRequestAllocationResult: adminAccess bindingConditions bindingFailureConditions consumedCapacity device driver pool request shareID tolerations",
    "DeviceSelector: cel",
    "DeviceSubRequest: name allocationMode capacity count deviceClassName selectors tolerations",
    "DeviceTaint: key effect timeAdded value",
    "DeviceToleration: key operator effect tolerationSeconds value",
    "ExactDeviceRequest: adminAccess allocationMode capacity count deviceClassName selectors tolerations",
    "NetworkDeviceData: hardwareAddress interfaceName ips",
    "NodeAllocatableResourceMapping: allocationMultiplier capacityKey",
    "OpaqueDeviceConfiguration: driver parameters",
    "ResourceClaimConsumerReference: name apiGroup resource uid",
    "ResourceClaimSpec: devices",
    "ResourceClaimStatus: allocation devices reservedFor",
    "ResourceClaimTemplateSpec: metadata spec",
    "ResourcePool: name generation resourceSliceCount",
    "ResourceSliceSpec: driver pool nodeName nodeSelector allNodes devices perDeviceNodeSelection sharedCounters",
  ],
  "scheduling/v1": ["PriorityClass: description preemptionPolicy"],
  "storage/v1": [
    "CSIDriverSpec: fsGroupPolicy nodeAllocatableUpdatePeriodSeconds preventPodSchedulingIfMissing requiresRepublish seLinuxMount serviceAccountTokenInSecrets storageCapacity tokenRequests volumeLifecycleModes",
    "CSINodeDriver: name allocatable nodeID topologyKeys",
    "CSINodeSpec: drivers",
    "CSIStorageCapacity: storageClassName capacity maximumVolumeSize",
    "StorageClass: provisioner parameters reclaimPolicy mountOptions allowVolumeExpansion volumeBindingMode",
    "TokenRequest: audience expirationSeconds",
    "VolumeAttachmentSource: inlineVolumeSpec persistentVolumeName",
    "VolumeAttachmentSpec: attacher nodeName source",
    "VolumeAttachmentStatus: attachError attached attachmentMetadata detachError",
    "VolumeAttributesClass: driverName parameters",
    "VolumeError: errorCode message time",
    "VolumeNodeResources: count",
  ],
};

const root = path.join(__dirname, "..", "..");
const sourcesIn = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
      .map((name) => [name, readFileSync(path.join(root, folder, name), "utf8")]),
  );
const folders = readdirSync(path.join(root, "api"), { withFileTypes: true }).filter((each) => each.isDirectory());
const descriptions = {
  apimachinery: collectDescriptions(sourcesIn("apimachinery")),
  ...Object.fromEntries(folders.map(({ name }) => [name, collectDescriptions(sourcesIn(path.join("api", name)))])),
};

interface Property {
  readonly description?: string;
  readonly $ref?: string;
  readonly allOf?: readonly Property[];
  readonly items?: Property;
  readonly additionalProperties?: Property;
}
interface Rendered {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Property>>;
}

const kinds = [...builtins, tokenRequests, evictions, scales];
const definitions = new Definitions(kinds, descriptions);
const machinery = [deleteOptions, apiResourceList, partialObjectMetadata, statusKind, watchEvent];
const schemas = new Map(
  definitions
    .closure([...kinds.flatMap((kind) => [kind.schema, listSchemaOf(kind)]), ...machinery])
    .map((node) => definitions.render(node, "v3"))
    .map(({ name, schema }) => [name, schema as Rendered]),
);

/** The definition that a field holds, alone or many times. */
const targetOf = ({ $ref, allOf, items, additionalProperties }: Property): string | undefined =>
  $ref?.replace(/^.*\//, "") ??
  [...(allOf ?? []), items, additionalProperties].flatMap((each) => (each && targetOf(each)) ?? [])[0];

/** `apps/v1` of `io.k8s.api.apps.v1.DeploymentSpec`. */
const groupVersionOf = (name: string): string => name.split(".").slice(-3, -1).join("/");

/** Fields without a text, or with nothing but the text of what they hold. */
function undescribed(groupVersion: string): readonly string[] {
  return [...schemas]
    .filter(([name]) => groupVersionOf(name) === groupVersion)
    .flatMap(([name, { properties = {} }]) => {
      const fields = Object.entries(properties).flatMap(([field, property]) => {
        const { description = "" } = property;
        const held = schemas.get(targetOf(property) ?? "")?.description;
        return description === "" || description === held ? [field] : [];
      });
      return fields.length === 0 ? [] : [`${name.split(".").at(-1)}: ${fields.join(" ")}`];
    });
}

describe("every field has a text of its own", () => {
  it.each([...new Set([...schemas.keys()].map(groupVersionOf))].sort())("in %s", (groupVersion) => {
    expect(undescribed(groupVersion)).toEqual(silent[groupVersion] ?? []);
  });
});
