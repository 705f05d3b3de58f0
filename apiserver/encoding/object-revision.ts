import type { KubeObject } from "../../apimachinery/meta.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import type { Revision } from "../request.js";
import { deepFreeze } from "./deep-freeze.js";
import { decodeStored, encodeStored, metadataOffset, type StoredObject, typeBytes } from "./stored-object.js";

/**
 * One revision of one object. Bytes and object are shared by all who read it: the answer to the write, the cache, every
 * watcher and in-process caller.
 */
export class ObjectRevision<T extends KubeObject = KubeObject> implements Revision<T> {
  readonly definition: ResourceDefinition<T>;
  readonly key: string;
  readonly revision: number;
  readonly object: T;
  /** Without resourceVersion, as the store holds it. */
  readonly stored: Uint8Array;
  #json: Uint8Array | undefined;

  constructor(definition: ResourceDefinition<T>, key: string, revision: number, stored: StoredObject) {
    this.definition = definition;
    this.key = key;
    this.revision = revision;
    this.stored = stored.bytes;
    this.object = withResourceVersion(stored.object, revision) as T;
  }

  get json(): Uint8Array {
    if (this.#json) return this.#json;
    const json = new Uint8Array(this.byteLength);
    this.copyTo(Buffer.from(json.buffer), 0);
    this.#json = json;
    return json;
  }

  get byteLength(): number {
    return this.stored.length + resourceVersionMember(this.revision).length;
  }

  copyTo(target: Buffer, offset: number): number {
    return this.#copy(0, target, offset);
  }

  get item(): Revision["item"] {
    const left = typeBytes(this.definition);
    return {
      byteLength: this.byteLength - left,
      copyTo: (target, offset) => this.#copy(left, target, offset),
    };
  }

  /** Leaves out so many bytes behind the first. */
  #copy(left: number, target: Buffer, offset: number): number {
    const split = metadataOffset(this.definition);
    const member = resourceVersionMember(this.revision);
    let at = offset;
    target.set(this.stored.subarray(0, 1), at);
    at += 1;
    target.set(this.stored.subarray(1 + left, split), at);
    at += split - 1 - left;
    at += target.write(member, at, "latin1");
    target.set(this.stored.subarray(split), at);
    return this.byteLength - left;
  }

  /** The same state under a later resourceVersion: what a DELETED event carries. */
  at(revision: number): ObjectRevision<T> {
    return new ObjectRevision(this.definition, this.key, revision, { bytes: this.stored, object: this.object });
  }
}

/** The revision that these bytes of the store are. Made once for a write and the watch event that follows it. */
export function revisionOf<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  key: string,
  bytes: Uint8Array,
  revision: number,
): ObjectRevision<T> {
  const known = revisions.get(bytes);
  if (known && known.revision === revision && known.definition === (definition as ResourceDefinition)) {
    return known as ObjectRevision as ObjectRevision<T>;
  }
  const made = new ObjectRevision(definition, key, revision, decodeStored(definition, bytes));
  revisions.set(bytes, made as ObjectRevision as ObjectRevision<never>);
  return made;
}

/** A revision of an object that is not in the store (dry run): its resourceVersion is that of the object, if any. */
export const unstoredRevision = <T extends KubeObject>(
  definition: ResourceDefinition<T>,
  key: string,
  object: T,
): ObjectRevision<T> =>
  new ObjectRevision(definition, key, Number(object.metadata.resourceVersion ?? 0), encodeStored(definition, object));

/** Newest revision made of some stored bytes. */
const revisions = new WeakMap<Uint8Array, ObjectRevision<never>>();

const resourceVersionMember = (revision: number): string => (revision === 0 ? "" : `"resourceVersion":"${revision}",`);

function withResourceVersion(object: KubeObject, revision: number): KubeObject {
  if (revision === 0) return object;
  return deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } });
}
