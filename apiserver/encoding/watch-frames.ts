/** Events of a watch as lines of JSON. An event is encoded once for all watchers that want the same form. */
import { stringifyJson } from "../../apimachinery/codec/json.js";
import type { KubeObject } from "../../apimachinery/meta.js";
import { apiVersionOf, type ResourceDefinition } from "../../apimachinery/resource.js";
import { StatusError } from "../../apimachinery/status.js";
import type { WatchFrame } from "../request.js";
import type { Shape } from "./accept.js";
import { partialMetadata } from "./partial-metadata.js";
import { encodeObjectOf, encodePartialMetadata, encodeValue, wrapped } from "./protobuf.js";
import { protobufFrame } from "./protobuf-frame.js";
import { encodeShaped, shapedType } from "./protobuf-list.js";
import { type IncludeObject, type TableOptions, tableHead, tableRow, tableTail } from "./table.js";

export const initialEventsEndAnnotation = "k8s.io/initial-events-end";

export interface FrameForm {
  readonly shape: Shape;
  readonly include: IncludeObject;
  /** Each event is a message behind its length instead of a line. */
  readonly protobuf: boolean;
  readonly now: () => number;
}

/** All frames of a batch as one piece of bytes. The first Table of a watch brings the column heads. */
export async function* encodeFrames(
  batches: AsyncIterable<readonly WatchFrame[]>,
  form: FrameForm,
): AsyncGenerator<Uint8Array> {
  let headed = form.shape !== "table";
  for await (const frames of batches) {
    const parts: Uint8Array[] = [];
    for (const frame of frames) {
      parts.push(headed ? sharedFrame(frame, form) : encodeFrame(frame, form, true));
      headed ||= "revision" in frame;
    }
    const [only] = parts;
    yield only && parts.length === 1 ? only : Buffer.concat(parts);
  }
}

/** Frames are shared by the watchers that an event goes to, so their bytes are too. */
const shared = new WeakMap<WatchFrame, Map<string, Uint8Array>>();

function sharedFrame(frame: WatchFrame, form: FrameForm): Uint8Array {
  const shape = form.shape === "table" ? `table/${form.include}` : form.shape;
  const key = form.protobuf ? `protobuf/${shape}` : shape;
  let known = shared.get(frame);
  const bytes = known?.get(key);
  if (bytes) return bytes;
  if (!known) {
    known = new Map();
    shared.set(frame, known);
  }
  const made = encodeFrame(frame, form, false);
  known.set(key, made);
  return made;
}

function encodeFrame(frame: WatchFrame, form: FrameForm, withColumns: boolean): Uint8Array {
  if (form.protobuf) return protobufFrame(frame.type, protobufObject(frame, form.shape));
  if (frame.type === "ERROR") return line("ERROR", stringifyJson(statusOf(frame.error)));
  if (frame.type === "BOOKMARK") return line("BOOKMARK", bookmark(frame, form.shape));
  const { definition, object } = frame.revision;
  if (form.shape === "table") {
    const options = { include: form.include, nowMs: form.now() };
    return line(frame.type, tableOf(definition, object, options, withColumns));
  }
  if (form.shape === "metadata") return line(frame.type, stringifyJson(partialMetadata(object)));
  const head = heads[frame.type];
  const bytes = Buffer.allocUnsafeSlow(head.length + frame.revision.byteLength + end.length);
  head.copy(bytes, 0);
  const after = head.length + frame.revision.copyTo(bytes, head.length);
  end.copy(bytes, after);
  return bytes;
}

const headOf = (type: string): Buffer => Buffer.from(`{"type":"${type}","object":`);
const heads = { ADDED: headOf("ADDED"), MODIFIED: headOf("MODIFIED"), DELETED: headOf("DELETED") };
const end = Buffer.from("}\n");

const line = (type: string, object: string): Uint8Array => Buffer.from(`{"type":"${type}","object":${object}}\n`);

const statusOf = (error: Error): unknown =>
  error instanceof StatusError
    ? error.status
    : new StatusError("InternalError", "an error on the server ended the watch").status;

function protobufObject(frame: WatchFrame, shape: Shape): Uint8Array {
  if (frame.type === "ERROR") return encodeValue(statusOf(frame.error));
  const { definition } = "revision" in frame ? frame.revision : frame;
  const raw =
    "revision" in frame
      ? encodeShaped(frame.revision, shape)
      : encodeBookmark(definition, { metadata: bookmarkMetadata(frame) }, shape);
  return wrapped(shapedType({ definition }, shape), raw);
}

const encodeBookmark = (definition: ResourceDefinition, object: unknown, shape: Shape): Uint8Array =>
  shape === "metadata" ? encodePartialMetadata(object) : encodeObjectOf(definition, object);

function tableOf(
  definition: ResourceDefinition,
  object: KubeObject,
  options: TableOptions,
  withColumns: boolean,
): string {
  const { resourceVersion } = object.metadata;
  return (
    tableHead(definition, { resourceVersion }, withColumns) +
    stringifyJson(tableRow(definition, object, options)) +
    tableTail
  );
}

function bookmark(frame: WatchFrame & { readonly type: "BOOKMARK" }, shape: Shape): string {
  if (shape === "table")
    return tableHead(frame.definition, { resourceVersion: String(frame.atRevision) }, false) + tableTail;
  return stringifyJson(bookmarkObject(frame, shape));
}

/** What a bookmark carries: the kind, how far the watch has got, and whether the initial objects are complete. */
export function bookmarkObject(
  { definition, atRevision, initialEventsEnd }: WatchFrame & { readonly type: "BOOKMARK" },
  shape: Shape,
): object {
  const typed =
    shape === "metadata"
      ? { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1" }
      : { kind: definition.kind, apiVersion: apiVersionOf(definition) };
  return {
    ...typed,
    metadata: bookmarkMetadata({ atRevision, initialEventsEnd }),
  };
}

const bookmarkMetadata = ({
  atRevision,
  initialEventsEnd,
}: Pick<WatchFrame & { readonly type: "BOOKMARK" }, "atRevision" | "initialEventsEnd">) => ({
  resourceVersion: String(atRevision),
  ...(initialEventsEnd ? { annotations: { [initialEventsEndAnnotation]: "true" } } : {}),
});
