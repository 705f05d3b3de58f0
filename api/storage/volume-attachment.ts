import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import {
  addRules,
  boolean,
  type Infer,
  int32,
  map,
  object,
  optional,
  ref,
  string,
  time,
} from "../../apimachinery/schema/schema.js";
import { type PersistentVolumeSpec, persistentVolumeSpec } from "../core/persistent-volume.js";
import { attachmentSourceRules } from "./rules.js";

/** Which volume is to be attached to which node. */
export const volumeAttachmentSpec = object("VolumeAttachmentSpec", {
  /** Name of the driver that does it. */
  attacher: string({ nonEmpty: true }),
  /** Name of the node. */
  nodeName: string({ nonEmpty: true }),
  /** Either the name of a persistent volume or a volume in full; never changes. */
  source: ref<VolumeAttachmentSource>(() => volumeAttachmentSource, { default: {} }),
});
export interface VolumeAttachmentSpec extends Infer<typeof volumeAttachmentSpec> {}

/** The volume that is to be attached. */
export const volumeAttachmentSource = object("VolumeAttachmentSource", {
  /** The volume itself, where no object stands for it; instead of `persistentVolumeName`. */
  inlineVolumeSpec: optional(ref<PersistentVolumeSpec>(() => persistentVolumeSpec)),
  /** Name of the persistent volume; instead of `inlineVolumeSpec`. */
  persistentVolumeName: optional(string()),
});
export interface VolumeAttachmentSource extends Infer<typeof volumeAttachmentSource> {}
addRules(volumeAttachmentSource, { validate: attachmentSourceRules });

/** Whether the volume is attached. */
export const volumeAttachmentStatus = object("VolumeAttachmentStatus", {
  /** Why the last attempt to attach failed; gone after success. */
  attachError: optional(ref<VolumeError>(() => volumeError)),
  /** Whether the volume is attached; only the attacher writes it. */
  attached: boolean({ default: false }),
  /** What the driver said on attaching, to be handed on at mount. */
  attachmentMetadata: optional(map(string())),
  /** Why the last attempt to detach failed. */
  detachError: optional(ref<VolumeError>(() => volumeError)),
});
export interface VolumeAttachmentStatus extends Infer<typeof volumeAttachmentStatus> {}

/** Why attaching or detaching failed. */
export const volumeError = object("VolumeError", {
  /** Number of the gRPC status that the driver answered with. */
  errorCode: optional(int32()),
  /** What went wrong; never holds secrets. */
  message: optional(string()),
  /** When it went wrong. */
  time: optional(time()),
});
export interface VolumeError extends Infer<typeof volumeError> {}

/** Asks for a volume to be attached to a node, and says whether it is. */
export const volumeAttachments = defineResource({
  group: "storage.k8s.io",
  version: "v1",
  kind: "VolumeAttachment",
  plural: "volumeattachments",
  scope: "Cluster",
  allowUnconditionalUpdate: false,
  spec: volumeAttachmentSpec,
  status: volumeAttachmentStatus,
  subresources: { status: true },
  notBuilt: "effect",
  countsGeneration: false,
  immutable: ["spec"],
  prepare: (attachment, old) => (old ? attachment : { ...attachment, status: { attached: false } }),
  columns: [
    nameColumn,
    { name: "Attacher", cell: ({ spec }) => spec.attacher },
    { name: "PV", cell: ({ spec }) => spec.source.persistentVolumeName ?? "" },
    { name: "Node", cell: ({ spec }) => spec.nodeName },
    { name: "Attached", type: "boolean", cell: ({ status }) => status?.attached ?? false },
    ageColumn,
  ],
});
export interface VolumeAttachment extends ObjectOf<typeof volumeAttachments> {}
