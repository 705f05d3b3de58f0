import { type ObjectMeta, objectMeta } from "../../../apimachinery/meta.js";
import { addRules, type Infer, object, ref } from "../../../apimachinery/schema/schema.js";
import { type PodSpec, podSpec } from "./spec.js";

/** What the pods that a controller makes look like. */
export const podTemplateSpec = object("PodTemplateSpec", {
  /** Labels and annotations of the pods. */
  metadata: ref<ObjectMeta>(() => objectMeta, { default: {} }),
  /** What the pods are to be. */
  spec: ref<PodSpec>(() => podSpec, { default: {} }),
});
export interface PodTemplateSpec extends Infer<typeof podTemplateSpec> {}
addRules(podTemplateSpec, { errorOrder: ["metadata", "spec"] });
