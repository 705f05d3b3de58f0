import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import {
  boolean,
  type Infer,
  int64,
  list,
  object,
  oneOf,
  optional,
  ref,
  string,
} from "../../apimachinery/schema/schema.js";
import { csiDriverColumns } from "./columns.js";

/** What a storage driver needs and can do. */
export const csiDriverSpec = object("CSIDriverSpec", {
  /** Whether volumes are attached to a node before they are mounted; true by default, never changes. */
  attachRequired: boolean({ default: true }),
  /** Whether a pod's fsGroup owns the files: File, None or ReadWriteOnceWithFSType (the default). */
  fsGroupPolicy: oneOf(["File", "None", "ReadWriteOnceWithFSType"], { default: "ReadWriteOnceWithFSType" }),
  /** Seconds between updates of how many volumes each node takes, 10 at least; absent means no updates. */
  nodeAllocatableUpdatePeriodSeconds: optional(int64({ min: 10 })),
  /** Whether the driver is told at mount for which pod it is; false by default. */
  podInfoOnMount: boolean({ default: false }),
  /** Whether pods with such volumes stay away from nodes where the driver is not registered. */
  preventPodSchedulingIfMissing: optional(boolean()),
  /** Whether the driver is called again and again for mounted volumes, to renew what they hold; false by default. */
  requiresRepublish: boolean({ default: false }),
  /** Whether volumes can be mounted with an SELinux label of the pod's own; false by default. */
  seLinuxMount: boolean({ default: false }),
  /** Whether tokens are handed over among the secrets instead of the volume's context. */
  serviceAccountTokenInSecrets: optional(boolean()),
  /** Whether the driver reports free capacity, which the scheduler then heeds; false by default. */
  storageCapacity: boolean({ default: false }),
  /** Tokens of the pod's service account that the driver gets at mount; each audience once. */
  tokenRequests: optional(list(ref<TokenRequest>(() => tokenRequest))),
  /** Persistent (the default): claims and volumes; Ephemeral: volumes written into a pod. */
  volumeLifecycleModes: list(oneOf(["Ephemeral", "Persistent"]), { listType: "set", default: ["Persistent"] }),
});
export interface CSIDriverSpec extends Infer<typeof csiDriverSpec> {}

/** Asks for a token. */
export const tokenRequest = object("TokenRequest", {
  /** For whom the token is made; empty means the API server. */
  audience: string({ default: "", keepEmpty: true }),
  /** How long the token is good for. */
  expirationSeconds: optional(int64()),
});
export interface TokenRequest extends Infer<typeof tokenRequest> {}

/** What a storage driver needs and can do. */
export const csiDrivers = defineResource({
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSIDriver",
  plural: "csidrivers",
  scope: "Cluster",
  allowUnconditionalUpdate: false,
  spec: csiDriverSpec,
  notBuilt: "effect",
  countsGeneration: true,
  immutable: ["spec.attachRequired", "spec.volumeLifecycleModes"],
  columns: csiDriverColumns,
});
export interface CSIDriver extends ObjectOf<typeof csiDrivers> {}
