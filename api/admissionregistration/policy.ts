import { type LabelSelector, labelSelector } from "../../apimachinery/label-selector.js";
import { addRules, type Infer, list, object, oneOf, optional, ref, string } from "../../apimachinery/schema/schema.js";
import { operationRules } from "./webhook-rules.js";

/** The kind of the objects that parametrise a policy. */
export const paramKind = object(
  "ParamKind",
  {
    /** Kind of the parameters' objects: `ConfigMap`. */
    kind: optional(string()),
    /** Group and version of that kind. */
    apiVersion: optional(string()),
  },
  { mapType: "atomic" },
);
export interface ParamKind extends Infer<typeof paramKind> {}

/** The writes that a policy is about. */
export const matchResources = object(
  "MatchResources",
  {
    /** Requests that fit any of these are left out, whatever `resourceRules` say. */
    excludeResourceRules: optional(list(ref<NamedRuleWithOperations>(() => namedRuleWithOperations))),
    /** Whether the same object in another version counts too (Equivalent, the default) or not (Exact). */
    matchPolicy: oneOf(["Equivalent", "Exact"], { default: "Equivalent" }),
    /** Only objects whose namespace has these labels; empty means all. Cluster-wide objects always fit. */
    namespaceSelector: ref<LabelSelector>(() => labelSelector, { default: {} }),
    /** Only objects with these labels, before or after the change; empty means all. */
    objectSelector: ref<LabelSelector>(() => labelSelector, { default: {} }),
    /** Requests that fit any of these are meant. */
    resourceRules: optional(list(ref<NamedRuleWithOperations>(() => namedRuleWithOperations))),
  },
  { mapType: "atomic" },
);
export interface MatchResources extends Infer<typeof matchResources> {}

/** Writes that are meant: what is done to which resources, by name where wanted. */
export const namedRuleWithOperations = object(
  "NamedRuleWithOperations",
  {
    /** Groups of the resources; an empty string is the core group, `*` alone is all. */
    apiGroups: optional(list(string())),
    /** Versions of the group; `*` alone is all. */
    apiVersions: optional(list(string())),
    /** CREATE, UPDATE, DELETE, CONNECT, or `*` alone for all. */
    operations: optional(list(string())),
    /** Only objects of these names; absent means all. */
    resourceNames: optional(list(string())),
    /** Resources and subresources: `pods`, `pods/log`, `pods/*`; `*` alone is all but subresources. */
    resources: optional(list(string())),
    /** Which objects are meant: Cluster, Namespaced, or `*` (the default) for both. */
    scope: oneOf(["*", "Cluster", "Namespaced"], { default: "*" }),
  },
  { mapType: "atomic" },
);
export interface NamedRuleWithOperations extends Infer<typeof namedRuleWithOperations> {}
addRules(namedRuleWithOperations, { validate: operationRules });

/** A name for an expression. */
export const variable = object(
  "Variable",
  {
    /** Name under `variables`; a CEL identifier. */
    name: string({ nonEmpty: true }),
    /** A CEL expression; worked out when it is first used. */
    expression: string({ nonEmpty: true }),
  },
  { mapType: "atomic" },
);
export interface Variable extends Infer<typeof variable> {}

/** The objects that parametrise a policy here. */
export const paramRef = object(
  "ParamRef",
  {
    /** Name of the object with the parameters; instead of `selector`. */
    name: optional(string()),
    /** Where the object is; absent takes the namespace of the request's object. */
    namespace: optional(string()),
    /** Whether requests are let through (Allow) or refused (Deny) when no parameters are found. */
    parameterNotFoundAction: optional(oneOf(["Allow", "Deny"])),
    /** Objects with these labels, each a set of parameters of its own; instead of `name`. */
    selector: optional(ref<LabelSelector>(() => labelSelector)),
  },
  { mapType: "atomic" },
);
export interface ParamRef extends Infer<typeof paramRef> {}
