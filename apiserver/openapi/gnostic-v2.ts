/**
 * OpenAPI 2.0 as protocol buffers, in the messages of gnostic, which kubectl up to 1.28 asks for: a table of the
 * messages' fields, by the names that they have in JSON. https://github.com/google/gnostic
 */
import type { ProtoWriter } from "../../apimachinery/codec/protobuf/writer.js";
import { isRecord } from "../../base/record.js";

/** Writes a value as the field of this number. */
type Codec = (writer: ProtoWriter, field: number, value: unknown) => void;
type FieldTable = Readonly<Record<string, readonly [field: number, codec: Codec]>>;

const string: Codec = (writer, field, value) => writer.string(field, String(value));
const boolean: Codec = (writer, field, value) => writer.boolean(field, value === true);
const integer: Codec = (writer, field, value) => writer.integer(field, Number(value));
const double: Codec = (writer, field, value) => writer.double(field, Number(value));
/** Any JSON value, as YAML, which JSON is. */
const any: Codec = (writer, field, value) =>
  writer.message(field, () => writer.string(2, `${JSON.stringify(value)}\n`));

const entriesOf = (value: unknown): [string, unknown][] => (isRecord(value) ? Object.entries(value).reverse() : []);

const repeated =
  (item: Codec): Codec =>
  (writer, field, value) => {
    for (const each of Array.isArray(value) ? value.toReversed() : []) item(writer, field, each);
  };
/** Repeated pairs of name and value. */
const pairs =
  (item: Codec): Codec =>
  (writer, field, value) => {
    for (const [name, each] of entriesOf(value))
      writer.message(field, () => {
        item(writer, 2, each);
        writer.string(1, name);
      });
  };
/** A message that holds the value in its only field, or in the one that fits. */
const within =
  (choose: number | ((value: unknown) => number), inner: Codec): Codec =>
  (writer, field, value) =>
    writer.message(field, () => inner(writer, typeof choose === "number" ? choose : choose(value), value));

/** A message; fields that begin with `x-` go to the extension field. The table is asked for late: messages nest. */
const message =
  (table: () => FieldTable, extensions?: number): Codec =>
  (writer, field, value) =>
    writer.message(field, () => writeFields(writer, table(), extensions, value));

function writeFields(writer: ProtoWriter, table: FieldTable, extensions: number | undefined, value: unknown): void {
  for (const [name, each] of entriesOf(value)) {
    const known = Object.hasOwn(table, name) ? table[name] : undefined;
    if (known) known[1](writer, known[0], each);
    else if (extensions !== undefined && name.startsWith("x-"))
      writer.message(extensions, () => {
        any(writer, 2, each);
        writer.string(1, name);
      });
  }
}

const schema: Codec = message(() => schemaFields, 31);
const schemaFields: FieldTable = {
  $ref: [1, string],
  format: [2, string],
  title: [3, string],
  description: [4, string],
  default: [5, any],
  maximum: [7, double],
  minimum: [9, double],
  maxLength: [11, integer],
  minLength: [12, integer],
  pattern: [13, string],
  maxItems: [14, integer],
  minItems: [15, integer],
  uniqueItems: [16, boolean],
  maxProperties: [17, integer],
  minProperties: [18, integer],
  required: [19, repeated(string)],
  enum: [20, repeated(any)],
  additionalProperties: [
    21,
    (writer, field, value) => (typeof value === "boolean" ? allowed : allowedAs)(writer, field, value),
  ],
  type: [22, within(1, string)],
  items: [23, within(1, schema)],
  properties: [25, (writer, field, value) => writer.message(field, () => pairs(schema)(writer, 1, value))],
};
const allowed = within(2, boolean);
const allowedAs = within(1, schema);

const plainParameter: FieldTable = {
  required: [1, boolean],
  in: [2, string],
  description: [3, string],
  name: [4, string],
};
const queryParameter = message(() => ({ ...plainParameter, type: [6, string], uniqueItems: [20, boolean] }));
const pathParameter = message(() => ({ ...plainParameter, type: [5, string], uniqueItems: [19, boolean] }));
const bodyParameter = message(() => ({
  name: [2, string],
  in: [3, string],
  required: [4, boolean],
  schema: [5, schema],
}));
const isBody = (value: unknown): boolean => isRecord(value) && value.in === "body";
const isPath = (value: unknown): boolean => isRecord(value) && value.in === "path";
const nonBody = within(
  (value) => (isPath(value) ? 4 : 3),
  (writer, field, value) => (isPath(value) ? pathParameter : queryParameter)(writer, field, value),
);
const parameter = within(
  1,
  within(
    (value) => (isBody(value) ? 1 : 2),
    (writer, field, value) => (isBody(value) ? bodyParameter : nonBody)(writer, field, value),
  ),
);

const response = message(() => ({ description: [1, string], schema: [2, within(1, schema)] }));
const operation = message(
  () => ({
    tags: [1, repeated(string)],
    description: [3, string],
    operationId: [5, string],
    produces: [6, repeated(string)],
    consumes: [7, repeated(string)],
    parameters: [8, repeated(parameter)],
    responses: [9, (writer, field, value) => writer.message(field, () => pairs(within(1, response))(writer, 1, value))],
  }),
  13,
);
const pathItem = message(() => ({
  get: [2, operation],
  put: [3, operation],
  post: [4, operation],
  delete: [5, operation],
  patch: [8, operation],
  parameters: [9, repeated(parameter)],
}));

const info = message(() => ({ title: [1, string], version: [2, string] }));
const apiKey = message(() => ({ type: [1, string], name: [2, string], in: [3, string], description: [4, string] }));
const frame: FieldTable = {
  swagger: [1, string],
  info: [2, info],
  security: [
    12,
    repeated((writer, field, value) =>
      writer.message(field, () =>
        pairs((inner, number, values) => inner.message(number, () => repeated(string)(inner, 1, values)))(
          writer,
          1,
          value,
        ),
      ),
    ),
  ],
  securityDefinitions: [
    13,
    (writer, field, value) => writer.message(field, () => pairs(within(2, apiKey))(writer, 1, value)),
  ],
};

/** Everything of the document but paths and definitions. */
export const writeFrame = (writer: ProtoWriter, value: object): void => writeFields(writer, frame, undefined, value);
/** One path, as an item of the message that follows `pathsField`. */
export const writePath = (writer: ProtoWriter, path: string, item: object): void =>
  pairs(pathItem)(writer, 2, { [path]: item });
/** One definition, as an item of the message that follows `definitionsField`. */
export const writeDefinition = (writer: ProtoWriter, name: string, value: object): void =>
  pairs(schema)(writer, 1, { [name]: value });
export const pathsField = 8;
export const definitionsField = 9;
