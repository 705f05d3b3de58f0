import { isObject, type JsonObject } from "../merge.js";
import type { Shape } from "./shape.js";

/**
 * The decoded configuration with what decoding takes for absent and an applier claims all the same: nulls, and lists and
 * maps without anything in them.
 */
export function withEmpties(shape: Shape, decoded: unknown, given: unknown): unknown {
  if (shape.type === "list") {
    if (!Array.isArray(decoded) || !Array.isArray(given)) return decoded;
    return decoded.map((item, index) => withEmpties(shape.item, item, given[index]));
  }
  if (shape.type === "leaf" || !isObject(decoded) || !isObject(given)) return decoded;
  const all = new Map(Object.entries(decoded));
  for (const [name, said] of Object.entries(given)) {
    const member = shape.type === "struct" ? shape.member(name)?.shape : shape.value;
    if (!member) continue;
    if (all.has(name)) all.set(name, withEmpties(member, all.get(name), said));
    else if (isEmpty(said)) all.set(name, said);
  }
  return Object.fromEntries(all) satisfies JsonObject;
}

const isEmpty = (value: unknown): boolean =>
  value === null || (Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0);
