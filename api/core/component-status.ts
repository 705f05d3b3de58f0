import { defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { type Infer, list, object, optional, ref, string } from "../../apimachinery/schema/schema.js";

/** Whether a component is well. */
export const componentCondition = object("ComponentCondition", {
  /** `Healthy`. */
  type: string({ nonEmpty: true }),
  /** True where the component is well, else False or Unknown. */
  status: string({ nonEmpty: true }),
  /** What the component answered. */
  message: optional(string()),
  /** What went wrong on asking. */
  error: optional(string()),
});
export interface ComponentCondition extends Infer<typeof componentCondition> {}

/** Whether the store and the control plane's components are well; computed when it is asked for. */
export const componentStatuses = defineResource({
  group: "",
  version: "v1",
  kind: "ComponentStatus",
  plural: "componentstatuses",
  shortNames: ["cs"],
  scope: "Cluster",
  fields: {
    /** Outcome of the last look; type `Healthy` only. */
    conditions: optional(
      list(
        ref<ComponentCondition>(() => componentCondition),
        { mapKeys: ["type"], mergeKey: "type" },
      ),
    ),
  },
  verbs: ["get", "list"],
  virtual: true,
  deprecated: "v1 ComponentStatus is deprecated in v1.19+",
  columns: [
    nameColumn,
    { name: "Status", cell: ({ conditions }) => healthOf(conditions) },
    { name: "Message", cell: ({ conditions }) => health(conditions)?.message ?? "" },
    { name: "Error", cell: ({ conditions }) => health(conditions)?.error ?? "" },
  ],
});
export interface ComponentStatus extends ObjectOf<typeof componentStatuses> {}

const health = (conditions: readonly ComponentCondition[] = []): ComponentCondition | undefined =>
  conditions.find(({ type }) => type === "Healthy");

function healthOf(conditions: readonly ComponentCondition[] | undefined): string {
  const { status } = health(conditions) ?? {};
  if (status === "True") return "Healthy";
  return status === "False" ? "Unhealthy" : "Unknown";
}
