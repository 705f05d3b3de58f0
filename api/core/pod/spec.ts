import {
  addRules,
  boolean,
  type Infer,
  int32,
  int64,
  list,
  map,
  object,
  oneOf,
  optional,
  quantity,
  ref,
  string,
} from "../../../apimachinery/schema/schema.js";
import { type LocalObjectReference, localObjectReference } from "../reference.js";
import { type Affinity, affinity } from "./affinity.js";
import { type Container, container, type EphemeralContainer, ephemeralContainer } from "./container.js";
import { type ResourceRequirements, resourceRequirements } from "./resources.js";
import { type PodSecurityContext, podSecurityContext } from "./security.js";
import { podSpecRules, serviceAccountNames } from "./spec-rules.js";
import { type Toleration, toleration } from "./toleration.js";
import { type TopologySpreadConstraint, topologySpreadConstraint } from "./topology-spread.js";
import { type Volume, volume } from "./volume.js";

export const podSpec = object("PodSpec", {
  containers: list(
    ref<Container>(() => container),
    { mapKeys: ["name"], mergeKey: "name", default: [], nonEmpty: true },
  ),
  initContainers: optional(
    list(
      ref<Container>(() => container),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  ephemeralContainers: optional(
    list(
      ref<EphemeralContainer>(() => ephemeralContainer),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  volumes: optional(
    list(
      ref<Volume>(() => volume),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  restartPolicy: oneOf(["Always", "OnFailure", "Never"], { default: "Always" }),
  terminationGracePeriodSeconds: int64({ default: 30 }),
  activeDeadlineSeconds: optional(int64()),
  dnsPolicy: oneOf(["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"], { default: "ClusterFirst" }),
  dnsConfig: optional(ref<PodDNSConfig>(() => podDNSConfig)),
  nodeSelector: optional(map(string(), { mapType: "atomic" })),
  serviceAccountName: optional(string()),
  serviceAccount: optional(string()),
  automountServiceAccountToken: optional(boolean()),
  nodeName: optional(string()),
  hostNetwork: optional(boolean()),
  hostPID: optional(boolean()),
  hostIPC: optional(boolean()),
  hostUsers: optional(boolean()),
  shareProcessNamespace: optional(boolean()),
  securityContext: ref<PodSecurityContext>(() => podSecurityContext, { default: {} }),
  imagePullSecrets: optional(
    list(
      ref<LocalObjectReference>(() => localObjectReference),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  hostname: optional(string()),
  subdomain: optional(string()),
  hostnameOverride: optional(string()),
  setHostnameAsFQDN: optional(boolean()),
  hostAliases: optional(
    list(
      ref<HostAlias>(() => hostAlias),
      { mapKeys: ["ip"], mergeKey: "ip" },
    ),
  ),
  affinity: optional(ref<Affinity>(() => affinity)),
  schedulerName: string({ default: "default-scheduler" }),
  tolerations: optional(list(ref<Toleration>(() => toleration))),
  topologySpreadConstraints: optional(
    list(
      ref<TopologySpreadConstraint>(() => topologySpreadConstraint),
      { mapKeys: ["topologyKey", "whenUnsatisfiable"], mergeKey: "topologyKey" },
    ),
  ),
  schedulingGates: optional(
    list(
      ref<PodSchedulingGate>(() => podSchedulingGate),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  schedulingGroup: optional(ref<PodSchedulingGroup>(() => podSchedulingGroup)),
  priorityClassName: optional(string()),
  priority: optional(int32()),
  preemptionPolicy: optional(oneOf(["PreemptLowerPriority", "Never"])),
  readinessGates: optional(list(ref<PodReadinessGate>(() => podReadinessGate))),
  runtimeClassName: optional(string()),
  os: optional(ref<PodOS>(() => podOS)),
  overhead: optional(map(quantity())),
  resources: optional(ref<ResourceRequirements>(() => resourceRequirements)),
  resourceClaims: optional(
    list(
      ref<PodResourceClaim>(() => podResourceClaim),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  enableServiceLinks: optional(boolean()),
});
export interface PodSpec extends Infer<typeof podSpec> {}
addRules(podSpec, { defaults: serviceAccountNames, validate: podSpecRules });

export const podDNSConfig = object("PodDNSConfig", {
  nameservers: optional(list(string())),
  options: optional(list(ref<PodDNSConfigOption>(() => podDNSConfigOption))),
  searches: optional(list(string())),
});
export interface PodDNSConfig extends Infer<typeof podDNSConfig> {}

export const podDNSConfigOption = object("PodDNSConfigOption", {
  name: optional(string()),
  value: optional(string()),
});
export interface PodDNSConfigOption extends Infer<typeof podDNSConfigOption> {}

export const hostAlias = object("HostAlias", {
  ip: string({ default: "" }),
  hostnames: optional(list(string())),
});
export interface HostAlias extends Infer<typeof hostAlias> {}

export const podOS = object("PodOS", {
  name: oneOf(["linux", "windows"]),
});
export interface PodOS extends Infer<typeof podOS> {}

export const podReadinessGate = object("PodReadinessGate", {
  conditionType: string({ default: "" }),
});
export interface PodReadinessGate extends Infer<typeof podReadinessGate> {}

export const podSchedulingGate = object("PodSchedulingGate", {
  name: string({ default: "" }),
});
export interface PodSchedulingGate extends Infer<typeof podSchedulingGate> {}

export const podSchedulingGroup = object("PodSchedulingGroup", {
  podGroupName: optional(string()),
});
export interface PodSchedulingGroup extends Infer<typeof podSchedulingGroup> {}

export const podResourceClaim = object(
  "PodResourceClaim",
  {
    name: string({ default: "" }),
    resourceClaimName: optional(string()),
    resourceClaimTemplateName: optional(string()),
  },
  { retainKeys: true },
);
export interface PodResourceClaim extends Infer<typeof podResourceClaim> {}
