import { type ObjectMeta, objectMeta } from "../../../apimachinery/meta.js";
import { type Infer, object, optional, ref } from "../../../apimachinery/schema/schema.js";
import { type PodSpec, podSpec } from "./spec.js";

export const podTemplateSpec = object("PodTemplateSpec", {
  metadata: optional(ref<ObjectMeta>(() => objectMeta)),
  spec: optional(ref<PodSpec>(() => podSpec)),
});
export interface PodTemplateSpec extends Infer<typeof podTemplateSpec> {}
