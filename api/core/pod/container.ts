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
  command: optional(list(string())),
  args: optional(list(string())),
  workingDir: optional(string()),
  ports: optional(
    list(
      ref<ContainerPort>(() => containerPort),
      { mapKeys: ["containerPort", "protocol"], mergeKey: "containerPort" },
    ),
  ),
  env: optional(
    list(
      ref<EnvVar>(() => envVar),
      { mapKeys: ["name"], mergeKey: "name" },
    ),
  ),
  envFrom: optional(list(ref<EnvFromSource>(() => envFromSource))),
  resources: ref<ResourceRequirements>(() => resourceRequirements, { default: {} }),
  resizePolicy: optional(list(ref<ContainerResizePolicy>(() => containerResizePolicy))),
  restartPolicy: optional(oneOf(["Always", "OnFailure", "Never"])),
  restartPolicyRules: optional(list(ref<ContainerRestartRule>(() => containerRestartRule))),
  volumeMounts: optional(
    list(
      ref<VolumeMount>(() => volumeMount),
      { mapKeys: ["mountPath"], mergeKey: "mountPath" },
    ),
  ),
  volumeDevices: optional(
    list(
      ref<VolumeDevice>(() => volumeDevice),
      { mapKeys: ["devicePath"], mergeKey: "devicePath" },
    ),
  ),
  livenessProbe: optional(ref<Probe>(() => probe)),
  readinessProbe: optional(ref<Probe>(() => probe)),
  startupProbe: optional(ref<Probe>(() => probe)),
  lifecycle: optional(ref<Lifecycle>(() => lifecycle)),
  terminationMessagePath: string({ default: "/dev/termination-log" }),
  terminationMessagePolicy: oneOf(["File", "FallbackToLogsOnError"], { default: "File" }),
  imagePullPolicy: optional(oneOf(["Always", "IfNotPresent", "Never"])),
  securityContext: optional(ref<SecurityContext>(() => securityContext)),
  stdin: optional(boolean()),
  stdinOnce: optional(boolean()),
  tty: optional(boolean()),
};

export const container = object("Container", {
  name: string({ nonEmpty: true }),
  image: optional(string()),
  ...shared,
});
export interface Container extends Infer<typeof container> {}
addRules(container, { defaults: pullPolicy, validate: containerRules });

export const ephemeralContainer = object("EphemeralContainer", {
  name: string({ nonEmpty: true }),
  image: optional(string()),
  targetContainerName: optional(string()),
  ...shared,
});
export interface EphemeralContainer extends Infer<typeof ephemeralContainer> {}
addRules(ephemeralContainer, { defaults: pullPolicy, validate: containerRules });

export const containerPort = object("ContainerPort", {
  name: optional(string()),
  containerPort: int32({ min: 1, max: 65535 }),
  hostPort: optional(int32({ omitZero: true, min: 1, max: 65535 })),
  protocol: oneOf(["TCP", "UDP", "SCTP"], { default: "TCP" }),
  hostIP: optional(string()),
});
export interface ContainerPort extends Infer<typeof containerPort> {}

export const volumeMount = object("VolumeMount", {
  name: string({ nonEmpty: true }),
  mountPath: string({ nonEmpty: true }),
  readOnly: optional(boolean()),
  recursiveReadOnly: optional(oneOf(["Disabled", "IfPossible", "Enabled"])),
  subPath: optional(string()),
  subPathExpr: optional(string()),
  mountPropagation: optional(oneOf(["None", "HostToContainer", "Bidirectional"])),
});
export interface VolumeMount extends Infer<typeof volumeMount> {}

export const volumeDevice = object("VolumeDevice", {
  devicePath: string({ nonEmpty: true }),
  name: string({ nonEmpty: true }),
});
export interface VolumeDevice extends Infer<typeof volumeDevice> {}

export const containerRestartRule = object("ContainerRestartRule", {
  action: oneOf(["Restart", "RestartAllContainers"]),
  exitCodes: optional(ref<ContainerRestartRuleOnExitCodes>(() => containerRestartRuleOnExitCodes)),
});
export interface ContainerRestartRule extends Infer<typeof containerRestartRule> {}

export const containerRestartRuleOnExitCodes = object("ContainerRestartRuleOnExitCodes", {
  operator: oneOf(["In", "NotIn"]),
  values: optional(list(int32(), { listType: "set" })),
});
export interface ContainerRestartRuleOnExitCodes extends Infer<typeof containerRestartRuleOnExitCodes> {}
