import { join } from "node:path";
import { findEtcd, startEtcd } from "../e2e/harness/etcd.js";
import { startUp, withDir } from "./kit/cluster.js";
import { machine, mainThreadMs, median, numberOf } from "./kit/figures.js";
import { loopDelay, openHttp } from "./kit/http.js";
import { type LoadResult, loadFrom } from "./kit/load.js";
import { configMapBody, podBody } from "./kit/objects.js";

export { generateLoad } from "./kit/load.js";

const allClientCounts = [1, 16, 64];
const kinds = {
  configmaps: configMapBody,
  // No scheduler takes them: what is measured is the create.
  pods: podBody({ schedulerName: "nobody" }),
};

/** Creates through HTTPS, all stages of the API server included, on both stores. One server process, one that makes the load. */
export async function run(args: readonly string[]): Promise<void> {
  const rounds = numberOf(args, "rounds", 3);
  const forMs = numberOf(args, "seconds", 4) * 1000;
  const only = numberOf(args, "clients", 0);
  const clientCounts = only > 0 ? [only] : allClientCounts;
  const protocols = args.includes("--h1") ? ["h1"] : args.includes("--h2") ? ["h2"] : ["h2", "h1"];
  console.log(machine());
  console.log(`creates, median of ${rounds} runs of ${forMs / 1000} s; h2: HTTP/2, h1: HTTP/1.1, a connection each`);
  const measure = async (name: string, flags: readonly string[]): Promise<void> => {
    for (const protocol of protocols)
      for (const kind of Object.keys(kinds) as (keyof typeof kinds)[])
        if (!args.includes(`--no-${kind}`))
          await withDir((dir) => measureKind(name, protocol, kind, { dir, flags, rounds, forMs, clientCounts }));
  };
  if (!args.includes("--etcd")) await measure("embedded", []);
  if (args.includes("--embedded")) return;
  if (!findEtcd()) return console.log("etcd: no binary found, not measured");
  const etcd = await startEtcd();
  await measure("etcd", ["--etcd-servers", etcd.endpoints.join(",")]);
  await etcd.stop();
}

interface Setting {
  readonly dir: string;
  readonly flags: readonly string[];
  readonly rounds: number;
  readonly forMs: number;
  readonly clientCounts: readonly number[];
}

async function measureKind(
  name: string,
  protocol: string,
  kind: keyof typeof kinds,
  { dir, flags, rounds, forMs, clientCounts }: Setting,
): Promise<void> {
  const up = startUp({ dataDir: join(dir, "data"), flags: ["--runtime", "simulated", ...flags] });
  try {
    await up.ready;
    const connection = await up.connection();
    const http = openHttp(connection);
    const order = {
      server: connection.server,
      tls: connection.tls,
      protocol,
      path: `/api/v1/namespaces/default/${kind}`,
      body: kinds[kind],
    };
    const tag = Date.now().toString(36);
    await loadFrom("writes", { ...order, clients: 16, prefix: `warm-${tag}-${protocol}-`, forMs: warmUpMs });
    for (const clients of clientCounts) {
      await loopDelay(http);
      const busyBefore = mainThreadMs(up.pid);
      const results: LoadResult[] = [];
      for (let round = 0; round < rounds; round++)
        results.push(await loadFrom("writes", { ...order, clients, prefix: `${tag}-${clients}-${round}-`, forMs }));
      const busyUs = (mainThreadMs(up.pid) - busyBefore) * 1000;
      const { p99Ms: loopMs } = await loopDelay(http);
      const eachUs = busyUs / results.reduce((sum, { count }) => sum + count, 0);
      const of = (key: keyof LoadResult): number => median(results.map((one) => one[key]));
      console.log(
        `${name} ${protocol} ${kind.padEnd(10)} ${String(clients).padStart(2)} clients: ${of("perSecond").toFixed(0).padStart(5)}/s, p50 ${of("p50Ms").toFixed(2)} ms, p99 ${of("p99Ms").toFixed(2)} ms, server's event-loop delay p99 ${loopMs.toFixed(1)} ms, its main thread ${eachUs.toFixed(0)} us a create`,
      );
    }
    http.close();
  } finally {
    await up.stop();
  }
}

const warmUpMs = 3_000;
