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
  /** Volumes are attached to a node before they are mounted. */
  attachRequired: boolean({ default: true }),
  fsGroupPolicy: oneOf(["File", "None", "ReadWriteOnceWithFSType"], { default: "ReadWriteOnceWithFSType" }),
  nodeAllocatableUpdatePeriodSeconds: optional(int64({ min: 10 })),
  /** The driver is told which pod it mounts for. */
  podInfoOnMount: boolean({ default: false }),
  preventPodSchedulingIfMissing: optional(boolean()),
  requiresRepublish: boolean({ default: false }),
  seLinuxMount: boolean({ default: false }),
  serviceAccountTokenInSecrets: optional(boolean()),
  storageCapacity: boolean({ default: false }),
  tokenRequests: optional(list(ref<TokenRequest>(() => tokenRequest))),
  volumeLifecycleModes: list(oneOf(["Ephemeral", "Persistent"]), { listType: "set", default: ["Persistent"] }),
});
export interface CSIDriverSpec extends Infer<typeof csiDriverSpec> {}

/** Asks for a token. */
export const tokenRequest = object("TokenRequest", {
  audience: string({ default: "", keepEmpty: true }),
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
