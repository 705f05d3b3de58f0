import type { ManagedFieldsEntry } from "../../meta.js";
import { isObject } from "../merge.js";
import type { FieldSet } from "./field-set.js";
import { bytesOf } from "./interned.js";
import { fieldsOf } from "./managers.js";

/** JSON of metadata.managedFields in pieces; the sets, most of it, are not written out again. */
export function entriesBytes(entries: readonly ManagedFieldsEntry[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let text = "[";
  for (const entry of entries) {
    const { fieldsV1, ...rest } = entry;
    const written = JSON.stringify(rest);
    if (fieldsV1 === undefined) text += `${written},`;
    else {
      const separator = written === "{}" ? "" : ",";
      parts.push(
        encoder.encode(`${text}${written.slice(0, -1)}${separator}"fieldsV1":`),
        bytesOf(fieldsV1 as FieldSet),
      );
      text = "},";
    }
  }
  parts.push(encoder.encode(`${text.slice(0, -1)}]`));
  return parts;
}

const encoder = new TextEncoder();

/** Whether there are entries to write. What lies on a disk gone bad may be anything. */
export const areEntries = (value: unknown): value is readonly ManagedFieldsEntry[] =>
  Array.isArray(value) && value.length > 0 && value.every(isObject);

/** An entry read from the store, its set shared with those of other objects. What is none is left as it is. */
export function sharedEntry(entry: unknown): unknown {
  const fields = isObject(entry) && entry.fieldsV1 !== undefined ? fieldsOf(entry) : undefined;
  return fields && isObject(entry) ? { ...entry, fieldsV1: fields } : entry;
}
