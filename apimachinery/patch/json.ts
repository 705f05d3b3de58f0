import { jsonMaxDepth } from "../codec/json.js";
import { badRequest, StatusError } from "../status.js";

/**
 * JSON Patch (RFC 6902). The document and the patch are never changed: what lies on the way from the root to a changed
 * place is copied once, the rest is shared. How much one patch may copy is bounded. `__proto__` is a key like any other,
 * and inherited properties are not there.
 */

export const jsonPatchMaxOperations = 10_000;
/** Characters that `copy` may add to a document in all, as Kubernetes bounds it by the size of a request. */
export const jsonPatchMaxCopiedCharacters = 3 * 1024 * 1024;
/** Members of objects and lists that all operations together may copy or shift. */
export const jsonPatchMaxWorkMembers = 1_000_000;

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
  const work: Work = { characters: jsonPatchMaxCopiedCharacters, members: jsonPatchMaxWorkMembers, own: new Set() };
  const patched = operations.reduce((value, operation) => applyOperation(value, operation, work), document);
  if (nestsDeeper(patched, jsonMaxDepth)) throw badRequest(`the patched object exceeds max depth of ${jsonMaxDepth}`);
  return patched;
}

/** What is left for the operations of one patch to spend, and the containers that it made and may change in place. */
interface Work {
  characters: number;
  members: number;
  readonly own: Set<object>;
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

function applyOperation(document: unknown, operation: JsonPatchOperation, work: Work): unknown {
  const path = stepsOf(operation.path);
  try {
    switch (operation.op) {
      case "add":
        return edit(document, path, add(operation.value), work);
      case "replace":
        return edit(document, path, replace(operation.value), work);
      case "remove":
        return edit(document, path, remove, work);
      case "copy":
        return edit(document, path, add(copied(valueAt(document, stepsOf(operation.from)), work)), work);
      case "move":
        return move(document, operation.from, operation.path, work);
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

function move(document: unknown, from: string, to: string, work: Work): unknown {
  if (to.startsWith(`${from}/`)) throw new Misfit("a value cannot be moved into itself");
  const value = valueAt(document, stepsOf(from));
  if (from === to) return document;
  return edit(edit(document, stepsOf(from), remove, work), stepsOf(to), add(value), work);
}

/** An operation that is well formed but does not fit the document. */
class Misfit extends Error {}

type MutableObject = Record<string, unknown>;
type Container = Readonly<MutableObject> | readonly unknown[];
interface Change {
  /** Changes the place `step` of a container that may be changed. */
  readonly within: (container: MutableObject | unknown[], step: string) => void;
  /** What becomes of the document itself, for the empty path. */
  readonly root: () => unknown;
}

const add = (value: unknown): Change => ({
  root: () => value,
  within(container, step) {
    if (!Array.isArray(container)) return setMember(container, step, value);
    const index = step === "-" ? container.length : indexOf(step);
    if (index > container.length) throw new Misfit(`index ${step} is out of bounds`);
    container.splice(index, 0, value);
  },
});

const replace = (value: unknown): Change => ({
  root: () => value,
  within(container, step) {
    childOf(container, step);
    setMember(container, step, value);
  },
});

const remove: Change = {
  root: () => {
    throw new Misfit("the document itself cannot be removed");
  },
  within(container, step) {
    childOf(container, step);
    if (Array.isArray(container)) container.splice(indexOf(step), 1);
    else delete container[step];
  },
};

function edit(document: unknown, path: readonly string[], change: Change, work: Work): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return change.root();
  if (!isContainer(document)) throw new Misfit("missing path");
  const child = rest.length === 0 ? undefined : edit(childOf(document, step), rest, change, work);
  const container = ownCopy(document, work);
  if (rest.length === 0) change.within(container, step);
  else setMember(container, step, child);
  return container;
}

/** The container itself where this patch made it, else a copy. */
function ownCopy(container: Container, work: Work): MutableObject | unknown[] {
  const isOwn = work.own.has(container);
  // Shifting the items of a list is many times cheaper than copying members.
  work.members -= isArray(container) ? container.length / 16 : isOwn ? 0 : Object.keys(container).length;
  if (work.members < 0) throw tooMuch(`A JSON patch may copy or shift ${jsonPatchMaxWorkMembers} members`);
  if (isOwn) return container as MutableObject | unknown[];
  const copy = isArray(container) ? [...container] : { ...container };
  work.own.add(copy);
  return copy;
}

function setMember(container: MutableObject | unknown[], step: string, value: unknown): void {
  if (Array.isArray(container)) container[indexOf(step)] = value;
  else if (step === "__proto__")
    Object.defineProperty(container, step, { value, enumerable: true, configurable: true, writable: true });
  else container[step] = value;
}

const valueAt = (document: unknown, path: readonly string[]): unknown =>
  path.reduce((value, step) => {
    if (!isContainer(value)) throw new Misfit("missing path");
    return childOf(value, step);
  }, document);

function copied(value: unknown, work: Work): unknown {
  work.characters -= sizeOf(value, work.characters);
  if (work.characters < 0)
    throw tooMuch(`Unable to complete the copy: the limit of ${jsonPatchMaxCopiedCharacters} characters is exceeded`);
  // From now on what it consists of stands in two places.
  work.own.clear();
  return value;
}

const tooMuch = (message: string): StatusError => new StatusError("RequestEntityTooLarge", message);

/** About the characters of the value's JSON; stops counting above the limit. */
function sizeOf(value: unknown, limit: number): number {
  if (typeof value === "string") return value.length + 2;
  if (!isContainer(value)) return 5;
  let size = 2;
  for (const [key, item] of Object.entries(value)) {
    size += (isArray(value) ? 1 : key.length + 4) + sizeOf(item, limit - size);
    if (size > limit) break;
  }
  return size;
}

const nestsDeeper = (value: unknown, depth: number): boolean =>
  isContainer(value) && (depth === 0 || Object.values(value).some((item) => nestsDeeper(item, depth - 1)));

function childOf(container: Container, step: string): unknown {
  if (!isArray(container)) {
    if (!Object.hasOwn(container, step)) throw new Misfit(`missing key ${JSON.stringify(step)}`);
    return container[step];
  }
  const index = indexOf(step);
  if (index >= container.length) throw new Misfit(`index ${step} is out of bounds`);
  return container[index];
}

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
