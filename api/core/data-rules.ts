import { configMapKey } from "../../apimachinery/names.js";
import { forbidden, invalid, invalidFor, tooLong } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import { equal } from "../../base/equal.js";

/** What ConfigMaps and Secrets have in common: keys, size, and that they may be sealed. */

export const dataMaxBytes = 1024 * 1024;

type Data = Readonly<Record<string, string>>;
type Holder<K extends string> = { readonly immutable?: boolean } & { readonly [P in K]?: Data };

export function dataErrors<K extends string>(holder: Holder<K>, fields: readonly K[]): FieldError[] {
  const seen = new Set<string>();
  let bytes = 0;
  const errors: FieldError[] = [];
  for (const field of fields) {
    const data: Data = holder[field] ?? {};
    for (const [key, value] of Object.entries(data)) {
      const path = `${field}[${key}]`;
      errors.push(...invalidFor(path, key, configMapKey(key)));
      if (seen.has(key)) errors.push(invalid(`${fields[0]}[${key}]`, key, `duplicate of key present in ${field}`));
      seen.add(key);
      bytes += field === "data" && fields.length > 1 ? Buffer.byteLength(value) : decodedBytes(value);
    }
  }
  // What has several maps is too long as a whole, which Kubernetes names so.
  if (bytes > dataMaxBytes) errors.push(tooLong(fields.length > 1 ? "[]" : `${fields[0]}`, dataMaxBytes));
  return errors;
}

const decodedBytes = (base64: string): number =>
  Math.floor((base64.length * 3) / 4) - (base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0);

const sealed = "field is immutable when `immutable` is set";

export function immutabilityErrors<K extends string>(
  holder: Holder<K>,
  old: Holder<K>,
  fields: readonly K[],
): FieldError[] {
  if (!old.immutable) return [];
  const changed = fields.filter((field) => !equal(holder[field], old[field]));
  return [...(holder.immutable ? [] : ["immutable"]), ...changed].map((field) => forbidden(field, sealed));
}
