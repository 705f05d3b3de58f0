import { randomUUID } from "node:crypto";

/** Dice as a parameter. Nobody can guess a uuid; the rest is for spreading things out, not for secrets. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A version 4 UUID. */
  uuid(): string;
  /** `length` characters of the alphabet that Kubernetes uses in generated names (no vowels, nothing confusable). */
  suffix(length: number): string;
}

const suffixAlphabet = "bcdfghjklmnpqrstvwxz2456789";

export const systemRandom: Random = {
  next: Math.random,
  uuid: () => randomUUID(),
  suffix: (length) => suffixFrom(length, Math.random),
};

/** The same numbers for the same seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const hex = (length: number): string => Array.from({ length }, () => Math.floor(next() * 16).toString(16)).join("");
  return {
    next,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${"89ab"[Math.floor(next() * 4)]}${hex(3)}-${hex(12)}`,
    suffix: (length) => suffixFrom(length, next),
  };
}

const suffixFrom = (length: number, next: () => number): string =>
  Array.from({ length }, () => suffixAlphabet[Math.floor(next() * suffixAlphabet.length)]).join("");
