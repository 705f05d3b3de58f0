import { type ObjectMeta, objectMeta } from "../../apimachinery/meta.js";
import { addRules, type FieldError, object, ref, type Schema } from "../../apimachinery/schema/schema.js";
import { type PodSpec, podSpec } from "../core/pod/spec.js";
import { podSpecRules } from "../core/pod/spec-rules.js";
import type { PodTemplateSpec } from "../core/pod/template.js";
import type { Volume } from "../core/pod/volume.js";

/** The template of pods that get claims of their own: its containers may mount volumes that only those claims bring. */

// The rules between the parts of the pod wait until the claims are known.
const claimingPodSpec: Schema<PodSpec> = { node: { ...podSpec.node } };
addRules(claimingPodSpec, { validate: () => [] });

export const claimingTemplateSpec: Schema<PodTemplateSpec> = object("PodTemplateSpec", {
  metadata: ref<ObjectMeta>(() => objectMeta, { default: {} }),
  spec: ref<PodSpec>(() => claimingPodSpec, { default: {} }),
});

/** The rules of the template's pods, each with its claims in place of volumes of the same name. */
export function claimingTemplateErrors(
  { spec }: PodTemplateSpec,
  claims: readonly { readonly metadata: { readonly name?: string } }[],
): FieldError[] {
  const names = claims.flatMap(({ metadata }) => metadata.name ?? []);
  const claimed = names.map((name): Volume => ({ name, persistentVolumeClaim: { claimName: name } }));
  const others = (spec.volumes ?? []).filter(({ name }) => !names.includes(name));
  return podSpecRules({ ...spec, volumes: [...others, ...claimed] });
}
