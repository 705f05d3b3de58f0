import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { pipeline } from "node:stream";
import { createUnzip } from "node:zlib";
import type { AgentDialer, UpgradedConnection } from "../../outbound/agent-dialer.js";
import type { BackendDialer } from "../../outbound/backend-dialer.js";
import type { Answer, RequestContext } from "../../request.js";
import type { SubresourceApi, SubresourceEndpoint } from "../subresources.js";
import { joinUpgrade } from "../upgrade.js";
import { answerHeaders, requestHeaders, rewriteLocation } from "./headers.js";
import { withLinks } from "./links.js";
import { type Location, nodeLocation, podLocation, serviceLocation } from "./location.js";

export interface ProxyOptions {
  readonly dialer: AgentDialer;
  readonly backends: BackendDialer;
  readonly dice: () => number;
}

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Requests to what runs in pods, behind services and on nodes, passed on as they are. */
export const proxyEndpoints = (options: ProxyOptions): readonly SubresourceEndpoint[] => [
  {
    resource: "pods",
    name: "proxy",
    methods,
    handle: async (context, api) => toBackend(context, await podLocation(api), options),
  },
  {
    resource: "services",
    name: "proxy",
    methods,
    handle: async (context, api) => toBackend(context, await serviceLocation(api, options.dice), options),
  },
  { resource: "nodes", name: "proxy", methods, handle: (context, api) => toNode(context, api, options) },
];

/** How a request came, and how it goes on. */
function passage({ request, info }: RequestContext, host: string) {
  const tail = info.resource?.tail ?? "";
  const prefix = request.path.endsWith(`/proxy/${tail}`) ? request.path.slice(0, -tail.length - 1) : request.path;
  const query = rawQueryOf(request);
  const upgrading = request.upgrade !== undefined;
  return {
    prefix,
    upgrading,
    bare: request.path === prefix,
    path: `/${tail}${query === "" ? "" : `?${query}`}`,
    headers: requestHeaders({ ...request, upgrading, host }),
    method: request.method,
    body: request.body.type === "stream" ? request.body.source : undefined,
  };
}

const rawQueryOf = ({ rawQuery, query }: RequestContext["request"]): string => rawQuery ?? query.toString();

async function toBackend(
  context: RequestContext,
  { scheme, address, port }: Location,
  options: ProxyOptions,
): Promise<Answer> {
  const literal = address.includes(":") ? `[${address}]` : address;
  const host = port === (scheme === "https" ? 443 : 80) ? literal : `${literal}:${port}`;
  const { prefix, bare, ...request } = passage(context, host);
  if (bare && !request.upgrading && ["GET", "HEAD"].includes(request.method)) return withSlash(context);
  const answered = await options.backends({ ...request, scheme, address, port, signal: context.signal });
  return passBack(context, answered, { host, prefix });
}

async function toNode(context: RequestContext, api: SubresourceApi, options: ProxyOptions): Promise<Answer> {
  const { node, elsewhere } = await nodeLocation(api);
  if (elsewhere) return toBackend(context, elsewhere, options);
  const host = node.metadata.name;
  const { prefix, bare, upgrading, ...request } = passage(context, host);
  if (bare && !upgrading && ["GET", "HEAD"].includes(request.method)) return withSlash(context);
  const answered = await options.dialer.proxy({ ...request, node, signal: context.signal }, upgrading);
  return passBack(context, answered, { host, prefix });
}

/** The root of another server has a slash at its end, so that its relative links lead back to it. */
function withSlash({ request }: RequestContext): Answer {
  const text = rawQueryOf(request);
  const location = `${request.path}/${text === "" ? "" : `?${text}`}`;
  return { type: "stream", status: 301, headers: { location, "content-length": "0" }, body: nothing() };
}

async function* nothing(): AsyncIterable<Uint8Array> {}

function passBack(
  context: RequestContext,
  answered: UpgradedConnection | IncomingMessage,
  { host, prefix }: { readonly host: string; readonly prefix: string },
): Answer {
  if ("head" in answered) return joinUpgrade(context, answered);
  const { statusCode = 502, headers } = answered;
  const status = statusCode < 200 || statusCode > 599 ? 502 : statusCode;
  const callerHost = context.request.headers.host;
  const given = answerHeaders(headers, { host, prefix, callerHost });
  if (context.request.method === "HEAD" || partial.has(status) || !isPage(headers))
    return { type: "stream", status, headers: given, body: answered };
  const { "content-length": _length, "content-encoding": _encoding, ...rest } = given;
  const body = withLinks(plainText(answered), (link) => rewriteLocation(link, host, prefix, callerHost));
  return { type: "stream", status, headers: rest, body };
}

/** Answers whose body is none, or a part of one. */
const partial: ReadonlySet<number> = new Set([204, 206, 304]);
const readable: ReadonlySet<string> = new Set(["", "identity", "gzip", "x-gzip", "deflate"]);

const encodingOf = ({ "content-encoding": encoding = "" }: IncomingHttpHeaders): string => encoding.toLowerCase();

/** HTML in a form that can be read here. */
const isPage = (headers: IncomingHttpHeaders): boolean =>
  /^text\/html\s*(;|$)/i.test(headers["content-type"] ?? "") && readable.has(encodingOf(headers));

function plainText(answered: IncomingMessage): AsyncIterable<Uint8Array> {
  if (["", "identity"].includes(encodingOf(answered.headers))) return answered;
  const unzip = createUnzip();
  pipeline(answered, unzip, () => {});
  return unzip;
}
