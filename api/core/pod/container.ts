import {
  addRules,
  boolean,
  type Infer,
  int32,
  list,
  object,
  oneOf,
  optional,
  ref,
  string,
} from "../../../apimachinery/schema/schema.js";
import { containerRules, pullPolicy } from "./container-rules.js";
import { type EnvFromSource, type EnvVar, envFromSource, envVar } from "./env.js";
import { ephemeralContainerRules } from "./ephemeral-rules.js";
import { type Lifecycle, lifecycle, type Probe, probe } from "./probe.js";
import {
  type ContainerResizePolicy,
  containerResizePolicy,
  type ResourceRequirements,
  resourceRequirements,
} from "./resources.js";
import { type SecurityContext, securityContext } from "./security.js";

/** What containers of every sort have in common. */
const shared = {
  /** Instead of the image's entrypoint; `$(NAME)` stands for a variable. */
  command: optional(list(string())),
  /** Instead of the image's command; `$(NAME)` stands for a variable. */
  args: optional(list(string())),
  /** Folder in which the program starts; the image's where absent. */
  workingDir: optional(string()),
  /** For information and for named references; ports not listed are open as well. */
  ports: optional(
    list(
      ref<ContainerPort>(() => containerPort),
      { mapKeys: ["containerPort", "protocol"], mergeKey: "containerPort" },
    ),
  ),
  /** Environment variables; of two with one name the later wins, and all win over `envFrom`. */
  env: optional(
    list(
      ref<EnvVar>(() => envVar),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  /** Whole ConfigMaps and Secrets as environment variables. */
  envFrom: optional(list(ref<EnvFromSource>(() => envFromSource))),
  /** Requests are kept free on the node by the scheduler, limits are enforced while the container runs. */
  resources: ref<ResourceRequirements>(() => resourceRequirements, { default: {} }),
  /** For each resource, whether changing it restarts the container; NotRequired where it is not listed. */
  resizePolicy: optional(list(ref<ContainerResizePolicy>(() => containerResizePolicy))),
  /** Absent means the pod's; `Always` makes an init container a sidecar. */
  restartPolicy: optional(oneOf(["Always", "OnFailure", "Never"])),
  /** Tried in order when the container ends; the first that fits decides. */
  restartPolicyRules: optional(list(ref<ContainerRestartRule>(() => containerRestartRule))),
  /** Where volumes of the pod appear. */
  volumeMounts: optional(
    list(
      ref<VolumeMount>(() => volumeMount),
      { mapKeys: ["mountPath"], mergeKey: "mountPath" },
    ),
  ),
  /** Where block devices of the pod appear. */
  volumeDevices: optional(
    list(
      ref<VolumeDevice>(() => volumeDevice),
      { mapKeys: ["devicePath"], mergeKey: "devicePath" },
    ),
  ),
  /** Asked all the time; when it fails too often, the container is restarted. */
  livenessProbe: optional(ref<Probe>(() => probe)),
  /** Asked all the time; while it fails, services send the pod no traffic. */
  readinessProbe: optional(ref<Probe>(() => probe)),
  /** Asked first; the other probes wait until it succeeds, and its failure restarts the container. */
  startupProbe: optional(ref<Probe>(() => probe)),
  /** Actions to run just after the start and before the stop. */
  lifecycle: optional(ref<Lifecycle>(() => lifecycle)),
  /**
   * File in the container whose content becomes the message of its end, up to 4096 bytes; `/dev/termination-log` where
   * nothing is said.
   */
  terminationMessagePath: string({ default: "/dev/termination-log" }),
  /**
   * File (the default) takes that file only; FallbackToLogsOnError the end of the log when a failed container left it
   * empty.
   */
  terminationMessagePolicy: oneOf(["File", "FallbackToLogsOnError"], { default: "File" }),
  /** Always, IfNotPresent or Never; where absent, Always for the tag `latest` or none, else IfNotPresent. */
  imagePullPolicy: optional(oneOf(["Always", "IfNotPresent", "Never"])),
  /** Settings of this container; they win over the pod's where both say something. */
  securityContext: optional(ref<SecurityContext>(() => securityContext)),
  /** True keeps standard input open, for `attach`; else reading it meets the end at once. */
  stdin: optional(boolean()),
  /** True closes standard input when the first attached client leaves; with `stdin` only. */
  stdinOnce: optional(boolean()),
  /** True gives the container a terminal; needs `stdin` for typing. */
  tty: optional(boolean()),
};

const errorOrder = [
  "name",
  "image",
  "terminationMessagePolicy",
  "ports",
  "env",
  "envFrom",
  "volumeMounts",
  "volumeDevices",
  "imagePullPolicy",
  "resources",
  "resizePolicy",
  "securityContext",
  "lifecycle",
  "livenessProbe",
  "readinessProbe",
  "startupProbe",
] as const;

/** One program of a pod. */
export const container = object("Container", {
  /** DNS label that no other container of the pod has; fixed. */
  name: string({ nonEmpty: true }),
  /** Image to run, as `registry/name:tag` or by digest; may change while the pod runs, which restarts the container. */
  image: optional(string()),
  ...shared,
});
export interface Container extends Infer<typeof container> {}
addRules(container, { defaults: pullPolicy, validate: containerRules, errorOrder });

/** A container put into a running pod to look at it; never started again. */
export const ephemeralContainer = object("EphemeralContainer", {
  /** Unique among all containers of the pod. */
  name: string({ nonEmpty: true }),
  /** Image to run, as for other containers. */
  image: optional(string()),
  /** The container whose processes it sees. */
  targetContainerName: optional(string()),
  ...shared,
});
export interface EphemeralContainer extends Infer<typeof ephemeralContainer> {}
addRules(ephemeralContainer, { defaults: pullPolicy, validate: ephemeralContainerRules, errorOrder });

/** A port that a container listens on. */
export const containerPort = object("ContainerPort", {
  /** Name by which services and probes refer to the port; at most 15 characters, unique in the pod. */
  name: optional(string()),
  /** Port on the pod's address, 1 to 65535. */
  containerPort: int32({ min: 1, max: 65535 }),
  /** Port of the node that leads here, 1 to 65535; only one pod on a node can have it. */
  hostPort: optional(int32({ omitZero: true, min: 1, max: 65535 })),
  /** TCP (the default), UDP or SCTP. */
  protocol: oneOf(["TCP", "UDP", "SCTP"], { default: "TCP" }),
  /** The address of the node on which the host port is taken. */
  hostIP: optional(string()),
});
export interface ContainerPort extends Infer<typeof containerPort> {}

/** Where a container sees a volume of its pod. */
export const volumeMount = object("VolumeMount", {
  /** Which volume of the pod. */
  name: string({ nonEmpty: true }),
  /** Where it appears in the container. */
  mountPath: string({ nonEmpty: true }),
  /** Keeps the container from writing to it. */
  readOnly: optional(boolean()),
  /** Whether mounts below this one are read-only as well. */
  recursiveReadOnly: optional(oneOf(["Disabled", "IfPossible", "Enabled"])),
  /** A path within the volume, in place of its root. */
  subPath: optional(string()),
  /** A `subPath` with `$(NAME)` for variables. */
  subPathExpr: optional(string()),
  /** Whether mounts made later on one side appear on the other. */
  mountPropagation: optional(oneOf(["None", "HostToContainer", "Bidirectional"])),
});
export interface VolumeMount extends Infer<typeof volumeMount> {}

/** Where a container sees a volume as a raw block device. */
export const volumeDevice = object("VolumeDevice", {
  /** Path in the container at which the device appears. */
  devicePath: string({ nonEmpty: true }),
  /** Volume of the pod; its claim's `volumeMode` must be Block. */
  name: string({ nonEmpty: true }),
});
export interface VolumeDevice extends Infer<typeof volumeDevice> {}

/** What to do when a container ends in a certain way. */
export const containerRestartRule = object("ContainerRestartRule", {
  /** Restart starts this container again; RestartAllContainers all of the pod. */
  action: oneOf(["Restart", "RestartAllContainers"]),
  /** Exit codes for which the rule applies. */
  exitCodes: optional(ref<ContainerRestartRuleOnExitCodes>(() => containerRestartRuleOnExitCodes)),
});
export interface ContainerRestartRule extends Infer<typeof containerRestartRule> {}

/** The exit codes that a restart rule is about. */
export const containerRestartRuleOnExitCodes = object("ContainerRestartRuleOnExitCodes", {
  /** In: the code is among the values. NotIn: it is not. */
  operator: oneOf(["In", "NotIn"]),
  /** Exit codes to compare with; at most 255. */
  values: optional(list(int32(), { listType: "set" })),
});
export interface ContainerRestartRuleOnExitCodes extends Infer<typeof containerRestartRuleOnExitCodes> {}
