import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import { type Infer, int32, object, optional, string } from "../../apimachinery/schema/schema.js";

/** How many replicas are wanted. */
export const scaleSpec = object("ScaleSpec", {
  /** How many pods are wanted; 0 or more. */
  replicas: int32({ default: 0 }),
});
export interface ScaleSpec extends Infer<typeof scaleSpec> {}

/** How many replicas there are. */
export const scaleStatus = object("ScaleStatus", {
  /** How many pods there are. */
  replicas: int32({ default: 0 }),
  /** Which pods these are, as a label selector in text: `app=web,tier in (a,b)`. */
  selector: optional(string()),
});
export interface ScaleStatus extends Infer<typeof scaleStatus> {}

/** The number of replicas of any workload, in one form. */
export const scales = defineResource({
  group: "autoscaling",
  version: "v1",
  kind: "Scale",
  plural: "scales",
  scope: "Namespaced",
  spec: scaleSpec,
  status: scaleStatus,
  virtual: true,
  columns: [
    nameColumn,
    { name: "Desired", type: "integer", cell: ({ spec }) => spec.replicas },
    { name: "Available", type: "integer", cell: ({ status }) => status?.replicas ?? 0 },
    ageColumn,
  ],
});
export interface Scale extends ObjectOf<typeof scales> {}
