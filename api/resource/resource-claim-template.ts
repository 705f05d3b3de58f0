import { type ObjectMeta, objectMeta } from "../../apimachinery/meta.js";
import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { type Infer, object, optional, ref } from "../../apimachinery/schema/schema.js";
import { type ResourceClaimSpec, resourceClaimSpec } from "./resource-claim.js";

/** What the claims made from a template look like. */
export const resourceClaimTemplateSpec = object("ResourceClaimTemplateSpec", {
  /** Labels and annotations that every claim gets. */
  metadata: optional(ref<ObjectMeta>(() => objectMeta)),
  /** What each claim asks for; never changes. */
  spec: ref<ResourceClaimSpec>(() => resourceClaimSpec, { default: {} }),
});
export interface ResourceClaimTemplateSpec extends Infer<typeof resourceClaimTemplateSpec> {}

/** What the claims that are made for pods look like. */
export const resourceClaimTemplates = defineResource({
  group: "resource.k8s.io",
  version: "v1",
  kind: "ResourceClaimTemplate",
  plural: "resourceclaimtemplates",
  scope: "Namespaced",
  spec: resourceClaimTemplateSpec,
  notBuilt: "controller",
  countsGeneration: false,
  immutable: ["spec"],
});
export interface ResourceClaimTemplate extends ObjectOf<typeof resourceClaimTemplates> {}
