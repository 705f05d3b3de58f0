/** What each writer does, step by step: the same for whoever computes it, so that the file tells all by its steps. */
export type Step =
  | { readonly type: "put"; readonly key: string; readonly value: string }
  | { readonly type: "delete"; readonly key: string };

export const writers = 8;
const keysPerWriter = 4;
const paddingMaxBytes = 3_000;

/** The step of a writer, given what its keys hold. */
export function stepOf(writer: number, step: number, has: (key: string) => boolean): Step {
  const dice = hash(writer, step);
  const key = `/registry/crash/w${writer}/k${dice % keysPerWriter}`;
  if (has(key) && dice % 7 === 0) return { type: "delete", key };
  return { type: "put", key, value: `${writer}:${step}:${"x".repeat((dice >>> 8) % paddingMaxBytes)}` };
}

/** A well mixed number of 32 bits. */
function hash(writer: number, step: number): number {
  let mixed = Math.imul(writer + 1, 0x9e3779b1) ^ Math.imul(step + 1, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
