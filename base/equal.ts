/** JSON values with the same meaning: an absent field equals an undefined one, the order of keys does not matter. */
export function equal(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, at) => equal(item, right[at]));
  }
  const a = new Map(Object.entries(left).filter(([, value]) => value !== undefined));
  const b = new Map(Object.entries(right).filter(([, value]) => value !== undefined));
  if (a.size !== b.size) return false;
  for (const [key, value] of a) if (!b.has(key) || !equal(value, b.get(key))) return false;
  return true;
}
