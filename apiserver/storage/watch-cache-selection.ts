/** Which objects of a resource a list or watch is about, in a form that costs little an object. */
import type { KubeObject } from "../../apimachinery/meta.js";
import { type ResourceDefinition, storedOf } from "../../apimachinery/resource.js";
import type { FieldSelector } from "../../apimachinery/selector/field.js";
import type { LabelSelectorMatcher } from "../../apimachinery/selector/label.js";

export interface SelectionInput {
  /** "" means all. */
  readonly namespace: string;
  readonly labels?: LabelSelectorMatcher | undefined;
  readonly fields?: FieldSelector | undefined;
}

export interface Selection {
  readonly namespace: string;
  /** Namespace aside, every object matches. */
  readonly everything: boolean;
  /** A field that must have one value: what watchers and objects can be looked up by. */
  readonly equality: { readonly field: string; readonly value: string } | undefined;
  /** Namespace included. */
  readonly matches: (object: KubeObject) => boolean;
}

/** Reads one field of an object; undefined for a field that the kind cannot be selected by. */
export function fieldReader<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  field: string,
): ((object: T) => string) | undefined {
  if (field === "metadata.name") return ({ metadata }) => metadata.name;
  if (field === "metadata.namespace" && definition.scope === "Namespaced") {
    return ({ metadata }) => metadata.namespace ?? "";
  }
  return Object.hasOwn(definition.selectableFields, field) ? definition.selectableFields[field] : undefined;
}

/** Fields must be ones that `fieldReader` knows; others match nothing. What is matched are objects as they are stored. */
export function compileSelection(served: ResourceDefinition, input: SelectionInput): Selection {
  const { namespace } = input;
  const definition = storedOf(served);
  const storedFields = served.conversion?.fields ?? {};
  const labels =
    input.labels && (input.labels.nothing || input.labels.requirements.length > 0) ? input.labels : undefined;
  const fields = (input.fields?.requirements ?? []).map(({ field, ...rest }) => ({
    ...rest,
    field: Object.hasOwn(storedFields, field) ? (storedFields[field] ?? field) : field,
  }));
  const inNamespace = definition.scope === "Namespaced" ? namespace : "";
  const tests: ((object: KubeObject) => boolean)[] = [];
  if (inNamespace !== "") tests.push(({ metadata }) => metadata.namespace === inNamespace);
  for (const { field, operator, value } of fields) {
    const read = fieldReader(definition, field);
    tests.push(read ? (object) => (read(object) === value) === (operator === "=") : () => false);
  }
  if (labels) tests.push(({ metadata }) => labels.matches(metadata.labels));
  const equality = fields.find(({ operator, field }) => operator === "=" && field !== "metadata.namespace");
  return {
    namespace: inNamespace,
    everything: fields.length === 0 && !labels,
    equality: equality && { field: equality.field, value: equality.value },
    matches: (object) => tests.every((test) => test(object)),
  };
}
