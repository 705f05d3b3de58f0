import type { ResourceDefinition } from "../../apimachinery/resource.js";
import { StatusError } from "../../apimachinery/status.js";
import { acceptsGzip } from "../encoding/accept.js";
import type { Descriptions } from "../openapi/definitions.js";
import type { OpenApiDocument, OpenApiDocuments } from "../openapi/documents.js";
import type { Answer, RequestContext } from "../request.js";
import { type PathEndpoint, unknownPath, withoutSlash } from "./paths.js";

/**
 * Publishes the schemas of all kinds: one document (OpenAPI 2.0), or an index and a document a group version (3.0).
 * https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-interface-definition
 */
export function openApiEndpoints(
  definitions: () => readonly ResourceDefinition[],
  { version, descriptions }: { readonly version: string; readonly descriptions: () => Promise<Descriptions> },
): readonly PathEndpoint[] {
  let known: { readonly of: readonly ResourceDefinition[]; readonly documents: Promise<OpenApiDocuments> } | undefined;
  const documents = (): Promise<OpenApiDocuments> => {
    const current = definitions();
    if (known?.of !== current) known = { of: current, documents: load(current) };
    return known.documents;
  };
  // What few clients ever ask for is loaded when the first does.
  const load = async (current: readonly ResourceDefinition[]): Promise<OpenApiDocuments> => {
    const { OpenApiDocuments } = await import("../openapi/documents.js");
    return new OpenApiDocuments(current, await descriptions(), version);
  };
  return [
    { path: "/openapi/v2", handle: async (context) => answerV2(await documents(), context) },
    { path: "/openapi/v3", below: true, handle: async (context) => answerV3(await documents(), context) },
  ];
}

const v2Protobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
/** Media types to forms; `@` is how the first clients wrote it, and what they are answered with. */
const v2Forms: ReadonlyMap<string, "json" | "protobuf"> = new Map([
  ["application/json", "json"],
  ["application/*", "json"],
  ["*/*", "json"],
  [v2Protobuf, "protobuf"],
  ["application/com.github.proto-openapi.spec.v2@v1.0+protobuf", "protobuf"],
]);

async function answerV2(documents: OpenApiDocuments, context: RequestContext): Promise<Answer> {
  const form = accepted(context, v2Forms);
  const document = await documents.v2(form);
  return answer(document, context, form === "json" ? "application/json" : v2Protobuf);
}

const v3Forms: ReadonlyMap<string, "json"> = new Map([
  ["application/json", "json"],
  ["application/*", "json"],
  ["*/*", "json"],
]);

async function answerV3(documents: OpenApiDocuments, context: RequestContext): Promise<Answer> {
  accepted(context, v3Forms);
  const path = withoutSlash(context.info.path).slice("/openapi/v3".length + 1);
  if (path === "") return answer(await documents.index(), context, "application/json");
  const document = await documents.v3(path);
  const asked = context.request.query.get("hash");
  if (!document || asked === null || asked === "") return answer(document, context, "application/json");
  if (asked === document.hash) return answer(document, context, "application/json", foreverHeaders);
  const location = `/openapi/v3/${path}?hash=${document.hash}`;
  return { type: "stream", status: 301, headers: { location, "content-length": "0" }, body: pieces() };
}

/** What is addressed by its content never changes. */
const foreverHeaders = { "cache-control": "public, max-age=31536000, immutable" };

function accepted<Form>({ request }: RequestContext, forms: ReadonlyMap<string, Form>): Form {
  const accept = request.headers.accept?.trim() || "*/*";
  const asked = accept
    .split(",")
    .map((range) => {
      const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
      const quality = parameters.find((each) => each.startsWith("q="));
      return { type, quality: quality === undefined ? 1 : Number(quality.slice(2)) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  for (const { type } of asked) {
    const form = forms.get(type);
    if (form !== undefined) return form;
  }
  const served = [...forms.keys()].filter((type) => !type.includes("*")).join(", ");
  throw new StatusError("NotAcceptable", `only the following media types are accepted: ${served}`);
}

async function answer(
  document: OpenApiDocument | undefined,
  { request }: RequestContext,
  contentType: string,
  further: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  if (!document) throw unknownPath();
  const etag = `"${document.hash}"`;
  const headers = { etag, vary: "Accept, Accept-Encoding", ...further };
  if (request.headers["if-none-match"] === etag) return { type: "stream", status: 304, headers, body: pieces() };
  const zip = acceptsGzip(request.headers["accept-encoding"]);
  const bytes = zip ? document.gzipped : await document.bytes();
  return {
    type: "stream",
    status: 200,
    headers: {
      ...headers,
      "content-type": contentType,
      "content-length": String(bytes.byteLength),
      ...(zip ? { "content-encoding": "gzip" } : {}),
    },
    body: pieces(bytes),
  };
}

const pieceBytes = 256 * 1024;

async function* pieces(bytes: Uint8Array = new Uint8Array()): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}
