/** Lists in protocol buffers, in slabs of bounded size; between two of them the event loop gets a turn. */
import { fieldHead } from "../../apimachinery/codec/protobuf/writer.js";
import type { ListMeta } from "../../apimachinery/meta.js";
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
  const parts: Uint8Array[] = metadataParts(metadata);
  for (const [index, item] of items.entries()) {
    if (index % turnObjects === turnObjects - 1) await yieldToLoop();
    const bytes = encodeShaped(item, shape);
    parts.push(fieldHead(itemsField, bytes.length), bytes);
  }
  const { apiVersion, kind } = shapedType({ definition }, shape);
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  yield* joined([wrappedHead({ apiVersion, kind: `${kind}List` }, size), ...parts]);
}

const metadataField = 1;
const itemsField = 2;

function metadataParts(metadata: ListMeta): Uint8Array[] {
  const bytes = encodeListMeta(metadata);
  return [fieldHead(metadataField, bytes.length), bytes];
}

/** The same bytes in fewer pieces. */
async function* joined(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  let batch: Uint8Array[] = [];
  let size = 0;
  for (const part of parts) {
    batch.push(part);
    size += part.length;
    if (size < slabBytes) continue;
    yield Buffer.concat(batch, size);
    batch = [];
    size = 0;
    await yieldToLoop();
  }
  yield Buffer.concat(batch, size);
}
