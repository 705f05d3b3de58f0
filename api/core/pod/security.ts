import {
  addRules,
  boolean,
  type Infer,
  int64,
  list,
  object,
  oneOf,
  optional,
  ref,
  string,
} from "../../../apimachinery/schema/schema.js";
import { appArmorRules, podSecurityContextRules, seccompRules, securityContextRules } from "./security-rules.js";

/** Identity and privileges of all of a pod's containers, unless they say otherwise. */
export const podSecurityContext = object("PodSecurityContext", {
  /** The user that runs the programs. */
  runAsUser: optional(int64()),
  /** The group that runs the programs. */
  runAsGroup: optional(int64()),
  /** A container that would run as user 0 is not started. */
  runAsNonRoot: optional(boolean()),
  /** Group that owns the files of volumes. */
  fsGroup: optional(int64()),
  /** When files of volumes are given to the group. */
  fsGroupChangePolicy: optional(oneOf(["OnRootMismatch", "Always"])),
  /** Further groups of the programs. */
  supplementalGroups: optional(list(int64())),
  /** Merge (the default) adds the image's own groups of the user; Strict takes only those named here. */
  supplementalGroupsPolicy: optional(oneOf(["Merge", "Strict"])),
  /** AppArmor profile of the processes; `RuntimeDefault` is the usual one. */
  appArmorProfile: optional(ref<AppArmorProfile>(() => appArmorProfile)),
  /** Recursive relabels every file of a volume; MountOption (the default where supported) labels the mount at once. */
  seLinuxChangePolicy: optional(oneOf(["Recursive", "MountOption"])),
  /** Given to all processes and their volumes; the runtime picks one where absent. */
  seLinuxOptions: optional(ref<SELinuxOptions>(() => seLinuxOptions)),
  /** Filter on the processes' system calls, unless a container has its own. */
  seccompProfile: optional(ref<SeccompProfile>(() => seccompProfile)),
  /** Settings of the kernel for the pod. */
  sysctls: optional(list(ref<Sysctl>(() => sysctl))),
  /** Settings for Windows; refused where `os.name` is `linux`. */
  windowsOptions: optional(ref<WindowsSecurityContextOptions>(() => windowsSecurityContextOptions)),
});
export interface PodSecurityContext extends Infer<typeof podSecurityContext> {}
addRules(podSecurityContext, { validate: podSecurityContextRules });

/** Identity and privileges of one container. */
export const securityContext = object("SecurityContext", {
  /** The user that runs the program. */
  runAsUser: optional(int64()),
  /** The group that runs the program. */
  runAsGroup: optional(int64()),
  /** A container that would run as user 0 is not started. */
  runAsNonRoot: optional(boolean()),
  /** Has all rights of the node's root. */
  privileged: optional(boolean()),
  /** Whether programs may gain more rights than their parent has. */
  allowPrivilegeEscalation: optional(boolean()),
  /** Keeps the container from writing outside its volumes. */
  readOnlyRootFilesystem: optional(boolean()),
  /** Rights of root that are added and taken away. */
  capabilities: optional(ref<Capabilities>(() => capabilities)),
  /** AppArmor profile of the processes; `RuntimeDefault` is the usual one. */
  appArmorProfile: optional(ref<AppArmorProfile>(() => appArmorProfile)),
  /** Default masks the sensitive parts of /proc; Unmasked shows them and needs `hostUsers: false`. */
  procMount: optional(oneOf(["Default", "Unmasked"])),
  /** Given to all processes and their volumes; the runtime picks one where absent. */
  seLinuxOptions: optional(ref<SELinuxOptions>(() => seLinuxOptions)),
  /** Filter on the process's system calls; the pod's where absent. A privileged container has none. */
  seccompProfile: optional(ref<SeccompProfile>(() => seccompProfile)),
  /** Settings for Windows; refused where `os.name` is `linux`. */
  windowsOptions: optional(ref<WindowsSecurityContextOptions>(() => windowsSecurityContextOptions)),
});
export interface SecurityContext extends Infer<typeof securityContext> {}
addRules(securityContext, { validate: securityContextRules });

/** Linux capabilities that a container gets beyond, or loses from, the runtime's defaults. */
export const capabilities = object("Capabilities", {
  /** Rights that the runtime would not give. */
  add: optional(list(string())),
  /** Rights that the runtime would give. */
  drop: optional(list(string())),
});
export interface Capabilities extends Infer<typeof capabilities> {}

/** Which system calls are let through. */
export const seccompProfile = object("SeccompProfile", {
  /** RuntimeDefault, Unconfined (no filter), or Localhost (a file on the node). */
  type: oneOf(["RuntimeDefault", "Unconfined", "Localhost"]),
  /** File below the agent's seccomp folder. */
  localhostProfile: optional(string()),
});
export interface SeccompProfile extends Infer<typeof seccompProfile> {}
addRules(seccompProfile, { validate: seccompRules });

/** Which AppArmor profile confines a process. */
export const appArmorProfile = object("AppArmorProfile", {
  /** RuntimeDefault, Unconfined, or Localhost (a profile loaded on the node). */
  type: oneOf(["RuntimeDefault", "Unconfined", "Localhost"]),
  /** Name of a profile loaded on the node; with type Localhost only. */
  localhostProfile: optional(string()),
});
export interface AppArmorProfile extends Infer<typeof appArmorProfile> {}
addRules(appArmorProfile, { validate: appArmorRules });

/** The SELinux label of a process. */
export const seLinuxOptions = object("SELinuxOptions", {
  /** Level part of the label, such as `s0:c1,c2`. */
  level: optional(string()),
  /** Role part of the label. */
  role: optional(string()),
  /** Type part of the label. */
  type: optional(string()),
  /** User part of the label. */
  user: optional(string()),
});
export interface SELinuxOptions extends Infer<typeof seLinuxOptions> {}

/** What applies to containers on Windows only. */
export const windowsSecurityContextOptions = object("WindowsSecurityContextOptions", {
  /** Text of the GMSA credential spec; filled in by a webhook from `gmsaCredentialSpecName`. */
  gmsaCredentialSpec: optional(string()),
  /** Name of the GMSA credential spec to use. */
  gmsaCredentialSpecName: optional(string()),
  /**
   * True runs the container as a process of the host; all containers of a pod must agree, and `hostNetwork` be true.
   */
  hostProcess: optional(boolean()),
  /** Windows user that runs the entrypoint; the image's where absent. */
  runAsUserName: optional(string()),
});
export interface WindowsSecurityContextOptions extends Infer<typeof windowsSecurityContextOptions> {}

/** A kernel parameter of the pod's namespaces. */
export const sysctl = object("Sysctl", {
  /** Kernel parameter, such as `net.core.somaxconn`. */
  name: string({ nonEmpty: true }),
  /** What it is set to. */
  value: string({ default: "" }),
});
export interface Sysctl extends Infer<typeof sysctl> {}
