/** Lists become bytes in slabs of bounded size; between two of them the event loop gets a turn. */
import { stringifyJson } from "../../apimachinery/codec/json.js";
import type { ListMeta } from "../../apimachinery/meta.js";
import { apiVersionOf, type ResourceDefinition } from "../../apimachinery/resource.js";
import { yieldToLoop } from "../../base/yield.js";
import type { Revision } from "../request.js";

export const slabBytes = 256 * 1024;

/** One member of a list: how long it is, and how it gets into a buffer. */
export interface Piece {
  readonly byteLength: number;
  copyTo(target: Buffer, offset: number): number;
}

/** `head`, the pieces with commas between them, `tail`. A piece larger than a slab gets one of its own. */
export async function* slabs(head: string, pieces: Iterable<Piece>, tail: string): AsyncGenerator<Uint8Array> {
  let slab = Buffer.allocUnsafeSlow(slabBytes);
  let filled = 0;
  let first = true;
  const text = Buffer.from(head);
  if (text.length > slabBytes) yield text;
  else filled = text.copy(slab, 0);
  for (const piece of pieces) {
    const needed = piece.byteLength + 1;
    if (filled + needed > slab.length) {
      if (filled > 0) yield slab.subarray(0, filled);
      await yieldToLoop();
      slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, needed));
      filled = 0;
    }
    if (!first) slab[filled++] = comma;
    first = false;
    filled += piece.copyTo(slab, filled);
  }
  if (filled > 0) yield slab.subarray(0, filled);
  yield Buffer.from(tail);
}

const comma = 0x2c;

/** Everything of a list before its items; closed by `]}`. */
export const listHead = (definition: ResourceDefinition, metadata: ListMeta): string =>
  `{"kind":"${definition.kind}List","apiVersion":"${apiVersionOf(definition)}","metadata":${JSON.stringify(metadata)},"items":[`;
export const metadataListHead = (metadata: ListMeta): string =>
  `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":${JSON.stringify(metadata)},"items":[`;
export const listTail = "]}";

/** An item leaves out what the list says of all of them. */
export function* itemPieces(items: Iterable<Revision>): Iterable<Piece> {
  for (const { item } of items) yield item;
}

/** Encodes each item when its turn comes. */
export function* encodedPieces(items: Iterable<Revision>, encode: (item: Revision) => unknown): Iterable<Piece> {
  for (const item of items) yield bytesPiece(Buffer.from(stringifyJson(encode(item))));
}

const bytesPiece = (bytes: Buffer): Piece => ({
  byteLength: bytes.length,
  copyTo: (target, offset) => bytes.copy(target, offset),
});
