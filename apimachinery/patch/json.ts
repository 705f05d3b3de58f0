import { jsonMaxDepth } from "../codec/json.js";
import { jsonTypeOf } from "../schema/go-names.js";
import { badRequest, StatusError } from "../status.js";

/**
 * JSON Patch (RFC 6902) as Kubernetes takes it. Looser than the standard: a member that an object does not have reads as
 * null (so `replace` makes it), a missing `value` is null, a negative index counts from a list's end, and what stands before
 * a path's first slash does not count. Stricter: the document itself can be replaced and tested, nothing else.
 * The document and the patch are never changed: what lies on the way from the root to a changed place is copied once, the
 * rest is shared. How much one patch may copy is bounded. `__proto__` is a key like any other, and inherited properties
 * are not there.
 */

export const jsonPatchMaxOperations = 10_000;
/** Characters that `copy` may add to a document in all, as Kubernetes bounds it by the size of a request. */
export const jsonPatchMaxCopiedCharacters = 3 * 1024 * 1024;
/** Members of objects and lists that all operations together may copy or shift. */
export const jsonPatchMaxWorkMembers = 1_000_000;

/**
 * The document after all operations. Throws BadRequest for a patch that is no list of objects, RequestEntityTooLarge for
 * too many of them, Invalid (422) for an operation that is none or does not fit the document, a failing `test` among them.
 */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  const operations = operationsOf(patch);
  if (operations.length > jsonPatchMaxOperations)
    throw new StatusError(
      "RequestEntityTooLarge",
      `The allowed maximum operations in a JSON patch is ${jsonPatchMaxOperations}, got ${operations.length}`,
    );
  const work: Work = { characters: jsonPatchMaxCopiedCharacters, members: jsonPatchMaxWorkMembers, own: new Set() };
  const patched = operations.reduce<unknown>((value, operation) => operated(value, operation, work), document);
  if (nestsDeeper(patched, jsonMaxDepth)) throw tooDeep();
  return patched;
}

type Operation = Readonly<Record<string, unknown>>;

function operationsOf(patch: unknown): readonly Operation[] {
  const refused = (value: unknown, type: string): StatusError =>
    badRequest(`json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type jsonpatch.${type}`);
  if (patch === null) return [];
  if (!isArray(patch)) throw refused(patch, "Patch");
  return patch.map((operation) => {
    if (operation === null) return {};
    if (!isObject(operation)) throw refused(operation, "Operation");
    return operation;
  });
}

/** What is left for the operations of one patch to spend, and the containers that it made and may change in place. */
interface Work {
  characters: number;
  members: number;
  readonly own: Set<object>;
}

/** An operation that is none, or does not fit the document. */
class Misfit extends Error {}

function operated(document: unknown, operation: Operation, work: Work): unknown {
  try {
    return operate(document, operation, work);
  } catch (error) {
    if (error instanceof Misfit) throw new StatusError("Invalid", error.message);
    throw error;
  }
}

function operate(document: unknown, operation: Operation, work: Work): unknown {
  const { op } = operation;
  switch (op) {
    case "add":
    case "replace": {
      const path = pointerOf(operation, "path", op);
      const value = operand(operation);
      if (op === "replace" && path === "") return newDocument(value);
      return edit(document, placeAt(document, path, `${op} operation does not apply: doc is missing path`), {
        what: op,
        value,
        path,
        work,
      });
    }
    case "remove": {
      const path = pointerOf(operation, "path", op);
      return remove(document, path, `${op} operation does not apply: doc is missing path`, work);
    }
    case "copy":
    case "move":
      return relocate(document, operation, op, work);
    case "test":
      test(document, pointerOf(operation, "path", op), operand(operation));
      return document;
    default:
      throw new Misfit(`Unexpected kind: ${typeof op === "string" ? op : "unknown"}`);
  }
}

function pointerOf(operation: Operation, member: "path" | "from", op: string): string {
  const pointer = operation[member];
  if (typeof pointer === "string") return pointer;
  throw new Misfit(`${op} operation failed to decode ${member}: operation missing ${member} field: missing value`);
}

const operand = (operation: Operation): unknown => (Object.hasOwn(operation, "value") ? operation.value : null);

function newDocument(value: unknown): unknown {
  if (!isContainer(value)) throw new Misfit("replace operation value must be object or array");
  return value;
}

function test(document: unknown, path: string, wanted: unknown): void {
  const found = path === "" ? document : valueAt(document, path, "test operation does not apply: is missing path");
  if (!sameJson(found ?? null, wanted)) throw new Misfit(`testing value ${path} failed: test failed`);
}

function relocate(document: unknown, operation: Operation, op: "copy" | "move", work: Work): unknown {
  const from = pointerOf(operation, "from", op);
  const missing = (what: string): string => `${op} operation does not apply: doc is missing ${what} path`;
  const value = valueAt(document, from, missing("from")) ?? null;
  const rest = op === "move" ? remove(document, from, missing("from"), work) : document;
  const path = pointerOf(operation, "path", op);
  const place = placeAt(rest, path, missing("destination"));
  return edit(rest, place, { what: "add", value: op === "copy" ? copied(value, work) : value, path, work });
}

const remove = (document: unknown, path: string, missing: string, work: Work): unknown =>
  edit(document, placeAt(document, path, missing), { what: "remove", value: undefined, path, work });

/** The way to a place in a container that is there; the place itself may be empty. */
function placeAt(document: unknown, pointer: string, missing: string): Place {
  const [, ...steps] = pointer.split("/");
  const last = steps.pop();
  let container = document;
  for (const step of steps) container = isContainer(container) ? heldBy(container, step) : undefined;
  if (last === undefined || !isContainer(container)) throw new Misfit(`${missing}: ${pointer}: missing value`);
  return { steps: steps.map(unescaped), container, last: unescaped(last) };
}

interface Place {
  readonly steps: readonly string[];
  readonly container: Container;
  readonly last: string;
}

const unescaped = (step: string): string => step.replaceAll("~1", "/").replaceAll("~0", "~");

/** What a container on the way holds; a list that has no such index, nothing. */
function heldBy(container: Container, step: string): unknown {
  try {
    return childOf(container, unescaped(step));
  } catch (error) {
    if (error instanceof Misfit) return undefined;
    throw error;
  }
}

function valueAt(document: unknown, pointer: string, missing: string): unknown {
  const { container, last } = placeAt(document, pointer, missing);
  return childOf(container, last);
}

/** Undefined: the object has no such member. Throws for an index that the list does not have. */
function childOf(container: Container, step: string): unknown {
  if (isArray(container)) return container[indexOf(step, container.length)];
  return Object.hasOwn(container, step) ? container[step] : undefined;
}

function indexOf(step: string, length: number): number {
  if (!/^[+-]?[0-9]{1,18}$/.test(step))
    throw new Misfit(`strconv.Atoi: parsing ${JSON.stringify(step)}: invalid syntax`);
  const index = Number(step);
  if (index >= length || index < -length)
    throw new Misfit(`Unable to access invalid index: ${index}: invalid index referenced`);
  return index < 0 ? index + length : index;
}

type MutableObject = Record<string, unknown>;
type Container = Readonly<MutableObject> | readonly unknown[];

interface Change {
  readonly what: "add" | "replace" | "remove";
  readonly value: unknown;
  /** For messages. */
  readonly path: string;
  readonly work: Work;
}

function edit(document: unknown, { steps, last }: Place, change: Change): unknown {
  const way: { readonly container: MutableObject | unknown[]; readonly step: string }[] = [];
  let next = document;
  for (const step of [...steps, last]) {
    if (!isContainer(next)) throw new Misfit(`the path ${change.path} is not there`);
    const container = ownCopy(next, change.work);
    const above = way.at(-1);
    if (above) setMember(above.container, above.step, container);
    way.push({ container, step });
    next = way.length > steps.length ? undefined : childOf(container, step);
  }
  const place = way.at(-1);
  if (place) changeWithin(place.container, place.step, change);
  return way[0]?.container;
}

function changeWithin(container: MutableObject | unknown[], step: string, { what, value, path }: Change): void {
  const why = `error in ${what === "add" ? "add" : "remove"} for path: '${path}'`;
  try {
    if (Array.isArray(container)) changeList(container, step, what, value);
    else if (what !== "remove") setMember(container, step, value);
    else if (Object.hasOwn(container, step)) delete container[step];
    else throw new Misfit(`Unable to remove nonexistent key: ${step}: missing value`);
  } catch (error) {
    throw error instanceof Misfit ? new Misfit(`${why}: ${error.message}`) : error;
  }
}

function changeList(list: unknown[], step: string, what: Change["what"], value: unknown): void {
  if (what === "add") list.splice(step === "-" ? list.length : indexOf(step, list.length + 1), 0, value);
  else if (what === "remove") list.splice(indexOf(step, list.length), 1);
  else list[indexOf(step, list.length)] = value;
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
  if (Array.isArray(container)) container[indexOf(step, container.length)] = value;
  else if (step === "__proto__")
    Object.defineProperty(container, step, { value, enumerable: true, configurable: true, writable: true });
  else container[step] = value;
}

function copied(value: unknown, work: Work): unknown {
  work.characters -= sizeOf(value, work.characters, jsonMaxDepth);
  if (work.characters < 0)
    throw tooMuch(`Unable to complete the copy: the limit of ${jsonPatchMaxCopiedCharacters} characters is exceeded`);
  // From now on what it consists of stands in two places.
  work.own.clear();
  return value;
}

const tooMuch = (message: string): StatusError => new StatusError("RequestEntityTooLarge", message);
const tooDeep = (): StatusError => badRequest(`the patched object exceeds max depth of ${jsonMaxDepth}`);

/** About the characters of the value's JSON; stops counting above the limit. */
function sizeOf(value: unknown, limit: number, depth: number): number {
  if (typeof value === "string") return value.length + 2;
  if (!isContainer(value)) return 5;
  if (depth === 0) throw tooDeep();
  let size = 2;
  for (const [key, item] of Object.entries(value)) {
    size += (isArray(value) ? 1 : key.length + 4) + sizeOf(item, limit - size, depth - 1);
    if (size > limit) break;
  }
  return size;
}

const nestsDeeper = (value: unknown, depth: number): boolean =>
  isContainer(value) && (depth === 0 || Object.values(value).some((item) => nestsDeeper(item, depth - 1)));

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
