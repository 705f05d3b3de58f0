import { type LabelSelector, labelSelector } from "../../apimachinery/label-selector.js";
import { wasMissing } from "../../apimachinery/schema/completed.js";
import { forbidden, invalid, notSupported } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import { under, validateSchema } from "../../apimachinery/schema/validate.js";
import { matcherOf } from "../../apimachinery/selector/label.js";
import { validateAnnotations, validateLabels } from "../../apimachinery/validate-meta.js";
import { mountErrors } from "../core/pod/spec-rules.js";
import type { PodTemplateSpec } from "../core/pod/template.js";

/** What holds between a workload that keeps pods running, its selector and its template. Paths are relative to its spec. */
export function templateErrors(
  kind: string,
  { selector, template }: { readonly selector: LabelSelector; readonly template: PodTemplateSpec },
  /** How the kind is called where a field of the template has no place. */
  called = "ReplicaSet",
  /** Claims that each of the pods gets besides its volumes. */
  claimNames: readonly string[] = [],
): FieldError[] {
  const { labels, annotations } = template.metadata;
  const errors = [
    ...validateLabels(labels, "template.metadata.labels"),
    ...validateAnnotations(annotations, "template.metadata.annotations"),
    ...selectorErrors(kind, selector),
  ];
  // A selector that is wrong in itself cannot be matched against anything; one that is missing matches nothing.
  const sound = validateSchema(labelSelector, selector).length === 0;
  if (!sound) errors.push(invalid("selector", selector, "invalid label selector"));
  else if (wasMissing(selector) || !matcherOf(selector).matches(labels))
    errors.push(invalid("template.metadata.labels", labels ?? {}, "`selector` does not match template `labels`"));
  const { restartPolicy, activeDeadlineSeconds, ephemeralContainers = [] } = template.spec;
  if (restartPolicy !== "Always") errors.push(notSupported("template.spec.restartPolicy", restartPolicy, ["Always"]));
  if (activeDeadlineSeconds !== undefined)
    errors.push(
      forbidden("template.spec.activeDeadlineSeconds", `activeDeadlineSeconds in ${called} is not Supported`),
    );
  if (ephemeralContainers.length > 0)
    errors.push(forbidden("template.spec.ephemeralContainers", "ephemeral containers not allowed in pod template"));
  return [...errors, ...under("template.spec", mountErrors(template.spec, claimNames))];
}

// An empty selector would claim every pod of the namespace.
function selectorErrors(kind: string, { matchLabels = {}, matchExpressions = [] }: LabelSelector): FieldError[] {
  return Object.keys(matchLabels).length + matchExpressions.length === 0
    ? [invalid("selector", {}, `empty selector is invalid for ${kind}`)]
    : [];
}
