/** Objects as Kubernetes' protocol buffers. */

import { unreachable } from "../../../base/assert.js";
import type { ObjectNode } from "../../schema/json-schema.js";
import type { SchemaNode } from "../../schema/schema.js";
import { stringifyJson } from "../json.js";
import { type MessagePlan, type Plans, resolved } from "./plan.js";
import { timeOf } from "./time.js";
import type { ProtoWriter } from "./writer.js";

type Fields = Readonly<Record<string, unknown>>;

/** Writes the fields of an object; what has no number is left out. Throws TypeError for a value of another type. */
export function encodeObject(writer: ProtoWriter, plans: Plans, definition: ObjectNode, value: unknown): void {
  const plan = plans.of(definition);
  if (!plan) throw new TypeError(`${definition.name} has no form as protocol buffer`);
  new Encoder(writer, plans).fields(plan, fieldsOf(value));
}

class Encoder {
  readonly #writer: ProtoWriter;
  readonly #plans: Plans;

  constructor(writer: ProtoWriter, plans: Plans) {
    this.#writer = writer;
    this.#plans = plans;
  }

  fields(plan: MessagePlan, object: Fields): void {
    for (const field of plan.fields) {
      if (field.type === "inline") {
        const before = this.#writer.length;
        this.fields(field.message, object);
        this.#writer.close(field.number, before);
      } else if (Object.hasOwn(object, field.name)) this.#value(field.number, field.node, object[field.name]);
    }
  }

  #value(number: number, node: SchemaNode, value: unknown): void {
    if (value === undefined || value === null) return;
    const writer = this.#writer;
    switch (node.type) {
      case "string":
        this.#string(number, node, text(value));
        break;
      case "integer":
        writer.integer(number, integer(value));
        break;
      case "number":
        writer.double(number, Number(value));
        break;
      case "boolean":
        writer.boolean(number, value === true);
        break;
      case "int-or-string":
        this.#intOrString(number, value);
        break;
      case "any":
        writer.message(number, () => writer.bytes(1, Buffer.from(stringifyJson(value))));
        break;
      case "list":
        for (const item of listOf(value).toReversed()) this.#value(number, resolved(node.item), item);
        break;
      case "map":
        this.#map(number, resolved(node.value), fieldsOf(value));
        break;
      case "object": {
        const plan = this.#plans.of(node);
        if (!plan) throw new TypeError(`${node.name} has no form as protocol buffer`);
        const before = writer.length;
        this.fields(plan, fieldsOf(value));
        writer.close(number, before);
        break;
      }
      case "ref":
        this.#value(number, resolved({ node }), value);
        break;
      default:
        unreachable(node);
    }
  }

  #string(number: number, { format }: SchemaNode & { readonly type: "string" }, value: string): void {
    const writer = this.#writer;
    switch (format) {
      case undefined:
        writer.string(number, value);
        break;
      case "bytes":
        writer.bytes(number, Buffer.from(value, "base64"));
        break;
      case "quantity":
        writer.message(number, () => writer.string(1, value));
        break;
      case "time":
      case "micro-time": {
        const { seconds, nanos } = timeOf(value);
        writer.message(number, () => {
          if (nanos !== 0) writer.integer(2, nanos);
          writer.integer(1, seconds);
        });
        break;
      }
      default:
        unreachable(format);
    }
  }

  #intOrString(number: number, value: unknown): void {
    const writer = this.#writer;
    writer.message(number, () => {
      if (typeof value === "string") writer.string(3, value);
      else writer.integer(2, integer(value));
      writer.integer(1, typeof value === "string" ? 1 : 0);
    });
  }

  #map(number: number, node: SchemaNode, value: Fields): void {
    const writer = this.#writer;
    for (const [key, each] of Object.entries(value).toReversed()) {
      const before = writer.length;
      // A map holds no lists on the wire: they are a message with items.
      if (node.type === "list") writer.message(2, () => this.#value(1, node, each));
      else this.#value(2, node, each);
      writer.string(1, key);
      writer.close(number, before);
    }
  }
}

function fieldsOf(value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError("an object is expected");
  return value as Fields;
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError("a list is expected");
  return value;
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new TypeError("a string is expected");
  return value;
}

function integer(value: unknown): number | bigint {
  if (typeof value !== "number" && typeof value !== "bigint") throw new TypeError("an integer is expected");
  return value;
}
