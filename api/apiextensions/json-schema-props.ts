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
  /** What is found there. */
  description: optional(string()),
  /** Its address. */
  url: optional(string()),
});
export interface ExternalDocumentation extends Infer<typeof externalDocumentation> {}

/** An expression that must be true of a value. */
export const validationRule = object("ValidationRule", {
  /** A CEL expression that is true of a good value, called `self`; with `oldSelf` it is checked on changes alone. */
  rule: string({ nonEmpty: true }),
  /** What the client is told of a failure; a single line. */
  message: optional(string()),
  /** A CEL expression that makes the message; goes before `message` if it yields one. */
  messageExpression: optional(string()),
  /** FieldValueInvalid (the default), FieldValueForbidden, FieldValueRequired or FieldValueDuplicate. */
  reason: optional(string()),
  /** Field below this one that the error names, as a path: `.spec.size`. */
  fieldPath: optional(string()),
  /** Whether `oldSelf` is an optional, so that the rule is checked at creation too. */
  optionalOldSelf: optional(boolean()),
});
export interface ValidationRule extends Infer<typeof validationRule> {}

/** What the values of a custom kind's field may be: JSON Schema, as far as Kubernetes takes it. */
export const jsonSchemaProps: Schema<JSONSchemaProps> = object("JSONSchemaProps", {
  /** Part of JSON Schema that custom resources cannot use: their schemas stand in full. */
  $ref: optional(string()),
  /** Address of the dialect of JSON Schema. */
  $schema: optional(string()),
  /** Part of JSON Schema that custom resources cannot use: all entries of a list have one schema. */
  additionalItems: optional(any()),
  /** Schema of the values of a map, or true for any; not beside `properties`. */
  additionalProperties: optional(any()),
  /** The value must fit all of these; they may only restrict, not add fields. */
  allOf: optional(list(itself())),
  /** The value must fit at least one of these; they may only restrict, not add fields. */
  anyOf: optional(list(itself())),
  /** Taken where the field is absent; must fit the schema. */
  default: optional(any()),
  /** Part of JSON Schema that custom resources cannot use: their schemas stand in full. */
  definitions: optional(map(itself())),
  /** Part of JSON Schema that custom resources cannot use; `x-kubernetes-validations` takes its place. */
  dependencies: optional(map(any())),
  /** What the field is for; `kubectl explain` shows it. */
  description: optional(string()),
  /** The values that are allowed. */
  enum: optional(list(any())),
  /** A value that would fit. */
  example: optional(any()),
  /** Whether `maximum` itself is too much. */
  exclusiveMaximum: optional(boolean()),
  /** Whether `minimum` itself is too little. */
  exclusiveMinimum: optional(boolean()),
  /** A pointer for readers; the server does not follow it. */
  externalDocs: optional(ref<ExternalDocumentation>(() => externalDocumentation)),
  /** Form of the value: `date-time`, `int64`, `ipv4` and others; unknown ones are ignored. */
  format: optional(string()),
  /** Part of JSON Schema that custom resources cannot use. */
  id: optional(string()),
  /** One schema for all items, or a list of schemas. */
  items: optional(any()),
  /** Most entries of a list. */
  maxItems: optional(int64()),
  /** Most characters of a string. */
  maxLength: optional(int64()),
  /** Most keys of an object. */
  maxProperties: optional(int64()),
  /** Greatest number; see `exclusiveMaximum`. */
  maximum: optional(double()),
  /** Fewest entries of a list. */
  minItems: optional(int64()),
  /** Fewest characters of a string. */
  minLength: optional(int64()),
  /** Fewest keys of an object. */
  minProperties: optional(int64()),
  /** Least number; see `exclusiveMinimum`. */
  minimum: optional(double()),
  /** The number must be a multiple of this. */
  multipleOf: optional(double()),
  /** The value must not fit this. */
  not: optional(itself()),
  /** Whether null is allowed and kept. */
  nullable: optional(boolean()),
  /** The value must fit exactly one of these; they may only restrict, not add fields. */
  oneOf: optional(list(itself())),
  /** A regular expression that the string must match somewhere. */
  pattern: optional(string()),
  /** Part of JSON Schema that custom resources cannot use; `additionalProperties` takes its place. */
  patternProperties: optional(map(itself())),
  /** Fields by name; what is not named here is dropped. */
  properties: optional(map(itself())),
  /** Names of fields that must be there. */
  required: optional(list(string())),
  /** A short name, for people. */
  title: optional(string()),
  /** array, boolean, integer, number, object or string; needed but where a marker takes its place. */
  type: optional(string()),
  /** Not to be true; `x-kubernetes-list-type: set` takes its place. */
  uniqueItems: optional(boolean()),
  /** Whether the value is a whole object with apiVersion, kind and metadata. */
  "x-kubernetes-embedded-resource": optional(boolean()),
  /** Whether the value is an integer or a string; takes the place of `type`. */
  "x-kubernetes-int-or-string": optional(boolean()),
  /** Fields that together tell the entries of a list of type map apart. */
  "x-kubernetes-list-map-keys": optional(list(string())),
  /** How lists merge: atomic (as a whole, the default), set (values once) or map (by keys). */
  "x-kubernetes-list-type": optional(string()),
  /** How objects merge: granular (field by field, the default) or atomic (as a whole). */
  "x-kubernetes-map-type": optional(string()),
  /** Keeps fields that the schema does not name; true or absent. */
  "x-kubernetes-preserve-unknown-fields": optional(boolean()),
  /** Rules in CEL, all of which must hold. */
  "x-kubernetes-validations": optional(
    list(
      ref<ValidationRule>(() => validationRule),
      { mapKeys: ["rule"], mergeKey: "rule" },
    ),
  ),
});
