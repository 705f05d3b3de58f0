import { StatusError } from "../../apimachinery/status.js";
import type { Answer, RequestContext } from "../request.js";

/** An endpoint outside the resources: one path, or all below it. Only GET and HEAD unless it says otherwise. */
export interface PathEndpoint {
  readonly path: string;
  /** Also answers `path/...`. */
  readonly below?: true;
  /** Not shown at `/`. */
  readonly hidden?: true;
  readonly handle: (context: RequestContext) => Answer | Promise<Answer>;
}

/** To the endpoint whose path it is. Throws NotFound, MethodNotAllowed. */
export function createPathDispatch(endpoints: readonly PathEndpoint[]): (context: RequestContext) => Promise<Answer> {
  const index: PathEndpoint = {
    path: "/",
    handle: () => ({
      type: "value",
      status: 200,
      value: { paths: endpoints.filter(({ hidden }) => !hidden).map(({ path }) => path) },
    }),
  };
  const exact = new Map([index, ...endpoints].map((endpoint) => [endpoint.path, endpoint]));
  const prefixes = endpoints.filter(({ below }) => below);
  return async (context) => {
    const path = withoutSlash(context.info.path);
    const endpoint = exact.get(path) ?? prefixes.find((one) => path.startsWith(`${one.path}/`));
    if (!endpoint) throw unknownPath();
    if (context.request.method !== "GET" && context.request.method !== "HEAD") throw methodNotAllowed();
    return endpoint.handle(context);
  };
}

export const withoutSlash = (path: string): string =>
  path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;

export const unknownPath = (): StatusError =>
  new StatusError("NotFound", "the server could not find the requested resource", {});

const methodNotAllowed = (): StatusError =>
  new StatusError("MethodNotAllowed", "the server does not allow this method on the requested resource", {});

/** Text as it is, in one piece. */
export function textAnswer(status: number, text: string, contentType = "text/plain; charset=utf-8"): Answer {
  const bytes = Buffer.from(text);
  return {
    type: "stream",
    status,
    headers: {
      "content-type": contentType,
      "content-length": String(bytes.byteLength),
      "x-content-type-options": "nosniff",
    },
    body: once(bytes),
  };
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
