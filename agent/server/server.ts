import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Pod } from "../../api/core/pod/pod.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/log.js";
import type { Runtime } from "../runtime/runtime.js";
import { serveAttach, serveExec } from "./exec.js";
import { serveLogs } from "./logs.js";
import { servePortForward } from "./port-forward.js";
import { HttpProblem } from "./problem.js";
import { type StatsOptions, statsHandler } from "./stats.js";
import { refuseUpgrade, type Upgrade, type Upgrading } from "./upgrade.js";

export interface ServingOptions {
  /** PEM. The certificate names the node. */
  readonly cert: string;
  readonly key: string;
  /** PEM of the CA that signs client certificates. */
  readonly clientCa: string;
  /** Common names of the certificates that may call. */
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
  /** Absent: it tells nothing of what is used. */
  readonly stats?: StatsOptions;
}

export interface AgentServer {
  readonly port: number;
  close(): Promise<void>;
}

/** What the API server (and nobody else) may ask of this node: logs, exec, the pods that it runs. */
export async function startServer(options: ServerOptions): Promise<AgentServer> {
  const { serving, host, log } = options;
  const server = createServer({
    cert: serving.cert,
    key: serving.key,
    ca: serving.clientCa,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: "TLSv1.2",
  });
  server.on("request", (request, response) => void answer(options, request, response));
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => {});
    void upgrade(options, { request, socket, head }).catch((error: unknown) => refuseUpgrade(socket, error));
  });
  server.on("tlsClientError", (error) => log.debug("TLS handshake failed", { error: error.message }));
  await listen(server, serving.port ?? 0, host);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What takes a connection over, by the first segment of its path. */
const upgrades: ReadonlyMap<string, (options: ServerOptions, upgrade: Upgrade) => Promise<void>> = new Map([
  ["exec", serveExec],
  ["attach", serveAttach],
  ["portForward", servePortForward],
]);

async function upgrade(options: ServerOptions, given: Upgrading): Promise<void> {
  const refused = refusal(options.serving, given.request);
  if (refused) throw refused;
  const [service = "", ...path] = segmentsOf(given.request);
  const serve = upgrades.get(service);
  if (!serve) throw new HttpProblem(404, "not found");
  const query = new URL(given.request.url ?? "/", "http://agent").searchParams;
  await serve(options, { ...given, path, query });
}

async function answer(options: ServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const refused = refusal(options.serving, request);
    if (refused) throw refused;
    await route(options, request, response);
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

async function route(options: ServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [first, ...rest] = segmentsOf(request);
  if (request.method !== "GET" && request.method !== "HEAD") throw new HttpProblem(405, "only GET is served here");
  if (first === "healthz" && rest.length === 0) return void response.end("ok");
  if (first === "pods" && rest.length === 0) {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ kind: "PodList", apiVersion: "v1", metadata: {}, items: options.pods() }));
    return;
  }
  if (first === "containerLogs" && rest.length === 3) return serveLogs(options, rest, request, response);
  const serveStats = options.stats && statsHandler(options.stats, [first, ...rest].join("/"));
  if (serveStats) return serveStats(request, response);
  if (upgrades.has(first ?? "")) throw new HttpProblem(426, `${first} needs an upgrade of the connection`);
  throw new HttpProblem(404, "not found");
}

/** Without a certificate of ours: 401; with that of somebody else: 403. */
function refusal(
  { allowedClients = ["kube-apiserver-kubelet-client"] }: ServingOptions,
  { socket }: IncomingMessage,
): HttpProblem | undefined {
  const tls = socket as TLSSocket;
  if (!tls.authorized) return new HttpProblem(401, "Unauthorized");
  const name = tls.getPeerCertificate().subject?.CN;
  return typeof name === "string" && allowedClients.includes(name) ? undefined : new HttpProblem(403, "Forbidden");
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
