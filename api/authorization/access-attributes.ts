import { type LabelSelectorRequirement, labelSelectorRequirement } from "../../apimachinery/label-selector.js";
import { type Infer, list, object, optional, ref, string } from "../../apimachinery/schema/schema.js";

/** What is asked about: an action on a resource. */
export const resourceAttributes = object("ResourceAttributes", {
  /** Namespace of the object; empty means all namespaces, or a cluster-wide object. */
  namespace: optional(string()),
  /** What is to be done: `get`, `create`; `*` means everything. */
  verb: optional(string()),
  /** Group of the resource; empty means the core group, `*` all. */
  group: optional(string()),
  /** Version of the group; `*` means all. */
  version: optional(string()),
  /** The resource, in lower-case plural; `*` means all. */
  resource: optional(string()),
  /** The subresource; empty means the object itself. */
  subresource: optional(string()),
  /** Name of the object; empty means all. */
  name: optional(string()),
  /** Only objects with these values of fields, for lists and watches. */
  fieldSelector: optional(ref<FieldSelectorAttributes>(() => fieldSelectorAttributes)),
  /** Only objects with these labels, for lists and watches. */
  labelSelector: optional(ref<LabelSelectorAttributes>(() => labelSelectorAttributes)),
});
export interface ResourceAttributes extends Infer<typeof resourceAttributes> {}

/** What is asked about: an action on a path that is no resource. */
export const nonResourceAttributes = object("NonResourceAttributes", {
  /** Path of the request: `/healthz`. */
  path: optional(string()),
  /** Method in lower case: `get`. */
  verb: optional(string()),
});
export interface NonResourceAttributes extends Infer<typeof nonResourceAttributes> {}

/** The field selector of the request that is asked about. */
export const fieldSelectorAttributes = object("FieldSelectorAttributes", {
  /** The selector as in a query: `spec.nodeName=a`; instead of `requirements`. */
  rawSelector: optional(string()),
  /** All of these hold; instead of `rawSelector`. */
  requirements: optional(list(ref<FieldSelectorRequirement>(() => fieldSelectorRequirement))),
});
export interface FieldSelectorAttributes extends Infer<typeof fieldSelectorAttributes> {}

/** One condition of a field selector. */
export const fieldSelectorRequirement = object("FieldSelectorRequirement", {
  /** Path of the field. */
  key: string({ default: "" }),
  /** In, NotIn, Exists or DoesNotExist. */
  operator: string({ default: "" }),
  /** One or more for In and NotIn, none for the others. */
  values: optional(list(string())),
});
export interface FieldSelectorRequirement extends Infer<typeof fieldSelectorRequirement> {}

/** The label selector of the request that is asked about. */
export const labelSelectorAttributes = object("LabelSelectorAttributes", {
  /** The selector as in a query: `app=web`; instead of `requirements`. */
  rawSelector: optional(string()),
  /** All of these hold; instead of `rawSelector`. */
  requirements: optional(list(ref<LabelSelectorRequirement>(() => labelSelectorRequirement))),
});
export interface LabelSelectorAttributes extends Infer<typeof labelSelectorAttributes> {}
