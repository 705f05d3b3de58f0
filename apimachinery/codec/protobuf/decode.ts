/** Kubernetes' protocol buffers as the objects that JSON would be parsed to. */

import { unreachable } from "../../../base/assert.js";
import type { ObjectNode } from "../../schema/json-schema.js";
import type { SchemaNode } from "../../schema/schema.js";
import { parseJson } from "../json.js";
import { type FieldPlan, type MessagePlan, type Plans, resolved } from "./plan.js";
import { ProtoReader } from "./reader.js";
import { timeText } from "./time.js";

const nestingMax = 64;

/**
 * Reads the fields of an object; fields without a known number are skipped, as every reader of protocol buffers does.
 * Throws SyntaxError for bytes that are none, TypeError for a definition without numbers.
 */
export function decodeObject(
  plans: Plans,
  definition: ObjectNode,
  bytes: Uint8Array,
): Readonly<Record<string, unknown>> {
  const plan = plans.of(definition);
  if (!plan) throw new TypeError(`${definition.name} has no form as protocol buffer`);
  return new Decoder(plans).message(plan, bytes, 0);
}

class Decoder {
  readonly #plans: Plans;

  constructor(plans: Plans) {
    this.#plans = plans;
  }

  message(plan: MessagePlan, bytes: Uint8Array, depth: number): Readonly<Record<string, unknown>> {
    const found = new Map<string, unknown>();
    this.#into(found, plan, bytes, depth);
    // Defines each member, whatever its name.
    return Object.fromEntries(found);
  }

  #into(found: Map<string, unknown>, plan: MessagePlan, bytes: Uint8Array, depth: number): void {
    if (depth > nestingMax) throw new SyntaxError("messages are nested too deeply");
    const reader = new ProtoReader(bytes);
    while (!reader.atEnd) {
      const { field: number, wireType } = reader.tag();
      const field = plan.byNumber.get(number);
      if (!field) reader.skip(wireType);
      else if (field.type === "inline") this.#into(found, field.message, delimited(reader, wireType), depth + 1);
      else this.#field(found, field, reader, wireType, depth);
    }
  }

  #field(
    found: Map<string, unknown>,
    { name, node, dropsZero }: FieldPlan & { readonly type: "field" },
    reader: ProtoReader,
    wireType: number,
    depth: number,
  ): void {
    if (node.type === "list") {
      const items = (found.get(name) as unknown[] | undefined) ?? [];
      this.#items(items, resolved(node.item), reader, wireType, depth);
      if (items.length > 0) found.set(name, items);
    } else if (node.type === "map") {
      const entry = this.#entry(resolved(node.value), delimited(reader, wireType), depth + 1);
      const entries = (found.get(name) as Record<string, unknown> | undefined) ?? {};
      Object.defineProperty(entries, entry.key, {
        value: entry.value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
      found.set(name, entries);
    } else {
      const value = this.#value(node, reader, wireType, depth);
      if (value === undefined || (dropsZero && (value === "" || value === 0 || value === false))) found.delete(name);
      else found.set(name, value);
    }
  }

  /** One item, or all of them where numbers are packed. */
  #items(items: unknown[], node: SchemaNode, reader: ProtoReader, wireType: number, depth: number): void {
    if (node.type === "integer" && wireType === 2) {
      const packed = new ProtoReader(reader.bytes());
      while (!packed.atEnd) items.push(packed.integer());
    } else items.push(this.#value(node, reader, wireType, depth) ?? null);
  }

  #entry(node: SchemaNode, bytes: Uint8Array, depth: number): { readonly key: string; readonly value: unknown } {
    const reader = new ProtoReader(bytes);
    let key = "";
    let value: unknown;
    while (!reader.atEnd) {
      const { field, wireType } = reader.tag();
      if (field === 1) key = delimitedText(reader, wireType);
      else if (field !== 2) reader.skip(wireType);
      else if (node.type === "list") value = this.#listMessage(node, delimited(reader, wireType), depth);
      else value = this.#value(node, reader, wireType, depth);
    }
    return { key, value: value ?? emptyOf(node) };
  }

  #listMessage(node: SchemaNode & { readonly type: "list" }, bytes: Uint8Array, depth: number): readonly unknown[] {
    const items: unknown[] = [];
    const reader = new ProtoReader(bytes);
    while (!reader.atEnd) {
      const { field, wireType } = reader.tag();
      if (field === 1) this.#items(items, resolved(node.item), reader, wireType, depth);
      else reader.skip(wireType);
    }
    return items;
  }

  #value(node: SchemaNode, reader: ProtoReader, wireType: number, depth: number): unknown {
    switch (node.type) {
      case "integer":
        return scalar(reader, wireType, 0).integer();
      case "boolean":
        return scalar(reader, wireType, 0).integer() !== 0;
      case "number":
        return scalar(reader, wireType, 1).double();
      case "string":
        return stringValue(node, reader, wireType);
      case "int-or-string":
        return intOrString(delimited(reader, wireType));
      case "any":
        return rawJson(delimited(reader, wireType));
      case "object": {
        const plan = this.#plans.of(node);
        if (!plan) throw new TypeError(`${node.name} has no form as protocol buffer`);
        return this.message(plan, delimited(reader, wireType), depth + 1);
      }
      case "ref":
        return this.#value(resolved({ node }), reader, wireType, depth);
      case "list":
      case "map":
        throw new SyntaxError("a list within a list has no form on the wire");
      default:
        return unreachable(node);
    }
  }
}

function scalar(reader: ProtoReader, wireType: number, expected: number): ProtoReader {
  if (wireType !== expected) throw new SyntaxError(`wire type ${wireType} where ${expected} is expected`);
  return reader;
}

const delimited = (reader: ProtoReader, wireType: number): Buffer => scalar(reader, wireType, 2).bytes();
const delimitedText = (reader: ProtoReader, wireType: number): string => scalar(reader, wireType, 2).string();

function stringValue(
  { format }: SchemaNode & { readonly type: "string" },
  reader: ProtoReader,
  wireType: number,
): string | undefined {
  switch (format) {
    case undefined:
      return delimitedText(reader, wireType);
    case "bytes":
      return delimited(reader, wireType).toString("base64");
    case "quantity":
      return numbersAndTexts(delimited(reader, wireType)).texts.get(1) ?? "0";
    case "time":
    case "micro-time": {
      const bytes = delimited(reader, wireType);
      // A time that was never set.
      if (bytes.length === 0) return undefined;
      const { numbers } = numbersAndTexts(bytes);
      const time = { seconds: Number(numbers.get(1) ?? 0), nanos: Number(numbers.get(2) ?? 0) };
      return timeText(time, format === "time" ? "seconds" : "microseconds");
    }
    default:
      return unreachable(format);
  }
}

function intOrString(bytes: Uint8Array): number | string {
  const { numbers, texts } = numbersAndTexts(bytes);
  return Number(numbers.get(1) ?? 0) === 1 ? (texts.get(3) ?? "") : Number(numbers.get(2) ?? 0);
}

function rawJson(bytes: Uint8Array): unknown {
  const reader = new ProtoReader(bytes);
  let raw: Uint8Array = new Uint8Array();
  while (!reader.atEnd) {
    const { field, wireType } = reader.tag();
    if (field === 1) raw = delimited(reader, wireType);
    else reader.skip(wireType);
  }
  return raw.length === 0 ? undefined : parseJson(raw).value;
}

/** A small message of integers and strings. */
function numbersAndTexts(bytes: Uint8Array) {
  const numbers = new Map<number, number | bigint>();
  const texts = new Map<number, string>();
  const reader = new ProtoReader(bytes);
  while (!reader.atEnd) {
    const { field, wireType } = reader.tag();
    if (wireType === 0) numbers.set(field, reader.integer());
    else if (wireType === 2) texts.set(field, reader.string());
    else reader.skip(wireType);
  }
  return { numbers, texts };
}

function emptyOf(node: SchemaNode): unknown {
  if (node.type === "string") return node.format === "quantity" ? "0" : "";
  if (node.type === "integer" || node.type === "number" || node.type === "int-or-string") return 0;
  if (node.type === "boolean") return false;
  return node.type === "list" ? [] : {};
}
