import { type Agent, Agent as HttpsAgent, request } from "node:https";
import type { Connection } from "../../client/kubeconfig.js";

export interface Reply {
  readonly status: number;
  readonly body: Buffer;
}

export interface Http {
  ask(method: string, path: string, body?: string | Buffer, accept?: string, contentType?: string): Promise<Reply>;
  json<T>(path: string): Promise<T>;
  close(): void;
}

/** HTTP/1.1 over TLS on connections that are kept, without anything that costs time in the measuring process. */
export function openHttp({ server, tls }: Pick<Connection, "server" | "tls">, connections = 4): Http {
  const agent: Agent = new HttpsAgent({
    keepAlive: true,
    maxSockets: connections,
    ca: tls.ca,
    cert: tls.certificate,
    key: tls.key,
    rejectUnauthorized: tls.ca !== undefined,
  });
  const ask: Http["ask"] = (method, path, body, accept = "application/json", contentType?: string) =>
    new Promise((resolve, reject) => {
      const type = contentType ?? (method === "PATCH" ? "application/merge-patch+json" : "application/json");
      const headers =
        body === undefined ? { accept } : { accept, "content-type": type, "content-length": Buffer.byteLength(body) };
      const asked = request(`${server}${path}`, { method, agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
        response.on("error", reject);
      });
      asked.on("error", reject);
      asked.end(body);
    });
  return {
    ask,
    json: async <T>(path: string) => {
      const { status, body } = await ask("GET", path);
      if (status !== 200) throw new Error(`${path}: ${status} ${body.toString("utf8").slice(0, 500)}`);
      return JSON.parse(body.toString("utf8")) as T;
    },
    close: () => agent.destroy(),
  };
}

/**
 * The server's own event-loop delay since the last call, by its /metrics. The first call only starts the count. The
 * figures include the sampling timer's 10 ms, which are taken off.
 */
export async function loopDelay(http: Http): Promise<{ readonly p99Ms: number; readonly maxMs: number }> {
  const text = (await http.ask("GET", "/metrics")).body.toString("utf8");
  const seconds = (name: string): number =>
    Number(new RegExp(`^nodejs_eventloop_lag_${name}_seconds (\\S+)`, "m").exec(text)?.[1]);
  const ms = (name: string): number => Math.max(0, seconds(name) * 1000 - samplingMs);
  return { p99Ms: ms("p99"), maxMs: ms("max") };
}

const samplingMs = 10;
