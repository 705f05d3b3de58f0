import { defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import {
  addRules,
  any,
  boolean,
  bytes,
  exactInt64,
  type Infer,
  int32,
  list,
  object,
  oneOf,
  optional,
  ref,
  string,
  time,
} from "../../apimachinery/schema/schema.js";
import { createdColumn } from "../created-column.js";
import { definitionRules, freshStatus, nameDefaults, storedVersionRules } from "./custom-resource-definition-rules.js";
import { type JSONSchemaProps, jsonSchemaProps } from "./json-schema-props.js";

/** A kind of one's own: its names, its versions and their schemas. */
export const customResourceDefinitionSpec = object("CustomResourceDefinitionSpec", {
  group: string({ nonEmpty: true }),
  names: ref<CustomResourceDefinitionNames>(() => customResourceDefinitionNames, { default: {} }),
  scope: oneOf(["Cluster", "Namespaced"]),
  versions: list(
    ref<CustomResourceDefinitionVersion>(() => customResourceDefinitionVersion),
    { nonEmpty: true },
  ),
  conversion: ref<CustomResourceConversion>(() => customResourceConversion, { default: {} }),
  /** Must not be true. */
  preserveUnknownFields: optional(boolean()),
});
export interface CustomResourceDefinitionSpec extends Infer<typeof customResourceDefinitionSpec> {}

/** What a kind and its resource are called. */
export const customResourceDefinitionNames = object("CustomResourceDefinitionNames", {
  plural: string({ default: "", keepEmpty: true }),
  singular: optional(string()),
  shortNames: optional(list(string())),
  kind: string({ default: "", keepEmpty: true }),
  listKind: optional(string()),
  categories: optional(list(string())),
});
export interface CustomResourceDefinitionNames extends Infer<typeof customResourceDefinitionNames> {}
addRules(customResourceDefinitionNames, { defaults: nameDefaults });

/** One version of a kind. */
export const customResourceDefinitionVersion = object("CustomResourceDefinitionVersion", {
  name: string({ nonEmpty: true }),
  served: boolean({ default: false }),
  /** True for the one version in which objects are stored. */
  storage: boolean({ default: false }),
  deprecated: optional(boolean()),
  deprecationWarning: optional(string()),
  schema: optional(ref<CustomResourceValidation>(() => customResourceValidation)),
  subresources: optional(ref<CustomResourceSubresources>(() => customResourceSubresources)),
  additionalPrinterColumns: optional(list(ref<CustomResourceColumnDefinition>(() => customResourceColumnDefinition))),
  selectableFields: optional(list(ref<SelectableField>(() => selectableField))),
});
export interface CustomResourceDefinitionVersion extends Infer<typeof customResourceDefinitionVersion> {}

/** The schema of a version. */
export const customResourceValidation = object("CustomResourceValidation", {
  openAPIV3Schema: optional(ref<JSONSchemaProps>(() => jsonSchemaProps)),
});
export interface CustomResourceValidation extends Infer<typeof customResourceValidation> {}

/** The subresources of a version. */
export const customResourceSubresources = object("CustomResourceSubresources", {
  status: optional(any()),
  scale: optional(ref<CustomResourceSubresourceScale>(() => customResourceSubresourceScale)),
});
export interface CustomResourceSubresources extends Infer<typeof customResourceSubresources> {}

/** Where the scale subresource finds its numbers. */
export const customResourceSubresourceScale = object("CustomResourceSubresourceScale", {
  specReplicasPath: string({ nonEmpty: true }),
  statusReplicasPath: string({ nonEmpty: true }),
  labelSelectorPath: optional(string()),
});
export interface CustomResourceSubresourceScale extends Infer<typeof customResourceSubresourceScale> {}

/** A column that is shown of a version's objects. */
export const customResourceColumnDefinition = object("CustomResourceColumnDefinition", {
  name: string({ nonEmpty: true }),
  type: string({ nonEmpty: true }),
  format: optional(string()),
  description: optional(string()),
  priority: optional(int32({ omitZero: true })),
  jsonPath: string({ nonEmpty: true }),
});
export interface CustomResourceColumnDefinition extends Infer<typeof customResourceColumnDefinition> {}

/** A field by which a version's objects can be selected. */
export const selectableField = object("SelectableField", {
  jsonPath: string({ nonEmpty: true }),
});
export interface SelectableField extends Infer<typeof selectableField> {}

/** How objects of one version become objects of another. */
export const customResourceConversion = object("CustomResourceConversion", {
  strategy: oneOf(["None", "Webhook"], { default: "None" }),
  webhook: optional(ref<WebhookConversion>(() => webhookConversion)),
});
export interface CustomResourceConversion extends Infer<typeof customResourceConversion> {}

/** A web service that converts. */
export const webhookConversion = object("WebhookConversion", {
  clientConfig: optional(ref<WebhookClientConfig>(() => webhookClientConfig)),
  conversionReviewVersions: list(string(), { nonEmpty: true }),
});
export interface WebhookConversion extends Infer<typeof webhookConversion> {}

/** Where a webhook is reached, and whose certificates it has. */
export const webhookClientConfig = object("WebhookClientConfig", {
  url: optional(string()),
  service: optional(ref<ServiceReference>(() => serviceReference)),
  caBundle: optional(bytes()),
});
export interface WebhookClientConfig extends Infer<typeof webhookClientConfig> {}

/** A port and path of a service of the cluster. */
export const serviceReference = object("ServiceReference", {
  namespace: string({ nonEmpty: true }),
  name: string({ nonEmpty: true }),
  path: optional(string()),
  port: int32({ default: 443, min: 1, max: 65535 }),
});
export interface ServiceReference extends Infer<typeof serviceReference> {}

/** What became of a definition. */
export const customResourceDefinitionStatus = object("CustomResourceDefinitionStatus", {
  conditions: optional(
    list(
      ref<CustomResourceDefinitionCondition>(() => customResourceDefinitionCondition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
  acceptedNames: optional(ref<CustomResourceDefinitionNames>(() => customResourceDefinitionNames)),
  storedVersions: optional(list(string())),
  observedGeneration: optional(exactInt64({ omitZero: true })),
});
export interface CustomResourceDefinitionStatus extends Infer<typeof customResourceDefinitionStatus> {}

/** One aspect of a definition's state. */
export const customResourceDefinitionCondition = object("CustomResourceDefinitionCondition", {
  type: string({ nonEmpty: true }),
  status: oneOf(["True", "False", "Unknown"]),
  lastTransitionTime: optional(time()),
  reason: optional(string()),
  message: optional(string()),
  observedGeneration: optional(exactInt64({ omitZero: true })),
});
export interface CustomResourceDefinitionCondition extends Infer<typeof customResourceDefinitionCondition> {}

/** Describes a kind of one's own. */
export const customResourceDefinitions = defineResource({
  group: "apiextensions.k8s.io",
  version: "v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
  shortNames: ["crd", "crds"],
  categories: ["api-extensions"],
  scope: "Cluster",
  allowUnconditionalUpdate: false,
  spec: customResourceDefinitionSpec,
  status: customResourceDefinitionStatus,
  subresources: { status: true },
  notBuilt: "effect",
  immutable: ["spec.group", "spec.names.plural", "spec.scope"],
  prepare: (definition, old) => (old ? definition : { ...definition, status: freshStatus(definition.spec) }),
  validate: (definition) => [
    ...definitionRules(definition.metadata.name, definition.spec),
    ...storedVersionRules(definition.spec, definition.status),
  ],
  columns: [nameColumn, createdColumn],
});
export interface CustomResourceDefinition extends ObjectOf<typeof customResourceDefinitions> {}
