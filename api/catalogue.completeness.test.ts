import { groupResourceOf } from "../apimachinery/resource.js";
import { builtins } from "./catalogue.js";

/** Every resource of a stable group version of Kubernetes 1.36, against the kinds that are served. */

/** Resource, version, kind, scope, short names, subresources. */
const stable: readonly (readonly [string, string, string, string, string, string])[] = [
  ["bindings", "v1", "Binding", "Namespaced", "", ""],
  ["componentstatuses", "v1", "ComponentStatus", "Cluster", "cs", ""],
  ["configmaps", "v1", "ConfigMap", "Namespaced", "cm", ""],
  ["endpoints", "v1", "Endpoints", "Namespaced", "ep", ""],
  ["events", "v1", "Event", "Namespaced", "ev", ""],
  ["limitranges", "v1", "LimitRange", "Namespaced", "limits", ""],
  ["namespaces", "v1", "Namespace", "Cluster", "ns", "finalize status"],
  ["nodes", "v1", "Node", "Cluster", "no", "proxy status"],
  ["persistentvolumeclaims", "v1", "PersistentVolumeClaim", "Namespaced", "pvc", "status"],
  ["persistentvolumes", "v1", "PersistentVolume", "Cluster", "pv", "status"],
  [
    "pods",
    "v1",
    "Pod",
    "Namespaced",
    "po",
    "attach binding ephemeralcontainers eviction exec log portforward proxy resize status",
  ],
  ["podtemplates", "v1", "PodTemplate", "Namespaced", "", ""],
  ["replicationcontrollers", "v1", "ReplicationController", "Namespaced", "rc", "scale status"],
  ["resourcequotas", "v1", "ResourceQuota", "Namespaced", "quota", "status"],
  ["secrets", "v1", "Secret", "Namespaced", "", ""],
  ["serviceaccounts", "v1", "ServiceAccount", "Namespaced", "sa", "token"],
  ["services", "v1", "Service", "Namespaced", "svc", "proxy status"],
  ["mutatingadmissionpolicies.admissionregistration.k8s.io", "v1", "MutatingAdmissionPolicy", "Cluster", "", ""],
  [
    "mutatingadmissionpolicybindings.admissionregistration.k8s.io",
    "v1",
    "MutatingAdmissionPolicyBinding",
    "Cluster",
    "",
    "",
  ],
  [
    "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    "v1",
    "MutatingWebhookConfiguration",
    "Cluster",
    "",
    "",
  ],
  [
    "validatingadmissionpolicies.admissionregistration.k8s.io",
    "v1",
    "ValidatingAdmissionPolicy",
    "Cluster",
    "",
    "status",
  ],
  [
    "validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "v1",
    "ValidatingAdmissionPolicyBinding",
    "Cluster",
    "",
    "",
  ],
  [
    "validatingwebhookconfigurations.admissionregistration.k8s.io",
    "v1",
    "ValidatingWebhookConfiguration",
    "Cluster",
    "",
    "",
  ],
  ["customresourcedefinitions.apiextensions.k8s.io", "v1", "CustomResourceDefinition", "Cluster", "crd crds", "status"],
  ["apiservices.apiregistration.k8s.io", "v1", "APIService", "Cluster", "", "status"],
  ["controllerrevisions.apps", "v1", "ControllerRevision", "Namespaced", "", ""],
  ["daemonsets.apps", "v1", "DaemonSet", "Namespaced", "ds", "status"],
  ["deployments.apps", "v1", "Deployment", "Namespaced", "deploy", "scale status"],
  ["replicasets.apps", "v1", "ReplicaSet", "Namespaced", "rs", "scale status"],
  ["statefulsets.apps", "v1", "StatefulSet", "Namespaced", "sts", "scale status"],
  ["selfsubjectreviews.authentication.k8s.io", "v1", "SelfSubjectReview", "Cluster", "", ""],
  ["tokenreviews.authentication.k8s.io", "v1", "TokenReview", "Cluster", "", ""],
  ["localsubjectaccessreviews.authorization.k8s.io", "v1", "LocalSubjectAccessReview", "Namespaced", "", ""],
  ["selfsubjectaccessreviews.authorization.k8s.io", "v1", "SelfSubjectAccessReview", "Cluster", "", ""],
  ["selfsubjectrulesreviews.authorization.k8s.io", "v1", "SelfSubjectRulesReview", "Cluster", "", ""],
  ["subjectaccessreviews.authorization.k8s.io", "v1", "SubjectAccessReview", "Cluster", "", ""],
  ["horizontalpodautoscalers.autoscaling", "v2", "HorizontalPodAutoscaler", "Namespaced", "hpa", "status"],
  ["horizontalpodautoscalers.autoscaling", "v1", "HorizontalPodAutoscaler", "Namespaced", "hpa", "status"],
  ["cronjobs.batch", "v1", "CronJob", "Namespaced", "cj", "status"],
  ["jobs.batch", "v1", "Job", "Namespaced", "", "status"],
  [
    "certificatesigningrequests.certificates.k8s.io",
    "v1",
    "CertificateSigningRequest",
    "Cluster",
    "csr",
    "approval status",
  ],
  ["leases.coordination.k8s.io", "v1", "Lease", "Namespaced", "", ""],
  ["endpointslices.discovery.k8s.io", "v1", "EndpointSlice", "Namespaced", "", ""],
  ["events.events.k8s.io", "v1", "Event", "Namespaced", "ev", ""],
  ["flowschemas.flowcontrol.apiserver.k8s.io", "v1", "FlowSchema", "Cluster", "", "status"],
  [
    "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
    "v1",
    "PriorityLevelConfiguration",
    "Cluster",
    "",
    "status",
  ],
  ["ingressclasses.networking.k8s.io", "v1", "IngressClass", "Cluster", "", ""],
  ["ingresses.networking.k8s.io", "v1", "Ingress", "Namespaced", "ing", "status"],
  ["ipaddresses.networking.k8s.io", "v1", "IPAddress", "Cluster", "ip", ""],
  ["networkpolicies.networking.k8s.io", "v1", "NetworkPolicy", "Namespaced", "netpol", ""],
  ["servicecidrs.networking.k8s.io", "v1", "ServiceCIDR", "Cluster", "", "status"],
  ["runtimeclasses.node.k8s.io", "v1", "RuntimeClass", "Cluster", "", ""],
  ["poddisruptionbudgets.policy", "v1", "PodDisruptionBudget", "Namespaced", "pdb", "status"],
  ["clusterrolebindings.rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "Cluster", "", ""],
  ["clusterroles.rbac.authorization.k8s.io", "v1", "ClusterRole", "Cluster", "", ""],
  ["rolebindings.rbac.authorization.k8s.io", "v1", "RoleBinding", "Namespaced", "", ""],
  ["roles.rbac.authorization.k8s.io", "v1", "Role", "Namespaced", "", ""],
  ["deviceclasses.resource.k8s.io", "v1", "DeviceClass", "Cluster", "", ""],
  ["resourceclaims.resource.k8s.io", "v1", "ResourceClaim", "Namespaced", "", "status"],
  ["resourceclaimtemplates.resource.k8s.io", "v1", "ResourceClaimTemplate", "Namespaced", "", ""],
  ["resourceslices.resource.k8s.io", "v1", "ResourceSlice", "Cluster", "", ""],
  ["priorityclasses.scheduling.k8s.io", "v1", "PriorityClass", "Cluster", "pc", ""],
  ["csidrivers.storage.k8s.io", "v1", "CSIDriver", "Cluster", "", ""],
  ["csinodes.storage.k8s.io", "v1", "CSINode", "Cluster", "", ""],
  ["csistoragecapacities.storage.k8s.io", "v1", "CSIStorageCapacity", "Namespaced", "", ""],
  ["storageclasses.storage.k8s.io", "v1", "StorageClass", "Cluster", "sc", ""],
  ["volumeattachments.storage.k8s.io", "v1", "VolumeAttachment", "Cluster", "", "status"],
  ["volumeattributesclasses.storage.k8s.io", "v1", "VolumeAttributesClass", "Cluster", "", ""],
];

/** Served beside Kubernetes' own stable groups: what metrics-server serves there. */
const beside = ["nodes.metrics.k8s.io", "pods.metrics.k8s.io"].map((resource) => `${resource} v1beta1`);

const nameOf = (resource: string, version: string): string => `${resource} ${version}`;
const served = new Map(
  builtins.map((definition) => [nameOf(groupResourceOf(definition), definition.version), definition]),
);

describe("the catalogue", () => {
  it.each(stable)("serves %s %s", (resource, version, kind, scope, shortNames, subresources) => {
    const definition = served.get(nameOf(resource, version));
    const { status, scale, others = {} } = definition?.subresources ?? {};
    expect([definition?.version, definition?.kind, definition?.scope]).toEqual([version, kind, scope]);
    expect(definition?.shortNames.join(" ")).toBe(shortNames);
    const names = [...Object.keys(others), ...(status ? ["status"] : []), ...(scale ? ["scale"] : [])];
    expect(names.sort().join(" ")).toBe(subresources);
  });

  it("serves nothing else", () => {
    const known = new Set([...stable.map(([resource, version]) => nameOf(resource, version)), ...beside]);
    expect([...served.keys()].filter((resource) => !known.has(resource))).toEqual([]);
  });

  it("has the categories of kubectl", () => {
    const inCategory = (category: string): string[] =>
      builtins
        .filter(({ categories, conversion }) => categories.includes(category) && !conversion)
        .map(({ plural }) => plural);
    expect(inCategory("all").sort()).toEqual([
      "cronjobs",
      "daemonsets",
      "deployments",
      "horizontalpodautoscalers",
      "jobs",
      "pods",
      "replicasets",
      "replicationcontrollers",
      "services",
      "statefulsets",
    ]);
    expect(inCategory("api-extensions").sort()).toEqual([
      "apiservices",
      "customresourcedefinitions",
      "mutatingadmissionpolicies",
      "mutatingadmissionpolicybindings",
      "mutatingwebhookconfigurations",
      "validatingadmissionpolicies",
      "validatingadmissionpolicybindings",
      "validatingwebhookconfigurations",
    ]);
  });
});
