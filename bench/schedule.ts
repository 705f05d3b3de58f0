import { join } from "node:path";
import type { Node } from "../api/core/node/node.js";
import { pods as podResource } from "../api/core/pod/pod.js";
import { createHttpsTransport } from "../client/https-transport.js";
import { createClient } from "../client/rest.js";
import { startUp, type Up, until, withDir } from "./kit/cluster.js";
import { machine, mainThreadMs, median, numberOf } from "./kit/figures.js";
import { type Http, loopDelay, openHttp } from "./kit/http.js";
import { loadFrom } from "./kit/load.js";
import { nodeBody, nodeStatus, podBody } from "./kit/objects.js";

export { generateLoad } from "./kit/load.js";

/**
 * Pods created through HTTPS by another process, scheduled and bound: from the first create to the last pod with a node,
 * as a watch over HTTPS tells it. Nodes are bare objects, or with `--agents` simulated agents that run the pods as well.
 */
export async function run(args: readonly string[]): Promise<void> {
  const agents = args.includes("--agents");
  const nodes = numberOf(args, "nodes", agents ? 1_000 : 5_000);
  const pods = numberOf(args, "pods", 10_000);
  const rounds = numberOf(args, "rounds", 3);
  console.log(machine());
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++)
    rates.push(await withDir((dir) => measure(join(dir, "data"), { agents, nodes, pods })));
  console.log(
    `${pods} pods on ${nodes} ${agents ? "simulated" : "bare"} nodes: median of ${rounds}: ${median(rates).toFixed(0)} pods/s`,
  );
}

interface Setting {
  readonly agents: boolean;
  readonly nodes: number;
  readonly pods: number;
}

async function measure(dataDir: string, { agents, nodes, pods }: Setting): Promise<number> {
  const flags = ["--runtime", "simulated", "--node-monitor-grace-period", "1h", "--nodes", String(agents ? nodes : 1)];
  const up = startUp({ dataDir, flags });
  try {
    await up.ready;
    const connection = await up.connection();
    const http = openHttp(connection);
    const order = { server: connection.server, tls: connection.tls, protocol: "h2" };
    if (!agents) await makeNodes(up, http, nodes);
    const watched = watchBound(up, pods);
    await watched.started;
    await loopDelay(http);
    const startedAt = performance.now();
    const busyBefore = mainThreadMs(up.pid);
    const created = loadFrom("schedule", {
      ...order,
      clients: 16,
      path: "/api/v1/namespaces/default/pods",
      body: podBody(),
      prefix: "p-",
      requests: pods,
    });
    const { perSecond } = await created;
    const createdAt = performance.now();
    const endedAt = await watched.all;
    const eachUs = ((mainThreadMs(up.pid) - busyBefore) * 1000) / pods;
    const { p99Ms, maxMs } = await loopDelay(http);
    // The load's process takes a while to start: what counts begins with the first create.
    const seconds = (endedAt - (createdAt - (pods / perSecond) * 1000)) / 1000;
    console.log(
      `${(pods / seconds).toFixed(0)} pods/s (${seconds.toFixed(2)} s; creates alone ${perSecond.toFixed(0)}/s, all created after ${((createdAt - startedAt) / 1000).toFixed(2)} s); event-loop delay p99 ${p99Ms.toFixed(1)} ms, longest ${maxMs.toFixed(1)} ms; main thread ${eachUs.toFixed(0)} us a pod`,
    );
    http.close();
    return pods / seconds;
  } finally {
    await up.stop();
  }
}

async function makeNodes(up: Up, http: Http, count: number): Promise<void> {
  const { server, tls } = await up.connection();
  const order = { server, tls, protocol: "h1", clients: 16, path: "/api/v1/nodes", prefix: "bare-" };
  await loadFrom("schedule", { ...order, body: nodeBody, requests: count });
  const body = JSON.stringify(nodeStatus(new Date().toISOString().replace(/\.\d+/, "")));
  let next = 0;
  const writer = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) {
      const { status, body: answer } = await http.ask("PATCH", `/api/v1/nodes/bare-${n}/status`, body);
      if (status !== 200) throw new Error(`${status} ${answer.toString("utf8")}`);
    }
  };
  await Promise.all(Array.from({ length: 4 }, writer));
  await until(
    "every node has its addresses and no taint",
    async () => {
      const { items } = await http.json<{ readonly items: readonly Node[] }>("/api/v1/nodes");
      return items.every(({ spec }) => spec.podCIDR !== undefined && (spec.taints ?? []).length === 0);
    },
    1000,
  );
}

/** `all` resolves with performance.now() when so many pods have a node. */
function watchBound(up: Up, count: number): { readonly started: Promise<void>; readonly all: Promise<number> } {
  const abort = new AbortController();
  let tell: () => void = () => {};
  const started = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const all = (async () => {
    const { server, tls } = await up.connection();
    const transport = createHttpsTransport({ server, tls, userAgent: "bench" });
    const client = createClient(transport);
    const { metadata } = await client.list(podResource, { fieldSelector: "spec.nodeName!=" });
    const bound = new Set<string>();
    const query = { fieldSelector: "spec.nodeName!=", resourceVersion: metadata.resourceVersion };
    const events = client.watch(podResource, query, abort.signal);
    tell();
    for await (const event of events) {
      if (event.type === "ADDED") bound.add(event.object.metadata.name);
      if (bound.size >= count) break;
    }
    const at = performance.now();
    abort.abort();
    transport.close();
    return at;
  })();
  return { started, all };
}
