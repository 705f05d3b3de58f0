/**
 * The form in which objects lie in the store: JSON that begins `{"kind":..,"apiVersion":..,"metadata":{` and holds no
 * resourceVersion. The store's revision is put in at the offset where metadata begins, so nothing is parsed or encoded
 * again to serve an object, to send it as DELETED or to learn its revision late.
 */
import { parseJson, stringifyJson } from "../../apimachinery/codec/json.js";
import type { KubeObject, ObjectMeta } from "../../apimachinery/meta.js";
import { areEntries, entriesBytes, sharedEntry } from "../../apimachinery/patch/apply/entries-bytes.js";
import { apiVersionOf, type ResourceDefinition } from "../../apimachinery/resource.js";
import { applyDefaults } from "../../apimachinery/schema/defaults.js";
import { isRecord } from "../../base/record.js";
import { deepFreeze } from "./deep-freeze.js";

/** How often an object was turned into JSON since the process started. */
export const encodeCount = (): number => encodes;
let encodes = 0;

/** How often stored bytes were parsed since the process started. */
export const parseCount = (): number => parses;
let parses = 0;

/** An object as the store holds it, with the bytes that stand for it. The object has no resourceVersion and is frozen. */
export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly object: KubeObject;
}

/** Bytes to the object that they were made from: what this process wrote it need not parse. */
const writtenHere = new WeakMap<Uint8Array, KubeObject>();

/** Encodes an object for the store. The object is frozen. */
export function encodeStored(definition: ResourceDefinition, object: KubeObject): StoredObject {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...fields } = object;
  const { resourceVersion: _resourceVersion, ...meta } = metadata;
  const whole = { kind: definition.kind, apiVersion: apiVersionOf(definition), metadata: meta, ...fields };
  encodes++;
  const bytes = bytesOf(whole);
  const stored = deepFreeze(whole) as object as KubeObject;
  writtenHere.set(bytes, stored);
  return { bytes, object: stored };
}

/** JSON in which managedFields comes last of the metadata: its sets are many objects' and their bytes are there already. */
function bytesOf(whole: {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: ObjectMeta;
}): Uint8Array {
  const { managedFields } = whole.metadata;
  if (!areEntries(managedFields)) return encoder.encode(stringifyJson(whole));
  const { metadata, kind, apiVersion, ...fields } = whole;
  const { managedFields: _, ...meta } = metadata;
  const head = stringifyJson({ kind, apiVersion, metadata: meta }).slice(0, -2);
  const rest = stringifyJson(fields).slice(1);
  return joined([
    encoder.encode(`${head}${head.endsWith("{") ? "" : ","}"managedFields":`),
    ...entriesBytes(managedFields),
    encoder.encode(rest === "}" ? "}}" : `},${rest}`),
  ]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * Reads what the store holds, parsing only what another process wrote. Defaults that are younger than the object are
 * filled in; bytes of another shape are encoded anew. Throws when the bytes are no object.
 */
export function decodeStored(definition: ResourceDefinition, bytes: Uint8Array): StoredObject {
  const known = writtenHere.get(bytes);
  if (known) return { bytes, object: known };
  parses++;
  const { value: parsed } = parseJson(bytes);
  if (!isRecord(parsed) || !isRecord(parsed.metadata)) throw new SyntaxError("the stored value is not an object");
  const { managedFields } = parsed.metadata;
  if (Array.isArray(managedFields)) Object.assign(parsed.metadata, { managedFields: managedFields.map(sharedEntry) });
  const object = withDefaults(definition, parsed as object as KubeObject);
  if (object !== (parsed as object) || !startsAsExpected(definition, bytes) || "resourceVersion" in parsed.metadata) {
    return encodeStored(definition, object);
  }
  writtenHere.set(bytes, deepFreeze(object));
  return { bytes, object };
}

/** What no default can be found for (a value of the wrong type, from a disk gone bad) is shown, and can be deleted, as it is. */
function withDefaults(definition: ResourceDefinition, stored: KubeObject): KubeObject {
  try {
    return applyDefaults(definition.schema, stored);
  } catch {
    return stored;
  }
}

/** Offset of the first member of metadata. */
export const metadataOffset = (definition: ResourceDefinition): number => prefixOf(definition).length;

/** Length of what stands between the first brace and the name of metadata: kind and version. */
export const typeBytes = (definition: ResourceDefinition): number =>
  metadataOffset(definition) - 1 - metadataStart.length;

const encoder = new TextEncoder();
const metadataStart = '"metadata":{';
const prefixes = new WeakMap<ResourceDefinition, Uint8Array>();

function prefixOf(definition: ResourceDefinition): Uint8Array {
  const known = prefixes.get(definition);
  if (known) return known;
  const kind = JSON.stringify(definition.kind);
  const apiVersion = JSON.stringify(apiVersionOf(definition));
  const prefix = encoder.encode(`{"kind":${kind},"apiVersion":${apiVersion},${metadataStart}`);
  prefixes.set(definition, prefix);
  return prefix;
}

function startsAsExpected(definition: ResourceDefinition, bytes: Uint8Array): boolean {
  const prefix = prefixOf(definition);
  return bytes.length > prefix.length && prefix.every((byte, index) => bytes[index] === byte);
}
