import {
  any,
  boolean,
  double,
  type Infer,
  int64,
  list,
  map,
  object,
  optional,
  ref,
  type Schema,
  string,
} from "../../apimachinery/schema/schema.js";

/** What the values of a custom kind's field may be. Written by hand because it contains itself. */
export interface JSONSchemaProps {
  readonly $ref?: string;
  readonly $schema?: string;
  readonly additionalItems?: unknown;
  readonly additionalProperties?: unknown;
  readonly allOf?: readonly JSONSchemaProps[];
  readonly anyOf?: readonly JSONSchemaProps[];
  readonly default?: unknown;
  readonly definitions?: Readonly<Record<string, JSONSchemaProps>>;
  readonly dependencies?: Readonly<Record<string, unknown>>;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly example?: unknown;
  readonly exclusiveMaximum?: boolean;
  readonly exclusiveMinimum?: boolean;
  readonly externalDocs?: ExternalDocumentation;
  readonly format?: string;
  readonly id?: string;
  /** One schema for all items, or a list of schemas. */
  readonly items?: unknown;
  readonly maxItems?: number;
  readonly maxLength?: number;
  readonly maxProperties?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly minProperties?: number;
  readonly minimum?: number;
  readonly multipleOf?: number;
  readonly not?: JSONSchemaProps;
  readonly nullable?: boolean;
  readonly oneOf?: readonly JSONSchemaProps[];
  readonly pattern?: string;
  readonly patternProperties?: Readonly<Record<string, JSONSchemaProps>>;
  readonly properties?: Readonly<Record<string, JSONSchemaProps>>;
  readonly required?: readonly string[];
  readonly title?: string;
  readonly type?: string;
  readonly uniqueItems?: boolean;
  readonly "x-kubernetes-embedded-resource"?: boolean;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-list-type"?: string;
  readonly "x-kubernetes-map-type"?: string;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-validations"?: readonly ValidationRule[];
}

const itself = (): Schema<JSONSchemaProps> => ref<JSONSchemaProps>(() => jsonSchemaProps);

/** Where more is written of a field. */
export const externalDocumentation = object("ExternalDocumentation", {
  description: optional(string()),
  url: optional(string()),
});
export interface ExternalDocumentation extends Infer<typeof externalDocumentation> {}

/** An expression that must be true of a value. */
export const validationRule = object("ValidationRule", {
  rule: string({ nonEmpty: true }),
  message: optional(string()),
  messageExpression: optional(string()),
  reason: optional(string()),
  fieldPath: optional(string()),
  optionalOldSelf: optional(boolean()),
});
export interface ValidationRule extends Infer<typeof validationRule> {}

/** What the values of a custom kind's field may be: JSON Schema, as far as Kubernetes takes it. */
export const jsonSchemaProps: Schema<JSONSchemaProps> = object("JSONSchemaProps", {
  $ref: optional(string()),
  $schema: optional(string()),
  additionalItems: optional(any()),
  additionalProperties: optional(any()),
  allOf: optional(list(itself())),
  anyOf: optional(list(itself())),
  default: optional(any()),
  definitions: optional(map(itself())),
  dependencies: optional(map(any())),
  description: optional(string()),
  enum: optional(list(any())),
  example: optional(any()),
  exclusiveMaximum: optional(boolean()),
  exclusiveMinimum: optional(boolean()),
  externalDocs: optional(ref<ExternalDocumentation>(() => externalDocumentation)),
  format: optional(string()),
  id: optional(string()),
  /** One schema for all items, or a list of schemas. */
  items: optional(any()),
  maxItems: optional(int64()),
  maxLength: optional(int64()),
  maxProperties: optional(int64()),
  maximum: optional(double()),
  minItems: optional(int64()),
  minLength: optional(int64()),
  minProperties: optional(int64()),
  minimum: optional(double()),
  multipleOf: optional(double()),
  not: optional(itself()),
  nullable: optional(boolean()),
  oneOf: optional(list(itself())),
  pattern: optional(string()),
  patternProperties: optional(map(itself())),
  properties: optional(map(itself())),
  required: optional(list(string())),
  title: optional(string()),
  type: optional(string()),
  uniqueItems: optional(boolean()),
  "x-kubernetes-embedded-resource": optional(boolean()),
  "x-kubernetes-int-or-string": optional(boolean()),
  "x-kubernetes-list-map-keys": optional(list(string())),
  "x-kubernetes-list-type": optional(string()),
  "x-kubernetes-map-type": optional(string()),
  "x-kubernetes-preserve-unknown-fields": optional(boolean()),
  "x-kubernetes-validations": optional(
    list(
      ref<ValidationRule>(() => validationRule),
      { mapKeys: ["rule"], mergeKey: "rule" },
    ),
  ),
});
