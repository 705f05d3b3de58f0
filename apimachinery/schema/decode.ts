import { unreachable } from "../../base/assert.js";
import { isRecord } from "../../base/record.js";
import { badRequest, type StatusError } from "../status.js";
import {
  canonicalAmountOf,
  canonicalBytes,
  canonicalMicroTime,
  canonicalQuantityOf,
  canonicalTime,
  FormatError,
} from "./formats.js";
import { goTypeOf, jsonTypeOf, unconvertible } from "./go-names.js";
import type { Schema, SchemaNode } from "./schema.js";

/**
 * The first pass over what a client sent: types are checked, unknown fields dropped, null read as absent, and values
 * brought into the form in which they are kept. Nothing is required here; that is validation's business, after defaults
 * and admission. What is wrong is told in the words of Kubernetes' JSON decoder.
 */

export interface DecodeOptions {
  /** What becomes of unknown and duplicate fields: dropped, dropped and told, or refused. */
  readonly strict: "Ignore" | "Warn" | "Strict";
  /** Problems that the parser found (`duplicate field "spec.replicas"`); refused together with the unknown fields. */
  readonly problems?: readonly string[];
  /** Those and these unknown fields as they are told; absent: the parser's first. */
  readonly inOrder?: (unknownFields: readonly string[]) => readonly string[];
  /** How a refusal is told; absent: as that of a body. */
  readonly refusal?: (why: string) => StatusError;
  /** How a value of another type is told: as by Go's reader of JSON (absent), or by Kubernetes' conversion of parsed values. */
  readonly mismatches?: "reading" | "conversion";
}

export interface Decoded<T> {
  /** A copy: shares nothing with the input but values of unspecified type. */
  readonly value: T;
  /** Paths such as `spec.containers[0].imgae`; empty with "Ignore". */
  readonly unknownFields: readonly string[];
}

/** Throws StatusError BadRequest. Never changes the input. */
export function decode<T>(schema: Schema<T>, value: unknown, options: DecodeOptions): Decoded<T> {
  const cursor = new Cursor(options.strict !== "Ignore", options.mismatches === "conversion");
  const refusal = options.refusal ?? ((why) => cannotHandle(schema, value, why));
  let decoded: unknown;
  try {
    decoded = decoderOf(schema)(value, cursor);
  } catch (error) {
    throw error instanceof FormatError ? refusal(error.message) : error;
  }
  if (options.strict === "Strict") {
    const { problems: parsed = [], inOrder } = options;
    const problems = inOrder?.(cursor.unknown) ?? [
      ...parsed,
      ...cursor.unknown.map((path) => `unknown field "${path}"`),
    ];
    if (problems.length > 0) throw refusal(`strict decoding error: ${problems.join(", ")}`);
  }
  return { value: decoded as T, unknownFields: cursor.unknown };
}

/** `Pod in version "v1" cannot be handled as a Pod: ...` */
function cannotHandle(schema: Schema<unknown>, value: unknown, why: string): StatusError {
  const wanted = nameOf(schema);
  const { kind, apiVersion } = isRecord(value) ? value : {};
  if (typeof kind !== "string" || kind === "" || typeof apiVersion !== "string")
    return badRequest(`the object provided is unrecognized (must be of type ${wanted}): ${why}`);
  const version = apiVersion.slice(apiVersion.indexOf("/") + 1);
  return badRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${wanted}: ${why}`);
}

type Decoder = (value: unknown, cursor: Cursor) => unknown;

const decoders = new WeakMap<Schema<unknown>, Decoder>();

function decoderOf(schema: Schema<unknown>): Decoder {
  let decoder = decoders.get(schema);
  if (!decoder) {
    decoder = compile(schema.node);
    decoders.set(schema, decoder);
  }
  return decoder;
}

function compile(node: SchemaNode): Decoder {
  switch (node.type) {
    case "string":
      return stringDecoder(node.format);
    case "integer":
      return integerDecoder(node);
    case "number":
      return (value, cursor) =>
        typeof value === "number"
          ? value
          : typeof value === "bigint"
            ? Number(value)
            : cursor.mismatch(value, "float64");
    case "boolean":
      return (value, cursor) => (typeof value === "boolean" ? value : cursor.mismatch(value, "bool"));
    case "int-or-string":
      return intOrStringDecoder;
    case "any":
      return (value) => value;
    case "list":
      return listDecoder(node);
    case "map":
      return mapDecoder(node);
    case "object":
      return objectDecoder(node);
    case "ref": {
      let target: Decoder | undefined;
      return (value, cursor) => {
        target ??= decoderOf(node.target());
        return target(value, cursor);
      };
    }
    default:
      return unreachable(node);
  }
}

function stringDecoder(format: (SchemaNode & { type: "string" })["format"]): Decoder {
  switch (format) {
    case undefined:
      return (value, cursor) => (typeof value === "string" ? value : cursor.mismatch(value, "string"));
    case "quantity":
      return canonicalQuantityOf;
    case "bytes":
      return (value, cursor) => (typeof value === "string" ? canonicalBytes(value) : cursor.mismatch(value, "[]uint8"));
    case "time":
      return (value) => (typeof value === "string" ? canonicalTime(value) : notAValue(value, "string"));
    case "micro-time":
      return (value) => (typeof value === "string" ? canonicalMicroTime(value) : notAValue(value, "string"));
    default:
      return unreachable(format);
  }
}

const int32Limit = 2 ** 31;

function integerDecoder({ format, exact = false }: SchemaNode & { type: "integer" }): Decoder {
  return (value, cursor) => {
    // The readers of JSON, YAML and protocol buffers make a bigint of 64 bits of what a number would not keep.
    if (typeof value === "bigint") return exact ? value : cursor.mismatch(value, format, `number ${value}`);
    if (typeof value !== "number") return cursor.mismatch(value, format);
    const fits =
      format === "int32"
        ? Number.isInteger(value) && value >= -int32Limit && value < int32Limit
        : Number.isSafeInteger(value);
    return fits ? value : cursor.mismatch(value, format, `number ${value}`);
  };
}

function intOrStringDecoder(value: unknown): unknown {
  if (typeof value === "string") return value;
  if (typeof value === "bigint")
    throw new FormatError(`json: cannot unmarshal number ${value} into Go value of type int32`);
  if (typeof value !== "number") return notAValue(value, "int32");
  if (!Number.isInteger(value) || Math.abs(value) > int32Limit)
    throw new FormatError(`json: cannot unmarshal number ${value} into Go value of type int32`);
  return value;
}

/** Types that read themselves know no field: Go's message has none either. */
function notAValue(value: unknown, type: string): never {
  throw new FormatError(`json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type ${type}`);
}

function listDecoder(node: SchemaNode & { type: "list" }): Decoder {
  let decodeItem: Decoder | undefined;
  const type = goTypeOf(node);
  return (value, cursor) => {
    if (!Array.isArray(value)) return cursor.mismatch(value, type);
    decodeItem ??= decoderOf(node.item);
    const items = new Array<unknown>(value.length);
    for (let index = 0; index < value.length; index++) {
      cursor.enter(index);
      const item: unknown = value[index];
      items[index] = item === null || item === undefined ? zeroOf(node.item) : decodeItem(item, cursor);
      cursor.leave();
    }
    return items;
  };
}

function mapDecoder(node: SchemaNode & { type: "map" }): Decoder {
  let decodeValue: Decoder | undefined;
  const type = goTypeOf(node);
  return (value, cursor) => {
    if (!isRecord(value)) return cursor.mismatch(value, type);
    decodeValue ??= isResourceList(node) ? canonicalAmountOf : decoderOf(node.value);
    const map: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      cursor.enterKey(key);
      const entry = value[key];
      put(map, key, entry === null || entry === undefined ? zeroOf(node.value) : decodeValue(entry, cursor));
      cursor.leave();
    }
    return map;
  };
}

const isResourceList = ({ value: { node } }: SchemaNode & { type: "map" }): boolean =>
  node.type === "string" && node.format === "quantity";

interface FieldDecoder {
  readonly decode: Decoder;
  readonly drops: (value: unknown) => boolean;
}

function objectDecoder(node: SchemaNode & { type: "object" }): Decoder {
  const type = goTypeOf(node);
  const fields = new Map<string, FieldDecoder>();
  for (const [name, schema] of node.fields) {
    // Compiled when an object first has the field: most of a Pod's fields are never seen.
    let compiled: Decoder | undefined;
    fields.set(name, {
      decode: (value, cursor) => {
        compiled ??= decoderOf(schema);
        return compiled(value, cursor);
      },
      drops: node.omitsEmpty ? emptinessOf(schema) : never,
    });
  }
  return (value, cursor) => {
    if (!isRecord(value)) return cursor.mismatch(value, type);
    const object: Record<string, unknown> = {};
    const outer = cursor.definition;
    cursor.definition = node.name;
    for (const name of Object.keys(value)) {
      const entry = value[name];
      const field = fields.get(name);
      if (field) {
        if (entry === null || entry === undefined) continue;
        cursor.enter(name);
        const decoded = field.decode(entry, cursor);
        cursor.leave();
        if (!field.drops(decoded)) object[name] = decoded;
      } else if (node.preserveUnknown) {
        put(object, name, entry);
      } else {
        cursor.foundUnknown(name);
      }
    }
    cursor.definition = outer;
    return object;
  };
}

const never = (): boolean => false;

/** Which values of a field read as absent. */
function emptinessOf({ node }: Schema<unknown>): (value: unknown) => boolean {
  const { omitZero = false } = node;
  const fillable = node.optional === true || node.default !== undefined;
  switch (node.type) {
    case "string":
      return fillable && !node.keepEmpty ? (value) => value === "" : never;
    case "int-or-string":
      return omitZero ? (value) => value === 0 || value === "" : never;
    case "integer":
    case "number":
      return omitZero ? (value) => value === 0 : never;
    case "list":
      return fillable && !node.keepEmpty ? (value) => Array.isArray(value) && value.length === 0 : never;
    case "map":
      return fillable && !node.keepEmpty ? (value) => isRecord(value) && Object.keys(value).length === 0 : never;
    default:
      return never;
  }
}

/** What null stands for among the items of a list or the values of a map: there is no absence there. */
function zeroOf({ node }: Schema<unknown>): unknown {
  switch (node.type) {
    case "string":
      return node.format === "quantity" ? "0" : "";
    case "integer":
    case "number":
    case "int-or-string":
      return 0;
    case "boolean":
      return false;
    case "list":
      return [];
    case "any":
      return null;
    case "map":
    case "object":
      return {};
    case "ref":
      return zeroOf(node.target());
    default:
      return unreachable(node);
  }
}

/** Where decoding stands, for messages. Fields and indexes are pushed and popped; an error leaves the stack as it was. */
class Cursor {
  readonly unknown: string[] = [];
  /** Name of the innermost definition. */
  definition = "";
  readonly #collects: boolean;
  readonly #converts: boolean;
  readonly #steps: Step[] = [];

  constructor(collects: boolean, converts: boolean) {
    this.#collects = collects;
    this.#converts = converts;
  }

  enter(step: string | number): void {
    this.#steps.push(step);
  }
  /** A key of a map: part of a path, but not of the field that Go names. */
  enterKey(key: string): void {
    this.#steps.push(this.#collects ? { key } : 0);
  }
  leave(): void {
    this.#steps.pop();
  }

  foundUnknown(name: string): void {
    if (!this.#collects || this.unknown.length >= maxUnknownFields) return;
    const path = this.#steps.reduce<string>(appendStep, "");
    this.unknown.push(path === "" ? name : `${path}.${name}`);
  }

  mismatch(value: unknown, type: string, found: string = jsonTypeOf(value)): never {
    if (this.#converts) throw new FormatError(unconvertible(value, type));
    const field = this.#steps.filter((step) => typeof step === "string").join(".");
    const target =
      field === "" ? `Go value of type ${type}` : `Go struct field ${this.definition}.${field} of type ${type}`;
    throw new FormatError(`json: cannot unmarshal ${found} into ${target}`);
  }
}

const maxUnknownFields = 100;
type Step = string | number | { readonly key: string };

function appendStep(path: string, step: Step): string {
  if (typeof step === "number") return `${path}[${step}]`;
  const name = typeof step === "string" ? step : step.key;
  return path === "" ? name : `${path}.${name}`;
}

const nameOf = ({ node }: Schema<unknown>): string => goTypeOf(node).replace(/^v1\./, "");

/** Sets a key that may be `__proto__`. */
function put(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}
