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
  /** Group of the kind; the object's own name is the plural, a dot and this. Never changes. */
  group: string({ nonEmpty: true }),
  /** Taken only where no other kind of the group has them; `status.acceptedNames` tells. */
  names: ref<CustomResourceDefinitionNames>(() => customResourceDefinitionNames, { default: {} }),
  /** Cluster or Namespaced; never changes. */
  scope: oneOf(["Cluster", "Namespaced"]),
  /** Versions of the kind, of which exactly one is stored. */
  versions: list(
    ref<CustomResourceDefinitionVersion>(() => customResourceDefinitionVersion),
    { nonEmpty: true },
  ),
  /** Strategy None unless given. */
  conversion: ref<CustomResourceConversion>(() => customResourceConversion, { default: {} }),
  /** Must not be true. */
  preserveUnknownFields: optional(boolean()),
});
export interface CustomResourceDefinitionSpec extends Infer<typeof customResourceDefinitionSpec> {}

/** What a kind and its resource are called. */
export const customResourceDefinitionNames = object("CustomResourceDefinitionNames", {
  /** Name of the resource, in paths and rules: lower-case plural. */
  plural: string({ default: "", keepEmpty: true }),
  /** Name of one, in lower case; taken from `kind` if absent. */
  singular: optional(string()),
  /** Shorter names that clients take for the resource: `po`. */
  shortNames: optional(list(string())),
  /** Name of the kind, in CamelCase, singular. */
  kind: string({ default: "", keepEmpty: true }),
  /** Kind of the lists; `kind` and `List` if absent. */
  listKind: optional(string()),
  /** Names for several resources at once: `all`. */
  categories: optional(list(string())),
});
export interface CustomResourceDefinitionNames extends Infer<typeof customResourceDefinitionNames> {}
addRules(customResourceDefinitionNames, { defaults: nameDefaults });

/** One version of a kind. */
export const customResourceDefinitionVersion = object("CustomResourceDefinitionVersion", {
  /** Name of the version: `v1`, `v1beta2`. */
  name: string({ nonEmpty: true }),
  /** Whether requests for it are answered. */
  served: boolean({ default: false }),
  /** True for the one version in which objects are stored. */
  storage: boolean({ default: false }),
  /** Whether answers come with a warning. */
  deprecated: optional(boolean()),
  /** The text of that warning; only with `deprecated`. */
  deprecationWarning: optional(string()),
  /** What objects of this version may hold. */
  schema: optional(ref<CustomResourceValidation>(() => customResourceValidation)),
  /** Parts that are read and written apart; absent means none. */
  subresources: optional(ref<CustomResourceSubresources>(() => customResourceSubresources)),
  /** What tables show beside the name; absent shows the age. */
  additionalPrinterColumns: optional(list(ref<CustomResourceColumnDefinition>(() => customResourceColumnDefinition))),
  /** Fields that field selectors may name. */
  selectableFields: optional(list(ref<SelectableField>(() => selectableField))),
});
export interface CustomResourceDefinitionVersion extends Infer<typeof customResourceDefinitionVersion> {}

/** The schema of a version. */
export const customResourceValidation = object("CustomResourceValidation", {
  /** The schema of the whole object; must be structural. */
  openAPIV3Schema: optional(ref<JSONSchemaProps>(() => jsonSchemaProps)),
});
export interface CustomResourceValidation extends Infer<typeof customResourceValidation> {}

/** The subresources of a version. */
export const customResourceSubresources = object("CustomResourceSubresources", {
  /** An empty object gives the kind a `status` of its own, which other writes do not touch. */
  status: optional(any()),
  /** Lets autoscalers and `kubectl scale` change the number of replicas. */
  scale: optional(ref<CustomResourceSubresourceScale>(() => customResourceSubresourceScale)),
});
export interface CustomResourceSubresources extends Infer<typeof customResourceSubresources> {}

/** Where the scale subresource finds its numbers. */
export const customResourceSubresourceScale = object("CustomResourceSubresourceScale", {
  /** Path to the wanted number; begins with `.spec.`. */
  specReplicasPath: string({ nonEmpty: true }),
  /** Path to the present number; begins with `.status.`. */
  statusReplicasPath: string({ nonEmpty: true }),
  /** Path to a text with the selector of the pods; begins with `.status.` or `.spec.`. */
  labelSelectorPath: optional(string()),
});
export interface CustomResourceSubresourceScale extends Infer<typeof customResourceSubresourceScale> {}

/** A column that is shown of a version's objects. */
export const customResourceColumnDefinition = object("CustomResourceColumnDefinition", {
  /** Heading of the column. */
  name: string({ nonEmpty: true }),
  /** Type of its values: integer, number, string, boolean or date. */
  type: string({ nonEmpty: true }),
  /** More about the type, for clients: `int64`, `name`. */
  format: optional(string()),
  /** What the column shows, for people. */
  description: optional(string()),
  /** 0 (the default) always shows it; above that it is shown by `-o wide` alone. */
  priority: optional(int32({ omitZero: true })),
  /** Path to the value, which begins with a dot. */
  jsonPath: string({ nonEmpty: true }),
});
export interface CustomResourceColumnDefinition extends Infer<typeof customResourceColumnDefinition> {}

/** A field by which a version's objects can be selected. */
export const selectableField = object("SelectableField", {
  /** Path to a string, number or boolean outside of lists; begins with a dot. */
  jsonPath: string({ nonEmpty: true }),
});
export interface SelectableField extends Infer<typeof selectableField> {}

/** How objects of one version become objects of another. */
export const customResourceConversion = object("CustomResourceConversion", {
  /** None (the default) changes the `apiVersion` alone; Webhook asks a program. */
  strategy: oneOf(["None", "Webhook"], { default: "None" }),
  /** The program that is asked; for strategy Webhook alone. */
  webhook: optional(ref<WebhookConversion>(() => webhookConversion)),
});
export interface CustomResourceConversion extends Infer<typeof customResourceConversion> {}

/** A web service that converts. */
export const webhookConversion = object("WebhookConversion", {
  /** The server calls it there over TLS; needed, with either `url` or `service`. */
  clientConfig: optional(ref<WebhookClientConfig>(() => webhookClientConfig)),
  /** Versions of ConversionReview that it reads; the first that the server knows is sent. */
  conversionReviewVersions: list(string(), { nonEmpty: true }),
});
export interface WebhookConversion extends Infer<typeof webhookConversion> {}

/** Where a webhook is reached, and whose certificates it has. */
export const webhookClientConfig = object("WebhookClientConfig", {
  /** An `https` address without user, query and fragment; instead of `service`. */
  url: optional(string()),
  /** Instead of `url`, for webhooks that run in the cluster. */
  service: optional(ref<ServiceReference>(() => serviceReference)),
  /** Certificates, in PEM and base64, that the webhook's own must lead to; absent: those the server trusts. */
  caBundle: optional(bytes()),
});
export interface WebhookClientConfig extends Infer<typeof webhookClientConfig> {}

/** A port and path of a service of the cluster. */
export const serviceReference = object("ServiceReference", {
  /** Namespace of the service. */
  namespace: string({ nonEmpty: true }),
  /** Name of the service. */
  name: string({ nonEmpty: true }),
  /** Path of the requests, from its first slash. */
  path: optional(string()),
  /** Port of the service; 443 by default. */
  port: int32({ default: 443, min: 1, max: 65535 }),
});
export interface ServiceReference extends Infer<typeof serviceReference> {}

/** What became of a definition. */
export const customResourceDefinitionStatus = object("CustomResourceDefinitionStatus", {
  /** Whether its names are free and it is served. */
  conditions: optional(
    list(
      ref<CustomResourceDefinitionCondition>(() => customResourceDefinitionCondition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
  /** The names under which it is served; may lack some that others have taken. */
  acceptedNames: optional(ref<CustomResourceDefinitionNames>(() => customResourceDefinitionNames)),
  /** Versions that stored objects may still have; none may leave `spec.versions` before it leaves here. */
  storedVersions: optional(list(string())),
  /** Generation of the spec from which this was made. */
  observedGeneration: optional(exactInt64({ omitZero: true })),
});
export interface CustomResourceDefinitionStatus extends Infer<typeof customResourceDefinitionStatus> {}

/** One aspect of a definition's state. */
export const customResourceDefinitionCondition = object("CustomResourceDefinitionCondition", {
  /** Established, NamesAccepted, NonStructuralSchema, Terminating or another. */
  type: string({ nonEmpty: true }),
  /** True, False or Unknown. */
  status: oneOf(["True", "False", "Unknown"]),
  /** When `status` last became another. */
  lastTransitionTime: optional(time()),
  /** The cause, as one word for programs. */
  reason: optional(string()),
  /** The cause, in words for people. */
  message: optional(string()),
  /** Generation of the spec that this is about. */
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
