import { chmodSync, readFileSync, realpathSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { extname, join, resolve, sep } from "node:path";
import type { RawResponse } from "../../client/client.js";
import { type Call, defineCommand } from "../command.js";
import { CliError } from "../errors.js";
import { bool, duration, int, text } from "../flags.js";
import type { Session } from "../session.js";

const flags = {
  port: int("Port to listen at; 0 takes a free one.", { short: "p" }),
  address: text("Address to listen at."),
  "unix-socket": text("Socket to listen at instead.", { short: "u" }),
  www: text("Folder with files to serve beside the API.", { short: "w" }),
  "www-prefix": text("Path below which the files are.", { short: "P" }),
  "api-prefix": text("Path below which the API is."),
  "accept-hosts": text("Hosts that requests may be for: expressions parted by commas."),
  "accept-paths": text("Paths that may be asked for: expressions parted by commas."),
  "reject-paths": text("Paths that may not be asked for: expressions parted by commas."),
  "reject-methods": text("Methods that may not be used: expressions parted by commas."),
  "disable-filter": bool("Let every request through. This is dangerous."),
  keepalive: duration("Accepted; connections are kept by the system's rules."),
};

const usualPort = 8001;
const usualHosts = "^localhost$,^127\\.0\\.0\\.1$,^\\[::1\\]$";
const usualRejects = "^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach";

/** Serves the API to programs of this machine, with our credentials; hosts and paths are filtered. */
export const proxy = defineCommand({
  name: "proxy",
  usage: "[--port=PORT] [--www=static-dir] [--www-prefix=prefix] [--api-prefix=prefix]",
  summary: "Serve the API on a local port, with our credentials.",
  examples: ["navctl proxy --port=8001", "navctl proxy --port=0 --www=./site --www-prefix=/site/"],
  flags,
  async run({ session, args, flags: given, usageError }: Call<typeof flags>) {
    if (args.length > 0) throw usageError(`unexpected arguments: [${args.join(" ")}]`);
    if (given["unix-socket"] && given.port !== undefined)
      throw new CliError("cannot set --unix-socket and --port at the same time");
    if (given.port !== undefined && (given.port < 0 || given.port > 65_535))
      throw new CliError(`listen tcp: address ${given.port}: invalid port`);
    await session.api();
    const allowed = filterOf(given);
    if (given["disable-filter"])
      session.note("Request filter disabled, your proxy is vulnerable to XSRF attacks, please be cautious");
    const files =
      given.www === undefined
        ? undefined
        : { folder: resolve(session.io.cwd, given.www), prefix: slashed(given["www-prefix"] ?? "/static/") };
    const prefix = slashed(given["api-prefix"] ?? "/");
    const server = createServer({ maxHeaderSize: 64 * 1024 }, (request, response) => {
      handle(session, { allowed, files, prefix }, request, response).catch(() => response.destroy());
    });
    server.on("upgrade", (_, socket) => socket.end("HTTP/1.1 501 Not Implemented\r\nconnection: close\r\n\r\n"));
    await listen(server, given, session);
    await new Promise<void>((done) => session.io.signal?.addEventListener("abort", () => done(), { once: true }));
    server.closeAllConnections();
    server.close();
    return 0;
  },
});

const slashed = (prefix: string): string =>
  `${prefix.startsWith("/") ? "" : "/"}${prefix}${prefix.endsWith("/") ? "" : "/"}`;

function listen(server: Server, given: Call<typeof flags>["flags"], session: Session): Promise<void> {
  const path = given["unix-socket"] && resolve(session.io.cwd, given["unix-socket"]);
  return new Promise((done, reject) => {
    server.once("error", (error) => reject(new CliError(error.message)));
    const listening = (): void => {
      const bound = server.address();
      // Whoever may connect acts with our credentials.
      if (path) chmodSync(path, 0o600);
      const where = path ?? (typeof bound === "object" && bound ? `${bound.address}:${bound.port}` : "");
      session.print(`Starting to serve on ${where}`);
      done();
    };
    if (path) server.listen(path, listening);
    else server.listen(given.port ?? usualPort, given.address ?? "127.0.0.1", listening);
  });
}

type Filter = (host: string, method: string, path: string) => boolean;

function filterOf(given: Call<typeof flags>["flags"]): Filter {
  if (given["disable-filter"]) return () => true;
  const hosts = expressions(given["accept-hosts"] ?? usualHosts);
  const paths = expressions(given["accept-paths"] ?? "^.*");
  const rejected = expressions(given["reject-paths"] ?? usualRejects);
  const methods = expressions(given["reject-methods"] ?? "^$");
  const some = (list: readonly RegExp[], value: string): boolean => list.some((one) => one.test(value));
  return (host, method, path) =>
    !some(rejected, path) && !some(methods, method) && some(paths, path) && some(hosts, host);
}

function expressions(written: string): readonly RegExp[] {
  return written.split(",").map((one) => {
    try {
      return new RegExp(one);
    } catch {
      throw new CliError(`error parsing regexp: ${JSON.stringify(one)}`);
    }
  });
}

interface Serving {
  readonly allowed: Filter;
  readonly files: { readonly folder: string; readonly prefix: string } | undefined;
  readonly prefix: string;
}

/** The host without its port; a path that climbs is read as where it leads, before it is judged. */
async function handle(
  session: Session,
  serving: Serving,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const host = (request.headers.host ?? "").replace(/:\d+$/, "");
  const url = pathOf(request.url ?? "/");
  const { files, prefix } = serving;
  // Judged is what the server will see, whatever prefix is before it.
  const path = url?.pathname.startsWith(prefix) ? `/${url.pathname.slice(prefix.length)}` : url?.pathname;
  if (!url || path === undefined || !serving.allowed(host, request.method ?? "GET", path)) {
    response.writeHead(403, { "content-type": "text/plain" }).end("Forbidden");
    return;
  }
  if (files && url.pathname.startsWith(files.prefix)) {
    serveFile(files.folder, url.pathname.slice(files.prefix.length), response);
    return;
  }
  if (!url.pathname.startsWith(prefix)) {
    response.writeHead(404, { "content-type": "text/plain" }).end("404 page not found\n");
    return;
  }
  await pass(session, request, `${path}${url.search}`, response);
}

function pathOf(target: string): URL | undefined {
  try {
    const url = new URL(target, "http://localhost");
    // What would be read otherwise by the server than by the filter is not let through.
    return /%2e|%2f|%5c|\/\/|\\/i.test(url.pathname) ? undefined : url;
  } catch {
    return undefined;
  }
}

const hop = new Set([
  "connection",
  "keep-alive",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "host",
  "authorization",
  "content-length",
]);
const bodyMaxBytes = 16 * 1024 * 1024;

async function pass(session: Session, request: IncomingMessage, path: string, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > bodyMaxBytes) {
      response.writeHead(413).end();
      return;
    }
  }
  const headers = Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
      // Who acts is said by our credentials alone.
      hop.has(name) || name.startsWith("impersonate-") || value === undefined ? [] : [[name, String(value)]],
    ),
  );
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  let answer: RawResponse;
  try {
    answer = await (await session.api()).raw({
      method: request.method ?? "GET",
      path,
      headers,
      signal: gone.signal,
      ...(length > 0 ? { body: Buffer.concat(chunks) } : {}),
    });
  } catch (error) {
    if (!gone.signal.aborted)
      response
        .writeHead(502, { "content-type": "text/plain" })
        .end(`${error instanceof Error ? error.message : error}\n`);
    return;
  }
  const shown = Object.entries(answer.headers).filter(([name]) => !hop.has(name) && !name.startsWith(":"));
  response.writeHead(answer.status, Object.fromEntries(shown));
  for await (const chunk of answer.body) {
    if (!response.write(chunk))
      await new Promise<void>((drained) => response.once("drain", drained).once("close", drained));
    if (response.destroyed) return;
  }
  response.end();
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".txt": "text/plain; charset=utf-8",
};

function serveFile(folder: string, below: string, response: ServerResponse): void {
  const missing = (): void =>
    void response.writeHead(404, { "content-type": "text/plain" }).end("404 page not found\n");
  try {
    const root = realpathSync(folder);
    let path = realpathSync(join(root, decodeURIComponent(below)));
    if (statSync(path).isDirectory()) path = realpathSync(join(path, "index.html"));
    if (path !== root && !path.startsWith(root + sep)) throw new Error("outside of the folder");
    response
      .writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream" })
      .end(readFileSync(path));
  } catch {
    missing();
  }
}
