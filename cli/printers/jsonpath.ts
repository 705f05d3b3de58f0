import { JsonPathError, type Part, parseJsonPath, type Step } from "./jsonpath-parse.js";

export { JsonPathError };

/** Evaluates a template to text: `{.metadata.name}`, `{range .items[*]}{.kind}{"\n"}{end}`. */
export function printJsonPath(template: string, root: unknown): string {
  const parts = parseJsonPath(template);
  try {
    return printParts(parts, root);
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    throw new JsonPathError(
      `error executing jsonpath ${JSON.stringify(template)}: Error executing template: ${error.message}`,
    );
  }
}

/** The values that the paths of a template lead to, one list a path. */
export function evaluateJsonPath(template: string, root: unknown): readonly (readonly unknown[])[] {
  return parseJsonPath(template).flatMap((part) => (part.type === "path" ? [walk(part.steps, [root])] : []));
}

/** `x.y`, `.x.y`, `{x.y}` and `{.x.y}` all mean `{.x.y}`. */
export function relaxedJsonPath(written: string): string {
  const inner = /^\{\.?([^{}]+)\}$/.exec(written)?.[1] ?? /^\.?([^{}]+)$/.exec(written)?.[1];
  if (inner === undefined) {
    throw new JsonPathError(
      "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
    );
  }
  return inner.startsWith("[") ? `{${inner}}` : `{.${inner}}`;
}

const printParts = (parts: readonly Part[], root: unknown): string =>
  parts.map((part) => printPart(part, root)).join("");

function printPart(part: Part, root: unknown): string {
  switch (part.type) {
    case "text":
      return part.text;
    case "path":
      return walk(part.steps, [root]).map(valueText).join(" ");
    case "range":
      return walk(part.steps, [root])
        .map((value) => printParts(part.body, value))
        .join("");
    case "stray-end":
      throw new JsonPathError("not in range, nothing to end");
  }
}

const walk = (steps: readonly Step[], values: readonly unknown[]): readonly unknown[] =>
  steps.reduce((current, step) => take(step, current), values);

function take(step: Step, values: readonly unknown[]): readonly unknown[] {
  switch (step.type) {
    case "text":
      return [step.text];
    case "literal":
      return [step.value];
    case "field":
      return values.flatMap((value) => (isMap(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : []));
    case "wildcard":
      return values.flatMap(children);
    case "recursive":
      return values.flatMap((value) => [...containers(value)]);
    case "slice":
      return values.flatMap((value) => slice(step, value));
    case "union":
      return step.members.flatMap((member) => walk(member, values));
    case "filter":
      return values.flatMap((value) => filter(step, value));
    case "identifier":
      throw new JsonPathError(`unrecognized identifier ${step.name}`);
  }
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function children(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (!isMap(value)) return [];
  return Object.keys(value)
    .sort()
    .map((key) => value[key]);
}

/** The value and everything below it that holds something. */
function* containers(value: unknown): Iterable<unknown> {
  const below = children(value);
  if (below.length === 0) return;
  yield value;
  for (const child of below) yield* containers(child);
}

function slice(step: Step & { type: "slice" }, value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw new JsonPathError(`${goType(value)} is not array or slice`);
  const { length } = value;
  let start = step.start ?? 0;
  let end = step.single ? start + 1 : (step.end ?? length);
  if (start < 0) start += length;
  if (end < 0 || (end === 0 && step.single)) end += length;
  if (start !== end) {
    if (start >= length || start < 0) throw outOfBounds(start, length);
    if (end > length || end < 0) throw outOfBounds(end - 1, length);
    if (start > end) throw new JsonPathError(`starting index ${start} is greater than ending index ${end}`);
  }
  const every = step.step ?? 1;
  if (every <= 0) throw new JsonPathError("step must be > 0");
  return value.slice(start, end).filter((_, index) => index % every === 0);
}

const outOfBounds = (index: number, length: number): JsonPathError =>
  new JsonPathError(`array index out of bounds: index ${index}, length ${length}`);

function filter(step: Step & { type: "filter" }, value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw new JsonPathError(`${goType(value)} is not array or slice and cannot be filtered`);
  return value.filter((item) => {
    const left = walk(step.left, [item]);
    if (step.operator === "exists") return left.length > 0;
    const right = walk(step.right, [item]);
    if (left.length === 0 || right.length === 0) return false;
    if (left.length > 1 || right.length > 1) throw new JsonPathError("can only compare one element at a time");
    return compare(left[0], step.operator, right[0]);
  });
}

function compare(left: unknown, operator: string, right: unknown): boolean {
  if (left === null || right === null) return operator === "!=" ? left !== right : operator === "==" && left === right;
  if (typeof left !== typeof right) throw new JsonPathError("incompatible types for comparison");
  const a = left as string;
  const b = right as string;
  switch (operator) {
    case "==":
      return a === b;
    case "!=":
      return a !== b;
    case "<":
      return a < b;
    case ">":
      return a > b;
    case "<=":
      return a <= b;
    case ">=":
      return a >= b;
    default:
      throw new JsonPathError(`unrecognized filter operator ${operator}`);
  }
}

const goType = (value: unknown): string =>
  isMap(value)
    ? "map[string]interface {}"
    : typeof value === "number"
      ? "int64"
      : typeof value === "boolean"
        ? "bool"
        : typeof value;

/** Strings as they are; maps and lists as JSON with sorted keys. */
function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null ? goJson(value) : String(value);
}

/** JSON with sorted keys and the characters escaped that Go escapes. */
export function goJson(value: unknown, indent = 0): string {
  const text = JSON.stringify(sortKeys(value), undefined, indent) ?? "null";
  return text.replaceAll(/[<>&\u2028\u2029]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

export function sortKeys(value: unknown, compare?: (a: string, b: string) => number): unknown {
  if (Array.isArray(value)) return value.map((item) => sortKeys(item, compare));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort(compare)
      .filter((key) => value[key] !== undefined)
      .map((key) => [key, sortKeys(value[key], compare)]),
  );
}
