/** Lists in protocol buffers, in slabs of bounded size; between two of them the event loop gets a turn. */
import { fieldHead } from "../../apimachinery/codec/protobuf/writer.js";
import { apiVersionOf } from "../../apimachinery/resource.js";
import { yieldToLoop } from "../../base/yield.js";
import type { Answer, Revision } from "../request.js";
import type { Shape } from "./accept.js";
import { partialMetadata } from "./partial-metadata.js";
import { encodeListMeta, encodePartialMetadata, encodeRevision, type TypeMeta, wrappedHead } from "./protobuf.js";
import { slabBytes } from "./slabs.js";

/** An object's own bytes in the shape that is asked for. */
export const encodeShaped = (revision: Revision, shape: Shape): Uint8Array =>
  shape === "metadata" ? encodePartialMetadata(partialMetadata(revision.object)) : encodeRevision(revision);

/** Kind and version of an object in the shape that is asked for. */
export const shapedType = ({ definition }: Pick<Revision, "definition">, shape: Shape): TypeMeta =>
  shape === "metadata" ? partialType : { apiVersion: apiVersionOf(definition), kind: definition.kind };
const partialType: TypeMeta = { apiVersion: "meta.k8s.io/v1", kind: "PartialObjectMetadata" };

/** So many objects are encoded in one turn of the event loop. */
const turnObjects = 100;

export async function* protobufList(
  { definition, items, metadata }: Answer & { readonly type: "list" },
  shape: Shape,
): AsyncGenerator<Uint8Array> {
  const listMeta = encodeListMeta(metadata);
  const head = Buffer.concat([fieldHead(metadataField, listMeta.length), listMeta]);
  const objects: Uint8Array[] = [];
  let size = head.length;
  for (const [index, item] of items.entries()) {
    if (index % turnObjects === turnObjects - 1) await yieldToLoop();
    const bytes = encodeShaped(item, shape);
    objects.push(bytes);
    size += 1 + varintBytes(bytes.length) + bytes.length;
  }
  const { apiVersion, kind } = shapedType({ definition }, shape);
  yield Buffer.concat([wrappedHead({ apiVersion, kind: `${kind}List` }, size), head]);
  yield* itemSlabs(objects);
}

const metadataField = 1;
const itemTag = 2 * 8 + 2;
const varintMaxBytes = 5;

async function* itemSlabs(objects: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  let slab = Buffer.alloc(0);
  let filled = 0;
  for (const bytes of objects) {
    const needed = 1 + varintMaxBytes + bytes.length;
    if (filled + needed > slab.length) {
      if (filled > 0) yield slab.subarray(0, filled);
      await yieldToLoop();
      slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, needed));
      filled = 0;
    }
    slab[filled++] = itemTag;
    let rest = bytes.length;
    for (; rest >= 0x80; rest >>>= 7) slab[filled++] = (rest & 0x7f) | 0x80;
    slab[filled++] = rest;
    slab.set(bytes, filled);
    filled += bytes.length;
  }
  if (filled > 0) yield slab.subarray(0, filled);
}

const varintBytes = (value: number): number => Math.ceil((32 - Math.clz32(value | 1)) / 7);
