import type { IncomingHttpHeaders } from "node:http";
import { withoutToken } from "../../authn/web-socket-token.js";

type Headers = Readonly<Record<string, string | string[]>>;

/** Meant for the next hop alone. https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const hopByHop: ReadonlySet<string> = new Set([
  ...["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer"],
  ...["transfer-encoding", "upgrade", "http2-settings"],
]);

/**
 * They say who the caller is to this server, which is nobody else's to know; or, in the way of a front proxy, to whoever
 * believes this server, for which it gives no word. A cookie is the other server's own: none says anything here.
 */
const isCredential = (name: string): boolean =>
  name === "authorization" || name.startsWith("impersonate-") || name.startsWith("x-remote-");

/** Where browsers put a token. */
const offeredProtocols = "sec-websocket-protocol";

export interface Forwarded {
  readonly headers: Readonly<Record<string, string>>;
  readonly remoteAddress: string;
  readonly path: string;
  readonly upgrading: boolean;
  /** Host of the other server. */
  readonly host: string;
}

/** What is passed on of a request, and what the other server is told of the one before it. */
export function requestHeaders({ headers, remoteAddress, path, upgrading, host }: Forwarded): Headers {
  const given: Record<string, string> = { host };
  const named = namedBy(headers.connection);
  for (const [name, value] of Object.entries(headers))
    if (name !== "host" && !hopByHop.has(name) && !named.has(name) && !isCredential(name)) given[name] = value;
  const offered = given[offeredProtocols];
  if (offered !== undefined) {
    const left = withoutToken(offered);
    if (left === "") delete given[offeredProtocols];
    else given[offeredProtocols] = left;
  }
  const before = headers["x-forwarded-for"];
  if (remoteAddress !== "")
    given["x-forwarded-for"] = before === undefined ? remoteAddress : `${before}, ${remoteAddress}`;
  given["x-forwarded-uri"] = path;
  given["x-forwarded-proto"] = "https";
  if (headers.host !== undefined) given["x-forwarded-host"] = headers.host;
  if (upgrading) return { ...given, connection: "Upgrade", upgrade: headers.upgrade ?? "" };
  return given;
}

/** What is passed back of an answer; a redirect to the same server leads through the proxy again. */
export function answerHeaders(
  headers: IncomingHttpHeaders,
  {
    host,
    prefix,
    callerHost,
  }: { readonly host: string; readonly prefix: string; readonly callerHost: string | undefined },
): Headers {
  const given: Record<string, string | string[]> = {};
  const named = namedBy(headers.connection);
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !hopByHop.has(name) && !named.has(name)) given[name] = value;
  if (headers.location !== undefined) given.location = rewriteLocation(headers.location, host, prefix, callerHost);
  return given;
}

/** Relative ones and those of other servers stay as they are. */
export function rewriteLocation(
  location: string,
  host: string,
  prefix: string,
  callerHost: string | undefined,
): string {
  const absolute = /^(?:https?:)?\/\/([^/?#]*)(.*)$/i.exec(location);
  if (absolute && absolute[1] !== host && absolute[1] !== callerHost) return location;
  const rest = absolute ? (absolute[2] ?? "") : location;
  const path = absolute && !rest.startsWith("/") ? `/${rest}` : rest;
  if (!path.startsWith("/") || path.startsWith(`${prefix}/`)) return path;
  return `${prefix}${path}`;
}

const namedBy = (connection: string | undefined): ReadonlySet<string> =>
  new Set((connection ?? "").split(",").map((name) => name.trim().toLowerCase()));
