import { join } from "node:path";
import { startUp, withDir } from "./kit/cluster.js";
import { machine, median, numberOf, spread } from "./kit/figures.js";
import { loopDelay, openHttp } from "./kit/http.js";
import { loadFrom } from "./kit/load.js";
import { podBody } from "./kit/objects.js";

export { generateLoad } from "./kit/load.js";

const forms = {
  JSON: "application/json",
  Table: "application/json;as=Table;v=v1;g=meta.k8s.io",
  "protocol buffers": "application/vnd.kubernetes.protobuf",
};

/** LIST of many pods over HTTPS by one client, to its last byte, and how long the server's event loop stood still. */
export async function run(args: readonly string[]): Promise<void> {
  const pods = numberOf(args, "pods", 10_000);
  const rounds = numberOf(args, "rounds", 15);
  console.log(machine());
  await withDir(async (dir) => {
    const up = startUp({ dataDir: join(dir, "data"), flags: ["--runtime", "simulated"] });
    try {
      await up.ready;
      const connection = await up.connection();
      const order = { server: connection.server, tls: connection.tls, protocol: "h1", clients: 16, requests: pods };
      const body = podBody({ schedulerName: "nobody" });
      await loadFrom("list", { ...order, path: "/api/v1/namespaces/default/pods", body, prefix: "pod-" });
      const http = openHttp(connection);
      const path = "/api/v1/namespaces/default/pods";
      for (const [name, accept] of Object.entries(forms)) {
        const times: number[] = [];
        const stalls: number[] = [];
        let bytes = 0;
        for (let round = 0; round <= rounds; round++) {
          await loopDelay(http);
          const started = performance.now();
          const reply = await http.ask("GET", path, undefined, accept);
          const tookMs = performance.now() - started;
          const { maxMs } = await loopDelay(http);
          if (reply.status !== 200) throw new Error(`${path}: ${reply.status}`);
          bytes = reply.body.length;
          if (round === 0) continue;
          times.push(tookMs);
          stalls.push(maxMs);
        }
        console.log(
          `LIST of ${pods} pods as ${name}, ${(bytes / 2 ** 20).toFixed(1)} MB: median of ${rounds}: ${spread(times, "ms")}; longest event-loop delay ${median(stalls).toFixed(1)} ms (up to ${Math.max(...stalls).toFixed(1)})`,
        );
      }
      http.close();
    } finally {
      await up.stop();
    }
  });
}
