import type { FieldSet } from "./field-set.js";

/**
 * Objects made alike are owned alike: a thousand pods of one template hold the same few sets, each kept once, with its
 * text.
 */

/** Sets remembered; the rest are kept by the objects that hold them. */
const maxSets = 10_000;
const maxRememberedCharacters = 32 * 1024;
const byText = new Map<string, FieldSet>();
const texts = new WeakMap<FieldSet, string>();

/** The one set that says the same. */
export function interned(set: FieldSet): FieldSet {
  if (texts.has(set)) return set;
  const text = JSON.stringify(set);
  const known = byText.get(text);
  return known ?? remember(freeze(set), text);
}

function remember(set: FieldSet, text: string): FieldSet {
  texts.set(set, text);
  if (text.length > maxRememberedCharacters) return set;
  if (byText.size >= maxSets) byText.clear();
  byText.set(text, set);
  return set;
}

/** The set that a JSON text says; the text is trusted to say one. */
export function internedText(text: string): FieldSet {
  const known = byText.get(text);
  return known ?? remember(freeze(JSON.parse(text) as FieldSet), text);
}

/** The set that a value says if it is known to be one. */
export const alreadyInterned = (value: object): FieldSet | undefined =>
  texts.has(value as FieldSet) ? (value as FieldSet) : byText.get(JSON.stringify(value));

/** JSON of a set, encoded once for each that is interned. */
export function bytesOf(set: FieldSet): Uint8Array {
  let encoded = bytes.get(set);
  if (!encoded) {
    encoded = encoder.encode(texts.get(set) ?? JSON.stringify(set));
    if (texts.has(set)) bytes.set(set, encoded);
  }
  return encoded;
}

const encoder = new TextEncoder();
const bytes = new WeakMap<FieldSet, Uint8Array>();

function freeze(set: FieldSet): FieldSet {
  if (Object.isFrozen(set)) return set;
  for (const below of Object.values(set)) freeze(below);
  return Object.freeze(set);
}
