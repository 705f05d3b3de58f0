import { defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import {
  addRules,
  type Infer,
  list,
  map,
  object,
  optional,
  quantity,
  ref,
  string,
} from "../../apimachinery/schema/schema.js";
import { createdColumn } from "../created-column.js";
import { limitDefaults, limitRangeRules, limitRules } from "./limit-range-rules.js";

/** The bounds of a namespace. */
export const limitRangeSpec = object("LimitRangeSpec", {
  /** Bounds by type of object; each applies on its own. */
  limits: list(
    ref<LimitRangeItem>(() => limitRangeItem),
    { default: [] },
  ),
});
export interface LimitRangeSpec extends Infer<typeof limitRangeSpec> {}
addRules(limitRangeSpec, { validate: limitRangeRules });

/** Bounds and usual amounts for objects of one type. */
export const limitRangeItem = object("LimitRangeItem", {
  /** What the bounds are for: Container, Pod or PersistentVolumeClaim. */
  type: string({ nonEmpty: true }),
  /** Most that one object may ask for, by resource. */
  max: optional(map(quantity())),
  /** Least that one object must ask for, by resource. */
  min: optional(map(quantity())),
  /** Limits of containers that name none. */
  default: optional(map(quantity())),
  /** Requests of containers that name none. */
  defaultRequest: optional(map(quantity())),
  /** How many times its request a limit may be. */
  maxLimitRequestRatio: optional(map(quantity())),
});
export interface LimitRangeItem extends Infer<typeof limitRangeItem> {}
addRules(limitRangeItem, { defaults: limitDefaults, validate: limitRules });

/** Bounds and usual amounts for what single objects of a namespace ask for. */
export const limitRanges = defineResource({
  group: "",
  version: "v1",
  kind: "LimitRange",
  plural: "limitranges",
  shortNames: ["limits"],
  scope: "Namespaced",
  allowCreateOnUpdate: true,
  spec: limitRangeSpec,
  notBuilt: "effect",
  countsGeneration: false,
  columns: [nameColumn, createdColumn],
});
export interface LimitRange extends ObjectOf<typeof limitRanges> {}
