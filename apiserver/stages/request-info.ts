import { badRequest } from "../../apimachinery/status.js";
import type { RequestInfo } from "../request.js";

/** Reads off method, path and query what is asked. Throws BadRequest for a path that could mean two things. */
export function requestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const [, before = path, behind] = throughProxy.exec(path) ?? [];
  const segments = segmentsOf(before);
  const found = resourceOf(segments);
  const resource = found && behind !== undefined ? { ...found, tail: tailOf(behind) } : found;
  if (resource === undefined) return { verb: method.toLowerCase(), path, resource: undefined };
  // The paths of old to watch by; whatever the method, they mean nothing else.
  const verb = isWatchPath(segments) ? "watch" : verbOf(method, resource.name, query);
  return { verb, path, resource };
}

/** Requests whose answer may take hours: no timeout, no seat among the requests in flight. */
export const isLongRunning = ({ verb, resource }: RequestInfo): boolean =>
  verb === "watch" || connectionOf(resource) !== undefined;

/** A subresource that leads out of this server, for as long as the other side likes. */
export interface Connection {
  /** Whoever reaches through it can run what they like in pods. */
  readonly intoPod: boolean;
}

/** Undefined for what the server answers itself. */
export const connectionOf = (resource: RequestInfo["resource"]): Connection | undefined =>
  resource?.subresource && resource.group === ""
    ? connections.get(resource.subresource)?.get(resource.plural)
    : undefined;

export const isMutating = ({ verb }: RequestInfo): boolean => !readVerbs.has(verb);

const plain: Connection = { intoPod: false };
const intoPod: Connection = { intoPod: true };
/** By subresource and resource: the only list. */
const connections: ReadonlyMap<string, ReadonlyMap<string, Connection>> = new Map([
  ["log", new Map([["pods", plain]])],
  ["exec", new Map([["pods", intoPod]])],
  ["attach", new Map([["pods", intoPod]])],
  ["portforward", new Map([["pods", intoPod]])],
  // Through a node's own server one gets into its pods as well.
  [
    "proxy",
    new Map([
      ["pods", plain],
      ["services", plain],
      ["nodes", intoPod],
    ]),
  ],
]);
const readVerbs: ReadonlySet<string> = new Set(["get", "list", "watch", "head", "options"]);
const pathMaxSegments = 64;

/** What lies behind a proxy belongs to the other server, which may have any path. */
const throughProxy = /^(\/api\/v1\/(?:namespaces\/[^/]+\/(?:pods|services)|nodes)\/[^/]+\/proxy)(\/.*)$/;

/** As it came, but for steps upwards: two servers could understand them in two ways. */
function tailOf(raw: string): string {
  const steps = raw.split("/").map(decode);
  if (steps.some((step) => step === "." || step === ".." || step.includes("\u0000")))
    throw badRequest("invalid request path: segment may not be '.' or '..'");
  return raw.slice(1);
}

/** Decoded segments. A slash at the end is overlooked; `.`, `..`, an empty segment, `%2F` or NUL is refused. */
function segmentsOf(path: string): readonly string[] {
  if (!path.startsWith("/")) throw badRequest(`invalid request path: it must start with "/"`);
  if (path === "/") return [];
  const raw = (path.endsWith("/") ? path.slice(1, -1) : path.slice(1)).split("/");
  if (raw.length > pathMaxSegments) throw badRequest("invalid request path: too many segments");
  return raw.map((segment) => {
    const decoded = decode(segment);
    if (decoded === "") throw badRequest("invalid request path: it contains an empty segment");
    if (decoded === "." || decoded === "..") throw badRequest(`invalid request path: segment may not be '${decoded}'`);
    if (unsafeCharacter.test(decoded)) throw badRequest("invalid request path: a segment may not contain '/' or NUL");
    return decoded;
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what is looked for
const unsafeCharacter = /[/\\\u0000]/;

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest("invalid request path: malformed percent-encoding");
  }
}

/** `/api/v1/watch/...`, `/apis/GROUP/VERSION/watch/...`: https://kubernetes.io/docs/reference/using-api/api-concepts/ */
const isWatchPath = ([root, ...rest]: readonly string[]): boolean =>
  root === "api" ? rest[1] === "watch" && rest.length > 2 : root === "apis" && rest[2] === "watch" && rest.length > 3;

function resourceOf(segments: readonly string[]): RequestInfo["resource"] {
  if (isWatchPath(segments)) {
    const watched = resourceOf(segments.filter((_, index) => index !== (segments[0] === "api" ? 2 : 3)));
    // Of a subresource nothing can be watched, and its own rights are others.
    return watched?.subresource === "" ? watched : undefined;
  }
  const [root, ...rest] = segments;
  if (root === "api") {
    const [version, ...parts] = rest;
    return version === undefined || parts.length === 0 ? undefined : locate("", version, parts);
  }
  if (root === "apis") {
    const [group, version, ...parts] = rest;
    return group === undefined || version === undefined || parts.length === 0
      ? undefined
      : locate(group, version, parts);
  }
  return undefined;
}

/** What follows the version: `[namespaces/NS/]PLURAL[/NAME[/SUBRESOURCE[/TAIL]]]`. */
function locate(group: string, version: string, parts: readonly string[]): RequestInfo["resource"] {
  const [first = "", second = "", third = ""] = parts;
  const namespaced = first === "namespaces" && third !== "" && !namespaceSubresources.has(third);
  const [plural = "", name = "", subresource = "", ...tail] = namespaced ? parts.slice(2) : parts;
  return {
    group,
    version,
    plural,
    subresource,
    namespace: namespaced ? second : "",
    name,
    tail: tail.join("/"),
  };
}

/** After `namespaces/NAME` these name a subresource of the namespace, not a resource in it. */
const namespaceSubresources: ReadonlySet<string> = new Set(["status", "finalize"]);

function verbOf(method: string, name: string, query: URLSearchParams): string {
  switch (method) {
    case "GET":
    case "HEAD":
      if (name !== "") return "get";
      return isTrue(query.get("watch")) ? "watch" : "list";
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return name === "" ? "deletecollection" : "delete";
    default:
      return method.toLowerCase();
  }
}

/** Booleans of a query: `?watch`, `?watch=1` and `?watch=true` say yes; `0` and `false` no; anything else yes, as there. */
const isTrue = (value: string | null): boolean => value !== null && value !== "0" && value.toLowerCase() !== "false";
