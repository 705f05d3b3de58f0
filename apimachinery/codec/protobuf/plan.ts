/** What the codec knows of a definition: its fields by number, with their schemas. Made once a definition. */
import type { ObjectNode } from "../../schema/json-schema.js";
import type { Schema, SchemaNode } from "../../schema/schema.js";
import type { NumberedField } from "./field-numbers.js";

export interface MessagePlan {
  /** Highest number first: the order in which they are written. */
  readonly fields: readonly FieldPlan[];
  readonly byNumber: ReadonlyMap<number, FieldPlan>;
}
export type FieldPlan =
  | { readonly type: "inline"; readonly number: number; readonly message: MessagePlan }
  | {
      readonly type: "field";
      readonly number: number;
      readonly name: string;
      readonly node: SchemaNode;
      /** A zero on the wire is absence: where the API's field is no pointer, absence is written as zero. */
      readonly dropsZero: boolean;
    };

/** The fields of a definition, or of one of its package that is inlined (`name`); undefined where none are known. */
export type FieldNumbers = (definition: ObjectNode, name: string) => readonly NumberedField[] | undefined;

export class Plans {
  readonly #numbers: FieldNumbers;
  readonly #plans = new Map<ObjectNode, MessagePlan | undefined>();

  constructor(numbers: FieldNumbers) {
    this.#numbers = numbers;
  }

  /** Undefined where a number is missing. */
  of(definition: ObjectNode): MessagePlan | undefined {
    if (!this.#plans.has(definition)) this.#plans.set(definition, this.#plan(definition, definition.name));
    return this.#plans.get(definition);
  }

  /** Fields of the schema that have no number; kind and apiVersion are told apart from the object. */
  missing(definition: ObjectNode): readonly string[] {
    const plan = this.of(definition);
    const known = new Set(plan ? namesOf(plan) : []);
    return [...definition.fields.keys()].filter((name) => !known.has(name) && !isTypeField(name));
  }

  #plan(definition: ObjectNode, name: string): MessagePlan | undefined {
    const numbered = this.#numbers(definition, name);
    if (!numbered) return undefined;
    const fields = numbered.flatMap((field): FieldPlan[] => {
      const { number, inline } = field;
      if (inline) {
        const message = this.#plan(definition, field.name);
        return message ? [{ type: "inline", number, message }] : [];
      }
      const schema = definition.fields.get(field.name);
      if (!schema) return [];
      const { node } = schema;
      // Messages tell absence from zero by themselves.
      const isScalar = node.type === "string" || node.type === "integer" || node.type === "boolean";
      const dropsZero = isScalar && !field.zeroIsValue && (node.optional === true || node.default !== undefined);
      return [{ type: "field", number, name: field.name, node: resolved(schema), dropsZero }];
    });
    return { fields: fields.toReversed(), byNumber: new Map(fields.map((field) => [field.number, field])) };
  }
}

const isTypeField = (name: string): boolean => name === "kind" || name === "apiVersion";

const namesOf = ({ fields }: MessagePlan): readonly string[] =>
  fields.flatMap((field) => (field.type === "inline" ? namesOf(field.message) : [field.name]));

/** What a reference leads to. */
export function resolved({ node }: Schema<unknown>): SchemaNode {
  return node.type === "ref" ? resolved(node.target()) : node;
}
