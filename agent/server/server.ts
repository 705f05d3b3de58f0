import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Pod } from "../../api/core/pod/pod.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/log.js";
import type { Identity } from "../../base/tls.js";
import type { Client } from "../../client/client.js";
import type { Runtime } from "../runtime/runtime.js";
import { Access } from "./access.js";
import { serveAttach, serveExec } from "./exec.js";
import { serveLogs, serveLogsOverWebSocket } from "./logs.js";
import { servePortForward } from "./port-forward.js";
import { HttpProblem } from "./problem.js";
import { runningPods } from "./running-pods.js";
import { type StatsOptions, statsHandler } from "./stats.js";
import { serveSystemLogs } from "./system-logs.js";
import { checkReachable } from "./target.js";
import { refuseUpgrade, type Upgrade, type Upgrading } from "./upgrade.js";

export interface ServingOptions {
  /** PEM. The certificate names the node. */
  readonly cert: string;
  readonly key: string;
  /** PEM of the CA that signs client certificates. */
  readonly clientCa: string;
  /** Common names of the certificates that may do all. */
  readonly allowedClients?: readonly string[];
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** The node's own address unless said. */
  readonly host?: string;
}

export interface ServerOptions {
  readonly serving: ServingOptions;
  readonly host: string;
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly log: Logger;
  readonly pods: () => readonly Pod[];
  /** How callers other than the API server are looked up. Absent: there are none. */
  readonly reviews?: { readonly client: Client; readonly nodeName: string };
  /** Absent: it tells nothing of what is used. */
  readonly stats?: StatsOptions;
  /** The folder of the node's own logs; absent: where they usually are. */
  readonly systemLogs?: string;
}

/** What a running server keeps beside its options. */
export interface Serving extends ServerOptions {
  /** Containers that somebody attached to. */
  readonly joined: Set<string>;
}

export interface AgentServer {
  readonly port: number;
  /** Serves with another certificate from the next connection on. */
  replaceIdentity(identity: Identity): void;
  close(): Promise<void>;
}

/** What the API server, and whom it vouches for, may ask of this node: logs, streams, the pods that it runs. */
export async function startServer(given: ServerOptions): Promise<AgentServer> {
  const options: Serving = { ...given, joined: new Set() };
  const { serving, host, log } = options;
  const tls = { cert: serving.cert, key: serving.key, ca: serving.clientCa, minVersion: "TLSv1.2" as const };
  const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: false });
  const access = new Access({
    clock: options.clock,
    allowedClients: serving.allowedClients ?? ["kube-apiserver-kubelet-client"],
    reviews: options.reviews,
  });
  server.on("request", (request, response) => void answer(options, access, request, response));
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => {});
    void upgrade(options, access, { request, socket, head }).catch((error: unknown) => refuseUpgrade(socket, error));
  });
  server.on("tlsClientError", (error) => log.debug("TLS handshake failed", { error: error.message }));
  await listen(server, serving.port ?? 0, host);
  return {
    port: (server.address() as AddressInfo).port,
    replaceIdentity: ({ certificate, key }) => server.setSecureContext({ ...tls, cert: certificate, key }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What takes a connection over, by the first segment of its path. */
const upgrades: ReadonlyMap<string, (options: Serving, upgrade: Upgrade) => Promise<void>> = new Map([
  ["exec", serveExec],
  ["attach", serveAttach],
  ["portForward", servePortForward],
  ["containerLogs", serveLogsOverWebSocket],
]);

const byUpgradeAlone: ReadonlySet<string> = new Set(["exec", "attach", "portForward"]);

async function upgrade(options: Serving, access: Access, given: Upgrading): Promise<void> {
  const segments = segmentsOf(given.request);
  await access.check(given.request, segments);
  const [service = "", ...path] = segments;
  const serve = upgrades.get(service);
  if (!serve) throw new HttpProblem(404, "not found");
  const query = new URL(given.request.url ?? "/", "http://agent").searchParams;
  await serve(options, { ...given, path, query });
}

async function answer(
  options: ServerOptions,
  access: Access,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const segments = segmentsOf(request);
    await access.check(request, segments);
    await route(options, segments, request, response);
  } catch (error) {
    if (response.headersSent) return void response.destroy();
    const problem =
      error instanceof HttpProblem
        ? error
        : new HttpProblem(500, error instanceof Error ? error.message : String(error));
    response.writeHead(problem.code, { "content-type": "text/plain; charset=utf-8" });
    response.end(`${problem.message}\n`);
  }
}

type Route = (
  options: ServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  path: readonly string[],
) => Promise<void> | void;

/** What is read here, by path; what is open to anybody and what takes which right stands in access.ts. */
const routes: readonly { readonly path: RegExp; readonly serve: Route }[] = [
  { path: /^healthz$/, serve: (_options, _request, response) => void response.end("ok") },
  { path: /^pods\/?$/, serve: (options, _request, response) => podList(response, options.pods()) },
  {
    path: /^runningpods\/?$/,
    serve: async (options, _request, response) => {
      await checkReachable(options.runtime);
      podList(response, await runningPods(options.runtime));
    },
  },
  {
    path: /^containerLogs\/[^/]*\/[^/]*\/[^/]*$/,
    serve: (options, request, response, [, ...target]) => serveLogs(options, target, request, response),
  },
  {
    path: /^logs(\/.*)?$/,
    serve: ({ systemLogs = "/var/log" }, request, response, [, ...path]) =>
      serveSystemLogs(systemLogs, path, request, response),
  },
  { path: /^(stats\/summary|metrics\/resource)$/, serve: serveStats },
];

async function route(
  options: ServerOptions,
  path: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") throw new HttpProblem(405, "only GET is served here");
  if (byUpgradeAlone.has(path[0] ?? "")) throw new HttpProblem(426, `${path[0]} needs an upgrade of the connection`);
  // A segment that holds a slash is no segment of ours.
  const found = path.some((one) => one.includes("/"))
    ? undefined
    : routes.find(({ path: form }) => form.test(path.join("/")));
  if (!found) throw new HttpProblem(404, "not found");
  await found.serve(options, request, response, path);
}

function serveStats({ stats }: ServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? "").split("?")[0]?.slice(1) ?? "";
  const serve = stats && statsHandler(stats, path);
  if (!serve) throw new HttpProblem(404, "not found");
  return serve(request, response);
}

function podList(response: ServerResponse, items: readonly object[]): void {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ kind: "PodList", apiVersion: "v1", metadata: {}, items }));
}

/** Decoded path segments; one that is no text is none of ours. */
function segmentsOf({ url = "/" }: IncomingMessage): string[] {
  try {
    return (url.split("?")[0] ?? "").split("/").slice(1).map(decodeURIComponent);
  } catch {
    return [];
  }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
