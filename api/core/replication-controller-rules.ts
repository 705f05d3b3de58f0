import type { ObjectMeta } from "../../apimachinery/meta.js";
import { ageColumn, type Column, nameColumn, type ObjectWith } from "../../apimachinery/resource.js";
import { forbidden, invalid, notSupported, required } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import { under } from "../../apimachinery/schema/validate.js";
import { validateAnnotations, validateLabels } from "../../apimachinery/validate-meta.js";
import { labelText } from "./label-text.js";
import { mountErrors } from "./pod/spec-rules.js";
import type { ReplicationControllerSpec, ReplicationControllerStatus } from "./replication-controller.js";

/** Defaults, rules and columns of replication controllers, whose selector is the labels themselves. */

type Controller = ObjectWith<ReplicationControllerSpec, ReplicationControllerStatus>;

// What says nothing of labels takes those of the template.
export function replicationDefaults({ metadata, spec }: Controller): {
  readonly metadata?: ObjectMeta;
  readonly spec?: ReplicationControllerSpec;
} {
  const labels = spec.template?.metadata.labels;
  if (!labels) return {};
  return {
    ...(Object.keys(metadata.labels ?? {}).length > 0 ? {} : { metadata: { ...metadata, labels } }),
    ...(Object.keys(spec.selector ?? {}).length > 0 ? {} : { spec: { ...spec, selector: labels } }),
  };
}

export function replicationRules({ selector = {}, template }: ReplicationControllerSpec): FieldError[] {
  const errors = validateLabels(selector, "selector");
  if (Object.keys(selector).length === 0) errors.push(required("selector"));
  if (!template) return [...errors, required("template")];
  const { labels = {}, annotations } = template.metadata;
  errors.push(...validateLabels(labels, "template.metadata.labels"));
  errors.push(...under("template.spec", mountErrors(template.spec)));
  errors.push(...validateAnnotations(annotations, "template.metadata.annotations"));
  if (!Object.entries(selector).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value))
    errors.push(invalid("template.metadata.labels", labels, "`selector` does not match template `labels`"));
  const { restartPolicy, activeDeadlineSeconds } = template.spec;
  if (restartPolicy !== "Always") errors.push(notSupported("template.spec.restartPolicy", restartPolicy, ["Always"]));
  if (activeDeadlineSeconds !== undefined)
    errors.push(
      forbidden(
        "template.spec.activeDeadlineSeconds",
        "activeDeadlineSeconds in ReplicationController is not Supported",
      ),
    );
  return errors;
}

export const replicationColumns: readonly Column<Controller>[] = [
  nameColumn,
  { name: "Desired", type: "integer", cell: ({ spec }) => spec.replicas },
  { name: "Current", type: "integer", cell: ({ status }) => status?.replicas ?? 0 },
  { name: "Ready", type: "integer", cell: ({ status }) => status?.readyReplicas ?? 0 },
  ageColumn,
  {
    name: "Containers",
    priority: 1,
    cell: ({ spec }) => spec.template?.spec.containers.map(({ name }) => name).join(","),
  },
  {
    name: "Images",
    priority: 1,
    cell: ({ spec }) => spec.template?.spec.containers.map(({ image = "" }) => image).join(","),
  },
  { name: "Selector", priority: 1, cell: ({ spec }) => labelText(spec.selector) },
];
