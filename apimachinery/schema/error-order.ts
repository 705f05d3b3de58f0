import type { FieldError, Schema, SchemaNode } from "./schema.js";

/**
 * Errors of one field stand together, items of a list in their order, and fields as their object wants it
 * (`errorOrder`), whoever found the errors: the schema, an object's rules, or those of what holds it.
 */
export function inOrder(schema: Schema<unknown>, errors: readonly FieldError[]): FieldError[] {
  return ordered(
    schema.node,
    errors.map((error) => ({ error, rest: error.path })),
  ).map(({ error }) => error);
}

interface Step {
  readonly error: FieldError;
  /** What of the path is still to be walked. */
  readonly rest: string;
}

function ordered(node: SchemaNode, steps: readonly Step[]): readonly Step[] {
  if (steps.length < 2) return steps;
  switch (node.type) {
    case "ref":
      return ordered(node.target().node, steps);
    case "object":
      return inFieldOrder(node, steps);
    case "list":
      return [...grouped(steps, itemStep)]
        .sort(([one], [other]) => Number(one) - Number(other))
        .flatMap(([, group]) => ordered(node.item.node, group));
    default:
      return steps;
  }
}

function inFieldOrder(
  { fields, errorOrder = [] }: SchemaNode & { type: "object" },
  steps: readonly Step[],
): readonly Step[] {
  const rank = (field: string): number => {
    const at = errorOrder.indexOf(field);
    return at < 0 ? errorOrder.length : at;
  };
  return [...grouped(steps, fieldStep)]
    .sort(([one], [other]) => rank(one) - rank(other))
    .flatMap(([name, group]) => {
      const field = fields.get(name);
      return field ? ordered(field.node, group) : group;
    });
}

const fieldStep = /^\.?([^.[]*)/;
const itemStep = /^\[(\d+)\]/;

/** Steps by what the pattern finds at the front of their path; those without it under "". */
function grouped(steps: readonly Step[], pattern: RegExp): ReadonlyMap<string, readonly Step[]> {
  const groups = new Map<string, Step[]>();
  for (const { error, rest } of steps) {
    const [whole = "", name = ""] = pattern.exec(rest) ?? [];
    const step = { error, rest: rest.slice(whole.length) };
    const group = groups.get(name);
    if (group) group.push(step);
    else groups.set(name, [step]);
  }
  return groups;
}
