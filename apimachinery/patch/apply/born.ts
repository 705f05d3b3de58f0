import { isObject, type JsonObject } from "../merge.js";
import type { FieldSet } from "./field-set.js";
import { internedText } from "./interned.js";
import { itemsOf, type ListShape } from "./items.js";
import { fieldElement } from "./path-element.js";
import type { Shape } from "./shape.js";
import { signOfKey } from "./signs.js";

/**
 * What the creator of an object owns, written down as text at once: objects come by the thousand, and most own what another
 * owned before, so that the set of that text is there already.
 */

export const nobodysFields: ReadonlySet<string> = new Set(["apiVersion", "kind"]);
export const nobodysMetadata: ReadonlySet<string> = new Set([
  "name",
  "namespace",
  "creationTimestamp",
  "selfLink",
  "uid",
  "generation",
  "managedFields",
  "resourceVersion",
]);

/** Sets by what was signed for them. */
const bySignature = new Map<string, FieldSet>();
const maxSignatures = 10_000;
const open = "\u0001";
const close = "\u0002";
const excepting = "\u0003";

/** All fields that came into being with an object but those that are nobody's, and `except`. */
export function bornOwnable(shape: Shape, object: object, except?: string): FieldSet {
  if (shape.type !== "struct" || !isObject(object)) return internedText("{}");
  const signed = signature(shape, object);
  if (signed === undefined) return internedText(bornText(shape, object, except));
  const key = except === undefined ? signed : excepting + signed;
  const known = bySignature.get(key);
  if (known) return known;
  const made = internedText(bornText(shape, object, except));
  if (bySignature.size >= maxSignatures) bySignature.clear();
  bySignature.set(key, made);
  return made;
}

/** A short text that is another wherever the fields of two objects of one kind differ. Undefined where signs are missing. */
function signature(shape: Shape, value: unknown): string | undefined {
  let text = "";
  if (shape.type === "list") {
    if (!Array.isArray(value)) return "";
    for (const item of value) {
      const identity = shape.identify(item);
      const below = "missing" in identity || identity.sign === undefined ? undefined : signature(shape.item, item);
      if ("missing" in identity || below === undefined) return undefined;
      text += below === "" ? identity.sign : identity.sign + open + below + close;
    }
    return text;
  }
  if (shape.type === "leaf" || !isObject(value)) return "";
  for (const name in value) {
    if (value[name] === undefined) continue;
    const member = shape.type === "struct" ? shape.member(name) : undefined;
    if (shape.type === "struct" && !member) continue;
    const sign = member ? member.sign : signOfKey(name);
    const inner = member?.shape ?? (shape.type === "map" ? shape.value : undefined);
    if (!sign || !inner) return undefined;
    const below = inner.type === "leaf" ? "" : signature(inner, value[name]);
    if (below === undefined) return undefined;
    text += below === "" ? sign : sign + open + below + close;
  }
  return text;
}

function bornText(shape: Shape, object: JsonObject, except: string | undefined): string {
  const metadata = structText(
    shape.type === "struct" ? shape.member("metadata")?.shape : undefined,
    object.metadata,
    nobodysMetadata,
  );
  const rest = structText(shape, object, nobodysFields, "metadata", except);
  const parts = [metadata === "" ? "" : `"f:metadata":{${metadata}}`, rest].filter((text) => text !== "");
  return `{${parts.join(",")}}`;
}

/** Members of the node, without its braces; "" where there are none. */
function structText(
  shape: Shape | undefined,
  value: unknown,
  skipped?: ReadonlySet<string>,
  ...alsoSkipped: readonly (string | undefined)[]
): string {
  if (shape?.type !== "struct" || !isObject(value)) return "";
  let text = "";
  for (const name of Object.keys(value)) {
    if (skipped && (skipped.has(name) || alsoSkipped.includes(name))) continue;
    const member = shape.member(name);
    if (!member || value[name] === undefined) continue;
    const below = textBelow(member.shape, value[name]);
    text += `${text === "" ? "" : ","}${member.text}${nodeText(below, member.optional)}`;
  }
  return text;
}

const nodeText = (below: string, withSelf: boolean): string =>
  below === "" ? "{}" : withSelf ? `{".":{},${below}}` : `{${below}}`;

function textBelow(shape: Shape, value: unknown): string {
  switch (shape.type) {
    case "leaf":
      return "";
    case "struct":
      return structText(shape, value);
    case "map":
      return isObject(value) ? mapText(shape.value, value) : "";
    case "list":
      return Array.isArray(value) ? listText(shape, value) : "";
  }
}

function mapText(shape: Shape, value: JsonObject): string {
  let text = "";
  for (const key of Object.keys(value)) {
    const below = shape.type === "leaf" ? "" : textBelow(shape, value[key]);
    text += `${text === "" ? "" : ","}${JSON.stringify(fieldElement(key))}:${nodeText(below, true)}`;
  }
  return text;
}

function listText(shape: ListShape, value: readonly unknown[]): string {
  const seen = new Set<string>();
  let text = "";
  for (const item of value) {
    const identity = shape.identify(item);
    if ("missing" in identity) continue;
    if (seen.has(identity.text)) return sharedKeysText(shape, value);
    seen.add(identity.text);
    text += `${text === "" ? "" : ","}${identity.text}:${nodeText(textBelow(shape.item, item), true)}`;
  }
  return text;
}

/** Items that share a key can only be owned together, whole. */
function sharedKeysText(shape: ListShape, value: readonly unknown[]): string {
  return [...itemsOf(shape, value)]
    .map(([element, [item, ...more]]) => {
      const below = more.length === 0 ? textBelow(shape.item, item) : "";
      return `${JSON.stringify(element)}:${nodeText(below, true)}`;
    })
    .join(",");
}
