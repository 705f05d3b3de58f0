import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { forbidden } from "../../apimachinery/schema/field-error.js";
import { boolean, type FieldError, int32, oneOf, optional, string } from "../../apimachinery/schema/schema.js";

/** A name for how important pods are. */
export const priorityClasses = defineResource({
  group: "scheduling.k8s.io",
  version: "v1",
  kind: "PriorityClass",
  plural: "priorityclasses",
  shortNames: ["pc"],
  scope: "Cluster",
  fields: {
    /** Higher goes first. */
    value: int32({ default: 0 }),
    /** For pods that name no class. */
    globalDefault: optional(boolean()),
    /** When to use the class, for people. */
    description: optional(string()),
    /** Whether waiting pods may push out pods of less priority: PreemptLowerPriority (the default) or Never. */
    preemptionPolicy: oneOf(["PreemptLowerPriority", "Never"], { default: "PreemptLowerPriority" }),
  },
  validate: ({ metadata, value, preemptionPolicy }, old) =>
    old
      ? [
          ...(value === old.value ? [] : [forbidden("value", "may not be changed in an update.")]),
          ...(preemptionPolicy === old.preemptionPolicy
            ? []
            : [forbidden("preemptionPolicy", "may not be changed in an update.")]),
        ]
      : valueErrors(metadata.name, value),
  columns: [
    nameColumn,
    { name: "Value", cell: ({ value }) => value },
    { name: "Global-Default", cell: ({ globalDefault = false }) => String(globalDefault) },
    ageColumn,
    { name: "PreemptionPolicy", cell: ({ preemptionPolicy }) => preemptionPolicy },
  ],
});
export interface PriorityClass extends ObjectOf<typeof priorityClasses> {}

/** From this priority on the cluster cannot do without a pod. */
export const systemCriticalPriority = 2_000_000_000;

/** The classes that every cluster has. */
export const systemPriorities: Readonly<Record<string, number>> = {
  "system-cluster-critical": systemCriticalPriority,
  "system-node-critical": 2_000_001_000,
};
export const maxUserPriority = 1_000_000_000;

function valueErrors(name: string, value: number): FieldError[] {
  if (!name.startsWith("system-"))
    return value > maxUserPriority
      ? [forbidden("value", `maximum allowed value of a user defined priority is ${maxUserPriority}`)]
      : [];
  return Object.hasOwn(systemPriorities, name) && systemPriorities[name] === value
    ? []
    : [
        forbidden(
          "metadata.name",
          `priority class names with 'system-' prefix are reserved for system use only. error: ${systemError(name)}`,
        ),
      ];
}

function systemError(name: string): string {
  return Object.hasOwn(systemPriorities, name)
    ? `value of ${name} PriorityClass must be ${systemPriorities[name]}`
    : `${name} is not a known system priority class`;
}
