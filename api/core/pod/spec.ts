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

/** What is to run, where, and under which conditions. */
export const podSpec = object("PodSpec", {
  /** Programs that run side by side in the pod, at least one; fixed but for images and resources. */
  containers: list(
    ref<Container>(() => container),
    { mapKeys: ["name"], mergeKey: "name", default: [], nonEmpty: true },
  ),
  /** Run one after another before the others start; those that restart always keep running beside them. */
  initContainers: optional(
    list(
      ref<Container>(() => container),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  /** Put in later, through their own subresource. */
  ephemeralContainers: optional(
    list(
      ref<EphemeralContainer>(() => ephemeralContainer),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  /** Directories and devices that containers of the pod may mount, by name. */
  volumes: optional(
    list(
      ref<Volume>(() => volume),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  /** Which ended containers are started again: Always (the default) all, OnFailure those that failed, Never none. */
  restartPolicy: oneOf(["Always", "OnFailure", "Never"], { default: "Always" }),
  /** Seconds between the request to end and the kill; 30 where nothing is said, 0 kills at once. */
  terminationGracePeriodSeconds: int64({ default: 30 }),
  /** Seconds from its start after which the pod is ended and marked Failed; no limit where absent. */
  activeDeadlineSeconds: optional(int64()),
  /**
   * ClusterFirst (the default) asks the cluster's DNS, Default the node's servers, None those of `dnsConfig` only. Pods
   * with the host's network say ClusterFirstWithHostNet.
   */
  dnsPolicy: oneOf(["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"], { default: "ClusterFirst" }),
  /** Name servers, search domains and options beside those of the policy. */
  dnsConfig: optional(ref<PodDNSConfig>(() => podDNSConfig)),
  /** Labels that the node must have. */
  nodeSelector: optional(map(string(), { mapType: "atomic" })),
  /** As whom the pod speaks to the API server; `default` where nothing is said. */
  serviceAccountName: optional(string()),
  /** The older name of `serviceAccountName`. */
  serviceAccount: optional(string()),
  /** False keeps the service account's token out of the containers. */
  automountServiceAccountToken: optional(boolean()),
  /** Where the pod runs; set by the scheduler. */
  nodeName: optional(string()),
  /** True uses the node's network in place of one of its own; ports are then the node's. */
  hostNetwork: optional(boolean()),
  /** True shows containers the node's processes; excludes `shareProcessNamespace`. */
  hostPID: optional(boolean()),
  /** True shares memory and semaphores with the node's processes. */
  hostIPC: optional(boolean()),
  /** False gives the pod a user namespace of its own. */
  hostUsers: optional(boolean()),
  /** True lets containers of the pod see and signal each other's processes. */
  shareProcessNamespace: optional(boolean()),
  /** Rights and users that hold for all containers which do not say otherwise. */
  securityContext: ref<PodSecurityContext>(() => podSecurityContext, { default: {} }),
  /** Secrets of the namespace with logins for image registries. */
  imagePullSecrets: optional(
    list(
      ref<LocalObjectReference>(() => localObjectReference),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  /** The host name within the pod; its name where nothing is said. */
  hostname: optional(string()),
  /** Together with hostname and namespace, the pod's name in DNS. */
  subdomain: optional(string()),
  /**
   * Host name within the pod in place of `hostname` and the pod's name, at most 64 characters; DNS has no record of it.
   */
  hostnameOverride: optional(string()),
  /** True makes the kernel's host name the full domain name, not only its first part; 64 characters at most. */
  setHostnameAsFQDN: optional(boolean()),
  /** Names and addresses added to /etc/hosts of each container. */
  hostAliases: optional(
    list(
      ref<HostAlias>(() => hostAlias),
      { mapKeys: ["ip"], mergeKey: "ip" },
    ),
  ),
  /** Nodes and neighbouring pods that are required, wished for, or shunned. */
  affinity: optional(ref<Affinity>(() => affinity)),
  /** Scheduler that places the pod; `default-scheduler` where nothing is said. */
  schedulerName: string({ default: "default-scheduler" }),
  /** Taints of nodes that do not keep the pod away. */
  tolerations: optional(list(ref<Toleration>(() => toleration))),
  /** Each must hold, or is wished for, when the scheduler chooses a node. */
  topologySpreadConstraints: optional(
    list(
      ref<TopologySpreadConstraint>(() => topologySpreadConstraint),
      { mapKeys: ["topologyKey", "whenUnsatisfiable"], mergeKey: "topologyKey" },
    ),
  ),
  /** While there is one, the pod is not scheduled. */
  schedulingGates: optional(
    list(
      ref<PodSchedulingGate>(() => podSchedulingGate),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  /** Names the group with which this pod is scheduled together. */
  schedulingGroup: optional(ref<PodSchedulingGroup>(() => podSchedulingGroup)),
  /** PriorityClass that gives the pod its priority; the cluster's default class, or 0, where absent. */
  priorityClassName: optional(string()),
  /** Filled in from the class; higher goes first and may displace lower. */
  priority: optional(int32()),
  /** PreemptLowerPriority (the default) may push less important pods off a node, Never waits for room. */
  preemptionPolicy: optional(oneOf(["PreemptLowerPriority", "Never"])),
  /** Further conditions that have to be true before the pod is ready. */
  readinessGates: optional(list(ref<PodReadinessGate>(() => podReadinessGate))),
  /** RuntimeClass that chooses the runtime's handler; the node's default where absent. */
  runtimeClassName: optional(string()),
  /** When set, only fields that this system knows are accepted. */
  os: optional(ref<PodOS>(() => podOS)),
  /** What the runtime class takes beyond the containers; filled in from the class and counted by the scheduler. */
  overhead: optional(map(quantity())),
  /** Requests and limits of the pod as a whole. */
  resources: optional(ref<ResourceRequirements>(() => resourceRequirements)),
  /** Names under which containers refer to ResourceClaims in `resources.claims`. */
  resourceClaims: optional(
    list(
      ref<PodResourceClaim>(() => podResourceClaim),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  /** True (the default) puts address and port of each service of the namespace into the environment. */
  enableServiceLinks: optional(boolean()),
});
export interface PodSpec extends Infer<typeof podSpec> {}
addRules(podSpec, {
  defaults: serviceAccountNames,
  validate: podSpecRules,
  errorOrder: ["volumes", "containers", "initContainers", "ephemeralContainers"],
});

/** Additions to what the pod's DNS policy puts into resolv.conf. */
export const podDNSConfig = object("PodDNSConfig", {
  /** Addresses of name servers, added after the policy's; at most three in all. */
  nameservers: optional(list(string())),
  /** Settings such as `ndots`; one of the same name takes the place of the policy's. */
  options: optional(list(ref<PodDNSConfigOption>(() => podDNSConfigOption))),
  /** Domains tried after short names, added after the policy's; at most 32 in all. */
  searches: optional(list(string())),
});
export interface PodDNSConfig extends Infer<typeof podDNSConfig> {}

/** One resolver option. */
export const podDNSConfigOption = object("PodDNSConfigOption", {
  /** Name of the option, such as `ndots`. */
  name: optional(string()),
  /** Its value; absent for options that have none. */
  value: optional(string()),
});
export interface PodDNSConfigOption extends Infer<typeof podDNSConfigOption> {}

/** A line of the pod's hosts file. */
export const hostAlias = object("HostAlias", {
  /** Address that the names lead to. */
  ip: string({ default: "" }),
  /** Names for the address. */
  hostnames: optional(list(string())),
});
export interface HostAlias extends Infer<typeof hostAlias> {}

/** The operating system that the pod's containers are made for. */
export const podOS = object("PodOS", {
  /** `linux` or `windows`; the other system's security settings are refused. */
  name: oneOf(["linux", "windows"]),
});
export interface PodOS extends Infer<typeof podOS> {}

/** A condition that must be true, besides the containers', for the pod to be ready. */
export const podReadinessGate = object("PodReadinessGate", {
  /** Type of a condition in the pod's status; absent there counts as False. */
  conditionType: string({ default: "" }),
});
export interface PodReadinessGate extends Infer<typeof podReadinessGate> {}

/** Something that must be removed before the pod is scheduled. */
export const podSchedulingGate = object("PodSchedulingGate", {
  /** Qualified name of the gate; whoever put it there takes it away. */
  name: string({ default: "" }),
});
export interface PodSchedulingGate extends Infer<typeof podSchedulingGate> {}

/** The group of pods that are scheduled together. */
export const podSchedulingGroup = object("PodSchedulingGroup", {
  /** PodGroup of the namespace that the pod belongs to. */
  podGroupName: optional(string()),
});
export interface PodSchedulingGroup extends Infer<typeof podSchedulingGroup> {}

/** A claim on devices that the pod's containers may use by name. */
export const podResourceClaim = object(
  "PodResourceClaim",
  {
    /** How containers of the pod refer to it; unique within the pod. */
    name: string({ default: "" }),
    /** An existing ResourceClaim of the namespace; one of the two must be set. */
    resourceClaimName: optional(string()),
    /** Template from which a ResourceClaim is made for this pod, and deleted with it. */
    resourceClaimTemplateName: optional(string()),
  },
  { retainKeys: true },
);
export interface PodResourceClaim extends Infer<typeof podResourceClaim> {}
