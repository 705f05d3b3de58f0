/** The one stage that turns answers into bytes, in the form that the client accepts. */
import { parseJson, stringifyJson } from "../../apimachinery/codec/json.js";
import type { KubeObject } from "../../apimachinery/meta.js";
import { apiVersionOf, type ResourceDefinition } from "../../apimachinery/resource.js";
import { StatusError } from "../../apimachinery/status.js";
import { assert } from "../../base/assert.js";
import { yieldToLoop } from "../../base/yield.js";
import type { Answer, RequestContext } from "../request.js";
import { type AnswerForm, acceptsGzip, negotiate, type Offer, protobufType } from "./accept.js";
import { gzipMinBytes, gzipped } from "./gzip.js";
import { partialMetadata } from "./partial-metadata.js";
import { encodeValue, hasProtobuf, valueHasProtobuf, wrapped } from "./protobuf.js";
import { encodeShaped, protobufList, shapedType } from "./protobuf-list.js";
import {
  encodedPieces,
  itemPieces,
  listHead,
  listTail,
  metadataListHead,
  type Piece,
  slabBytes,
  slabs,
} from "./slabs.js";
import { includeObjectOf, type TableOptions, tableHead, tableRow, tableTail } from "./table.js";
import { encodeFrames } from "./watch-frames.js";

export interface EncodedAnswer {
  readonly status: number;
  /** Lower-case names. No content-length: whoever sends a Uint8Array knows it. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
}

/** What of a request decides the form of its answer. */
export interface EncodeContext {
  readonly request: Pick<RequestContext["request"], "headers" | "query">;
  /** Wall clock in milliseconds, for ages in tables. */
  readonly now: () => number;
}

/** Throws NotAcceptable. The answer must not be "taken". */
export function encodeAnswer(answer: Answer, context: EncodeContext): EncodedAnswer {
  const { headers } = context.request;
  switch (answer.type) {
    case "stream":
      return answer;
    case "watch":
      return watchAnswer(answer, context);
    case "value": {
      const form = negotiate(headers.accept, { shaped: false, protobuf: () => valueHasProtobuf(answer.value) });
      const encoded = { status: answer.status, headers: { ...answer.headers, ...contentType(form) } };
      return compressed({ ...encoded, body: valueBody(answer.value, form, wantsPretty(context.request)) }, headers);
    }
    case "object":
      return compressed(objectAnswer(answer, formFor(headers.accept, answer.revision, "object"), context), headers);
    case "list":
      return listAnswer(answer, formFor(headers.accept, answer, "list"), context);
    case "taken":
      assert(false, "an answer whose connection was taken over is not encoded");
  }
}

/** Metadata come one by one or as a list, never one for the other. Throws NotAcceptable. */
function formFor(
  accept: string | undefined,
  { definition }: { readonly definition: ResourceDefinition },
  answer: "object" | "list",
): AnswerForm {
  const form = negotiate(accept, offerOf({ definition }));
  if (form.shape !== "metadata" || form.ofList === (answer === "list")) return form;
  const [group = ""] = definition.group.split(".");
  const type = `*${group || "core"}.${definition.kind}`;
  throw new StatusError(
    "NotAcceptable",
    form.ofList
      ? `you requested PartialObjectMetadataList, but the requested object is not a list (${type})`
      : `you requested PartialObjectMetadata, but the requested object is a list (${type}List)`,
  );
}

const offerOf = ({ definition }: { readonly definition: ResourceDefinition }): Offer => ({
  shaped: true,
  protobuf: () => hasProtobuf(definition),
});

const contentType = ({ mediaType }: AnswerForm): { readonly "content-type": string } => ({ "content-type": mediaType });

/** Whoever asks for it gets it, and people at curl, wget or a browser who did not say otherwise. */
export const wantsPretty = ({ query, headers }: EncodeContext["request"]): boolean => {
  const asked = query.get("pretty");
  if (asked) return yes.has(asked);
  return /^(?:curl|Wget|Mozilla\/5\.0)/.test(headers["user-agent"] ?? "");
};
const yes: ReadonlySet<string> = new Set(["1", "t", "T", "TRUE", "true", "True"]);

function valueBody(value: unknown, { mediaType }: AnswerForm, pretty: boolean): EncodedAnswer["body"] {
  if (mediaType === "application/yaml") return yamlBody(value);
  if (mediaType === protobufType) return encodeValue(value);
  return Buffer.from(`${stringifyJson(value, pretty ? 2 : 0)}\n`);
}

// js-yaml takes a while to load and few ask for it.
async function* yamlBody(value: unknown): AsyncGenerator<Uint8Array> {
  const { toYaml } = await import("../../apimachinery/codec/yaml.js");
  yield Buffer.from(toYaml(value));
}

function objectAnswer(
  { status, revision }: Answer & { readonly type: "object" },
  form: AnswerForm,
  context: EncodeContext,
): EncodedAnswer {
  const pretty = wantsPretty(context.request);
  const { definition, object } = revision;
  const answer = { status, headers: contentType(form) };
  if (form.mediaType === protobufType)
    return { ...answer, body: wrapped(shapedType(revision, form.shape), encodeShaped(revision, form.shape)) };
  if (form.shape === "table") {
    const { resourceVersion } = object.metadata;
    const row = stringifyJson(tableRow(definition, object, tableOptions(context)));
    const table = tableHead(definition, { resourceVersion }, true) + row + tableTail;
    const plain = form.mediaType === "application/json" && !pretty;
    return { ...answer, body: plain ? Buffer.from(table) : valueBody(parseJson(table).value, form, pretty) };
  }
  const shown: KubeObject = form.shape === "metadata" ? partialMetadata(object) : object;
  const stored = shown === object && form.mediaType === "application/json" && !pretty;
  return { ...answer, body: stored ? revision.json : valueBody(shown, form, pretty) };
}

const tableOptions = ({ request: { query }, now }: EncodeContext): TableOptions => ({
  include: includeObjectOf(query),
  nowMs: now(),
});

type ListAnswer = Answer & { readonly type: "list" };

function listAnswer(answer: ListAnswer, form: AnswerForm, context: EncodeContext): EncodedAnswer {
  const { headers } = context.request;
  const encoded = { status: 200, headers: contentType(form) };
  if (form.mediaType === protobufType)
    return compressed({ ...encoded, body: protobufList(answer, form.shape) }, headers);
  const { head, pieces, tail } = listParts(answer, form, context);
  if (form.mediaType === "application/yaml") return { ...encoded, body: yamlList(answer, form) };
  if (wantsPretty(context.request))
    return compressed({ ...encoded, body: prettyList(slabs(head, pieces, tail)) }, headers);
  if (form.shape !== "object") return compressed({ ...encoded, body: slabs(head, pieces, tail) }, headers);
  const bytes = answer.items.reduce((sum, { byteLength }) => sum + byteLength + 1, head.length + tail.length);
  if (bytes <= slabBytes / 2) return { ...encoded, body: smallList(head, [...pieces], tail) };
  return compressed({ ...encoded, body: slabs(head, pieces, tail) }, headers);
}

function listParts(
  { definition, items, metadata }: ListAnswer,
  { shape }: AnswerForm,
  context: EncodeContext,
): { readonly head: string; readonly pieces: Iterable<Piece>; readonly tail: string } {
  if (shape === "object") return { head: listHead(definition, metadata), pieces: itemPieces(items), tail: listTail };
  if (shape === "metadata") {
    const pieces = encodedPieces(items, ({ object }) => partialMetadata(object));
    return { head: metadataListHead(metadata), pieces, tail: listTail };
  }
  const options = tableOptions(context);
  const pieces = encodedPieces(items, ({ object }) => tableRow(definition, object, options));
  return { head: tableHead(definition, metadata, true), pieces, tail: tableTail };
}

function smallList(head: string, pieces: readonly Piece[], tail: string): Uint8Array {
  const start = Buffer.from(head);
  const size = pieces.reduce((sum, { byteLength }) => sum + byteLength + 1, start.length + tail.length);
  const bytes = Buffer.allocUnsafeSlow(size);
  let filled = start.copy(bytes, 0);
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) bytes[filled++] = 0x2c;
    filled += piece.copyTo(bytes, filled);
  }
  filled += bytes.write(tail, filled, "latin1");
  return bytes.subarray(0, filled);
}

/** For people: the whole list at once, bounded in size. */
const prettyMaxBytes = 4 * 1024 * 1024;

async function* prettyList(compact: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of compact) {
    parts.push(part);
    size += part.length;
  }
  const bytes = Buffer.concat(parts);
  // Laying out a large list would hold up everybody else.
  yield size > prettyMaxBytes ? bytes : Buffer.from(`${stringifyJson(parseJson(bytes).value, 2)}\n`);
}

async function* yamlList(
  { definition, items, metadata }: ListAnswer,
  { shape }: AnswerForm,
): AsyncGenerator<Uint8Array> {
  const { toYaml } = await import("../../apimachinery/codec/yaml.js");
  const typed =
    shape === "metadata"
      ? { kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1" }
      : { kind: `${definition.kind}List`, apiVersion: apiVersionOf(definition) };
  yield Buffer.from(toYaml({ apiVersion: typed.apiVersion, kind: typed.kind, metadata }));
  yield Buffer.from(items.length === 0 ? "items: []\n" : "items:\n");
  for (const { object } of items) {
    // An item of a YAML list is the object's own lines, set in behind a dash.
    const { kind: _kind, apiVersion: _apiVersion, ...item } = object;
    const text = toYaml([shape === "metadata" ? partialMetadata(object) : item]);
    yield Buffer.from(text);
    await yieldToLoop();
  }
}

function watchAnswer(
  { definition, events }: Answer & { readonly type: "watch" },
  context: EncodeContext,
): EncodedAnswer {
  const { headers, query } = context.request;
  try {
    const { shape, mediaType } = negotiate(headers.accept, { ...offerOf({ definition }), streamed: true });
    const include = shape === "table" ? includeObjectOf(query) : "None";
    const isProtobuf = mediaType === protobufType;
    return {
      status: 200,
      headers: {
        "content-type": isProtobuf ? `${protobufType};stream=watch` : "application/json",
        "cache-control": "no-cache, private",
      },
      body: encodeFrames(events, { shape, include, protobuf: isProtobuf, now: context.now }),
    };
  } catch (error) {
    // Nobody will ever read it.
    void events[Symbol.asyncIterator]().return?.();
    throw error;
  }
}

function compressed(answer: EncodedAnswer, headers: EncodeContext["request"]["headers"]): EncodedAnswer {
  if (!acceptsGzip(headers["accept-encoding"])) return answer;
  if (answer.body instanceof Uint8Array && answer.body.length <= gzipMinBytes) return answer;
  return {
    status: answer.status,
    headers: { ...answer.headers, "content-encoding": "gzip", vary: "Accept-Encoding" },
    body: gzipped(answer.body),
  };
}
