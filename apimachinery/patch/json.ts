import { badRequest, StatusError } from "../status.js";

/**
 * JSON Patch (RFC 6902). Values are shared, never changed in place: only the way from the root to a changed place is
 * copied, so an operation costs the widths along its path and `copy` cannot blow memory up. `__proto__` is a key like any
 * other, and inherited properties are not there.
 */

export const jsonPatchMaxOperations = 10_000;

export type JsonPatchOperation =
  | { readonly op: "add" | "replace" | "test"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string }
  | { readonly op: "move" | "copy"; readonly path: string; readonly from: string };

/**
 * The document after all operations. Throws BadRequest for a patch that is none, RequestEntityTooLarge for too many
 * operations, Invalid (422) for an operation that does not fit the document, a failing `test` among them.
 */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest("error decoding patch: a JSON patch is a list of operations");
  if (patch.length > jsonPatchMaxOperations)
    throw new StatusError(
      "RequestEntityTooLarge",
      `The allowed maximum operations in a JSON patch is ${jsonPatchMaxOperations}, got ${patch.length}`,
    );
  const operations = patch.map(decodeOperation);
  return operations.reduce(applyOperation, document);
}

function decodeOperation(operation: unknown): JsonPatchOperation {
  if (!isObject(operation)) throw badRequest("error decoding patch: an operation is an object");
  const { op, path, from } = operation;
  const text = JSON.stringify(op);
  if (typeof path !== "string") throw badRequest(`error decoding patch: operation ${text} needs a path`);
  switch (op) {
    case "add":
    case "replace":
    case "test":
      if (!Object.hasOwn(operation, "value"))
        throw badRequest(`error decoding patch: operation ${text} at ${JSON.stringify(path)} needs a value`);
      return { op, path, value: operation.value };
    case "remove":
      return { op, path };
    case "move":
    case "copy":
      if (typeof from !== "string")
        throw badRequest(`error decoding patch: operation ${text} at ${JSON.stringify(path)} needs from`);
      return { op, path, from };
    default:
      throw badRequest(`error decoding patch: unknown operation ${text}`);
  }
}

function applyOperation(document: unknown, operation: JsonPatchOperation): unknown {
  const path = stepsOf(operation.path);
  try {
    switch (operation.op) {
      case "add":
        return edit(document, path, add(operation.value));
      case "replace":
        return edit(document, path, replace(operation.value));
      case "remove":
        return edit(document, path, remove);
      case "copy":
        return edit(document, path, add(valueAt(document, stepsOf(operation.from))));
      case "move":
        return move(document, operation.from, operation.path);
      case "test":
        if (!sameJson(valueAt(document, path), operation.value)) throw new Misfit("testing value failed");
        return document;
    }
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    const message = `${operation.op} operation at ${JSON.stringify(operation.path)}: ${error.message}`;
    throw new StatusError("Invalid", `the server rejected our request due to an error in our request: ${message}`, {
      causes: [{ reason: "UnexpectedServerResponse", message }],
    });
  }
}

function move(document: unknown, from: string, to: string): unknown {
  if (to.startsWith(`${from}/`)) throw new Misfit("a value cannot be moved into itself");
  const value = valueAt(document, stepsOf(from));
  if (from === to) return document;
  return edit(edit(document, stepsOf(from), remove), stepsOf(to), add(value));
}

/** An operation that is well formed but does not fit the document. */
class Misfit extends Error {}

type Container = Readonly<Record<string, unknown>> | readonly unknown[];
interface Change {
  /** What becomes of the place `step` of a container. */
  readonly within: (container: Container, step: string) => unknown;
  /** What becomes of the document itself, for the empty path. */
  readonly root: () => unknown;
}

const add = (value: unknown): Change => ({
  root: () => value,
  within(container, step) {
    if (!isArray(container)) return withMember(container, step, value);
    const index = step === "-" ? container.length : indexOf(step);
    if (index > container.length) throw new Misfit(`index ${step} is out of bounds`);
    return container.toSpliced(index, 0, value);
  },
});

const replace = (value: unknown): Change => ({
  root: () => value,
  within(container, step) {
    childOf(container, step);
    return isArray(container) ? container.with(indexOf(step), value) : withMember(container, step, value);
  },
});

const remove: Change = {
  root: () => {
    throw new Misfit("the document itself cannot be removed");
  },
  within(container, step) {
    childOf(container, step);
    if (isArray(container)) return container.toSpliced(indexOf(step), 1);
    return Object.fromEntries(Object.entries(container).filter(([key]) => key !== step));
  },
};

function edit(document: unknown, path: readonly string[], change: Change): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return change.root();
  if (!isContainer(document)) throw new Misfit("missing path");
  if (rest.length === 0) return change.within(document, step);
  const child = edit(childOf(document, step), rest, change);
  return isArray(document) ? document.with(indexOf(step), child) : withMember(document, step, child);
}

const valueAt = (document: unknown, path: readonly string[]): unknown =>
  path.reduce((value, step) => {
    if (!isContainer(value)) throw new Misfit("missing path");
    return childOf(value, step);
  }, document);

function childOf(container: Container, step: string): unknown {
  if (!isArray(container)) {
    if (!Object.hasOwn(container, step)) throw new Misfit(`missing key ${JSON.stringify(step)}`);
    return container[step];
  }
  const index = indexOf(step);
  if (index >= container.length) throw new Misfit(`index ${step} is out of bounds`);
  return container[index];
}

// Spread and computed members make own properties whatever the key; a literal `__proto__:` would not.
const withMember = (container: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown => ({
  ...container,
  [key]: value,
});

function stepsOf(pointer: string): string[] {
  if (pointer === "") return [];
  if (!pointer.startsWith("/") || /~(?![01])/.test(pointer))
    throw badRequest(`error decoding patch: ${JSON.stringify(pointer)} is no JSON pointer`);
  const steps = pointer.slice(1).split("/");
  if (steps.length > pointerMaxSteps) throw badRequest("error decoding patch: a path is nested too deep");
  return steps.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

const pointerMaxSteps = 512;

function indexOf(step: string): number {
  if (!/^(0|[1-9][0-9]{0,9})$/.test(step)) throw new Misfit(`${JSON.stringify(step)} is no index of a list`);
  return Number(step);
}

const isArray = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const isContainer = (value: unknown): value is Container => typeof value === "object" && value !== null;
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => isContainer(value) && !isArray(value);

/** Equal as JSON values; the order of members does not count. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isArray(a)) return isArray(b) && a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
  );
}
