/**
 * Single characters that stand for path elements, each for one as long as the process lives: what an object holds can then
 * be looked up by a short text. They are few; when there are no more, the long way is taken.
 */

const first = 16;
const end = 0xd800;
/** Kept for members of schemas, which are as many as there are fields. */
const membersOnly = 0xa000;
let next = first;

export const newSign = (): string | undefined => (next < end ? String.fromCharCode(next++) : undefined);

const keys = new Map<string, string>();

/** The character for a key of a map. */
export function signOfKey(key: string): string | undefined {
  const known = keys.get(key);
  if (known !== undefined || next >= membersOnly) return known;
  const sign = newSign();
  if (sign !== undefined) keys.set(key, sign);
  return sign;
}
