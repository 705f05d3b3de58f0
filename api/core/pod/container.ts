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
  /** Absent means the image's. */
  workingDir: optional(string()),
  /** For information and for named references; ports not listed are open as well. */
  ports: optional(
    list(
      ref<ContainerPort>(() => containerPort),
      { mapKeys: ["containerPort", "protocol"], mergeKey: "containerPort" },
    ),
  ),
  /** Later entries win over earlier ones, and over `envFrom`. */
  env: optional(
    list(
      ref<EnvVar>(() => envVar),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  /** Whole ConfigMaps and Secrets as environment variables. */
  envFrom: optional(list(ref<EnvFromSource>(() => envFromSource))),
  /** How much the container wants and may use. */
  resources: ref<ResourceRequirements>(() => resourceRequirements, { default: {} }),
  /** Which resources are changed without a restart. */
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
  /** Failing it restarts the container. */
  livenessProbe: optional(ref<Probe>(() => probe)),
  /** Failing it keeps traffic away. */
  readinessProbe: optional(ref<Probe>(() => probe)),
  /** Until it succeeds, the other probes wait. */
  startupProbe: optional(ref<Probe>(() => probe)),
  /** What is done after its start and before its end. */
  lifecycle: optional(ref<Lifecycle>(() => lifecycle)),
  /** File whose content becomes the message of the container's end. */
  terminationMessagePath: string({ default: "/dev/termination-log" }),
  /** Where the last words come from: a file, or else the log. */
  terminationMessagePolicy: oneOf(["File", "FallbackToLogsOnError"], { default: "File" }),
  /** Absent: always for images that may change under their name. */
  imagePullPolicy: optional(oneOf(["Always", "IfNotPresent", "Never"])),
  /** Rights and user of the container. */
  securityContext: optional(ref<SecurityContext>(() => securityContext)),
  /** Keeps an input open to attach to. */
  stdin: optional(boolean()),
  /** Standard input closes after the first client has gone. */
  stdinOnce: optional(boolean()),
  /** Gives the container a terminal. */
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
  /** Unique within the pod. */
  name: string({ nonEmpty: true }),
  /** What the container is made of. */
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
  /** By which services and probes call it. */
  name: optional(string()),
  /** The port on the address of the pod. */
  containerPort: int32({ min: 1, max: 65535 }),
  /** The same port on the node; one pod a node can have it. */
  hostPort: optional(int32({ omitZero: true, min: 1, max: 65535 })),
  /** TCP, UDP or SCTP. */
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
