import { type LabelSelector, labelSelector } from "../../apimachinery/label-selector.js";
import { addRules, type Infer, list, object, oneOf, optional, ref, string } from "../../apimachinery/schema/schema.js";
import { operationRules } from "./webhook-rules.js";

/** The kind of the objects that parametrise a policy. */
export const paramKind = object(
  "ParamKind",
  {
    kind: optional(string()),
    apiVersion: optional(string()),
  },
  { mapType: "atomic" },
);
export interface ParamKind extends Infer<typeof paramKind> {}

/** The writes that a policy is about. */
export const matchResources = object(
  "MatchResources",
  {
    excludeResourceRules: optional(list(ref<NamedRuleWithOperations>(() => namedRuleWithOperations))),
    matchPolicy: oneOf(["Equivalent", "Exact"], { default: "Equivalent" }),
    namespaceSelector: ref<LabelSelector>(() => labelSelector, { default: {} }),
    objectSelector: ref<LabelSelector>(() => labelSelector, { default: {} }),
    resourceRules: optional(list(ref<NamedRuleWithOperations>(() => namedRuleWithOperations))),
  },
  { mapType: "atomic" },
);
export interface MatchResources extends Infer<typeof matchResources> {}

/** Writes that are meant: what is done to which resources, by name where wanted. */
export const namedRuleWithOperations = object(
  "NamedRuleWithOperations",
  {
    apiGroups: optional(list(string())),
    apiVersions: optional(list(string())),
    operations: optional(list(string())),
    resourceNames: optional(list(string())),
    resources: optional(list(string())),
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
    name: string({ nonEmpty: true }),
    expression: string({ nonEmpty: true }),
  },
  { mapType: "atomic" },
);
export interface Variable extends Infer<typeof variable> {}

/** The objects that parametrise a policy here. */
export const paramRef = object(
  "ParamRef",
  {
    name: optional(string()),
    namespace: optional(string()),
    parameterNotFoundAction: optional(oneOf(["Allow", "Deny"])),
    selector: optional(ref<LabelSelector>(() => labelSelector)),
  },
  { mapType: "atomic" },
);
export interface ParamRef extends Infer<typeof paramRef> {}
