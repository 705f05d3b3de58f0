import { type ClientHttp2Session, connect } from "node:http2";
import { Agent, request } from "node:https";
import { join } from "node:path";
import type { Connection } from "../client/kubeconfig.js";
import { startUp, withDir } from "./kit/cluster.js";
import { machine, numberOf, percentile, residentMb, sleep } from "./kit/figures.js";
import { type Http, loopDelay, openHttp } from "./kit/http.js";

const perConnection = 50;
const path = "/api/v1/namespaces/default/configmaps";

/** One change at many watchers over HTTP/2 (or, with `--h1`, a connection of HTTP/1.1 for each) and TLS, from sending the write to the last watcher's having it; and the memory of idle watches. */
export async function run(args: readonly string[]): Promise<void> {
  const watchers = numberOf(args, "watchers", 1_000);
  const events = numberOf(args, "events", 200);
  const idle = numberOf(args, "idle", 4_000);
  const h1 = args.includes("--h1");
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
  console.log(machine());
  await withDir(async (dir) => {
    const up = startUp({ dataDir: join(dir, "data"), flags: ["--runtime", "simulated"] });
    const sessions: ClientHttp2Session[] = [];
    try {
      await up.ready;
      const connection = await up.connection();
      const http = openHttp(connection);
      const { body } = await http.ask("POST", path, configMap("0"));
      const { resourceVersion } = (JSON.parse(body.toString("utf8")) as Written).metadata;
      const { server, tls } = connection;
      await measureIdle(up.pid, http, connection, { idle, resourceVersion });
      const keys = { ca: tls.ca, cert: tls.certificate, key: tls.key };
      for (let n = 0; !h1 && n < watchers / perConnection; n++) sessions.push(connect(server, keys));
      await Promise.all(sessions.map((session) => new Promise((resolve) => session.once("connect", resolve))));
      const arrivals: number[] = [];
      for (let n = 0; n < watchers; n++) {
        const query = `?watch=1&resourceVersion=${resourceVersion}&fieldSelector=metadata.name%3Dwatched`;
        const arrived = (): void => void arrivals.push(performance.now());
        if (h1) {
          await new Promise<void>((resolve, reject) => {
            const asked = request(`${server}${path}${query}`, { agent, ...keys }, (response) => {
              response.on("data", arrived).on("error", () => {});
              resolve();
            });
            asked.on("error", reject).end();
          });
          continue;
        }
        const stream = sessions[n % sessions.length]?.request({ ":path": `${path}${query}` });
        stream?.on("error", () => {});
        await new Promise((resolve) => stream?.once("response", resolve));
        stream?.on("data", arrived);
      }
      await sleep(settleMs);
      await loopDelay(http);
      const all: number[] = [];
      const last: number[] = [];
      for (let n = 1; n <= events; n++) {
        arrivals.length = 0;
        const sentAt = performance.now();
        await http.ask("PUT", `${path}/watched`, configMap(String(n)));
        while (arrivals.length < watchers) await new Promise((resolve) => setImmediate(resolve));
        for (const at of arrivals) all.push(at - sentAt);
        last.push(performance.now() - sentAt);
        await sleep(pauseMs);
      }
      const { p99Ms, maxMs } = await loopDelay(http);
      console.log(
        `write sent to event received, ${events} events x ${watchers} watchers in one process: p50 ${percentile(all, 0.5).toFixed(1)} ms, p99 ${percentile(all, 0.99).toFixed(1)} ms; last watcher p50 ${percentile(last, 0.5).toFixed(1)} ms; server's event-loop delay p99 ${p99Ms.toFixed(1)} ms, longest ${maxMs.toFixed(1)} ms`,
      );
      http.close();
    } finally {
      for (const session of sessions) session.destroy();
      agent.destroy();
      await up.stop();
    }
  });
}

/** Many, so that what the process takes once (a larger young generation) does not count for each. */
async function measureIdle(
  pid: number,
  http: Http,
  { server, tls }: Connection,
  { idle, resourceVersion }: { readonly idle: number; readonly resourceVersion: string },
): Promise<void> {
  const sessions = Array.from({ length: Math.ceil(idle / perConnection) }, () =>
    connect(server, { ca: tls.ca, cert: tls.certificate, key: tls.key }),
  );
  await Promise.all(sessions.map((session) => new Promise((resolve) => session.once("connect", resolve))));
  await sleep(settleMs);
  const before = await memory(pid, http);
  const query = `?watch=1&resourceVersion=${resourceVersion}&fieldSelector=metadata.name%3Didle`;
  for (let n = 0; n < idle; n++) {
    const stream = sessions[n % sessions.length]?.request({ ":path": `${path}${query}` });
    stream?.on("error", () => {});
    await new Promise((resolve) => stream?.once("response", resolve));
    stream?.on("data", () => {});
  }
  await sleep(settleMs);
  const after = await memory(pid, http);
  console.log(
    `${idle} idle watches on ${sessions.length} connections: ${perWatch(before.residentKb, after.residentKb, idle)} KB resident, ${perWatch(before.heapKb, after.heapKb, idle)} KB of heap each`,
  );
  for (const session of sessions) session.destroy();
}

interface Written {
  readonly metadata: { readonly resourceVersion: string };
}

const settleMs = 5_000;
const pauseMs = 10;

const configMap = (value: string): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "watched" },
    data: { value, text: "x".repeat(500) },
  });

async function memory(pid: number, http: Http) {
  const text = (await http.ask("GET", "/metrics")).body.toString("utf8");
  const heap = Number(/^nodejs_heap_size_used_bytes (\S+)/m.exec(text)?.[1]);
  return { residentKb: residentMb(pid) * 1024, heapKb: heap / 1024 };
}

const perWatch = (before: number, after: number, count: number): string => ((after - before) / count).toFixed(1);
