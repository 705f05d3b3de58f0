import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startUp, type Up, withDir } from "./kit/cluster.js";
import { machine, median, numberOf, percentile, spread } from "./kit/figures.js";
import { type Http, loopDelay, openHttp } from "./kit/http.js";

const configMaps = "/api/v1/namespaces/default/configmaps";
const kubectl = "/usr/lib/google-cloud-sdk/bin/kubectl.1.33";

/** Reads by many clients, a big apply, the making of OpenAPI, and what a kubectl without any cache asks for. */
export async function run(args: readonly string[]): Promise<void> {
  const clients = numberOf(args, "clients", 64);
  const forMs = numberOf(args, "seconds", 5) * 1_000;
  console.log(machine());
  await withDir(async (dir) => {
    const up = startUp({ dataDir: join(dir, "data"), flags: ["--runtime", "simulated"] });
    try {
      await up.ready;
      const connection = await up.connection();
      const http = openHttp(connection);
      await openApi(http);
      const many = openHttp(connection, clients);
      await reads(many, http, { clients, forMs });
      many.close();
      await bigApply(http);
      http.close();
      coldKubectl(up);
    } finally {
      await up.stop();
    }
  });
}

async function openApi(http: Http): Promise<void> {
  for (const [path, accept] of [
    ["/openapi/v3", "application/json"],
    ["/openapi/v2", "application/json"],
    ["/openapi/v2", "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"],
  ] as const) {
    await loopDelay(http);
    const times: number[] = [];
    for (let round = 0; round < 2; round++) {
      const startMs = performance.now();
      await http.ask("GET", path, undefined, accept);
      times.push(performance.now() - startMs);
    }
    const { maxMs } = await loopDelay(http);
    const [first = 0, again = 0] = times;
    console.log(
      `${path} as ${accept.includes("proto") ? "protocol buffers" : "JSON"}: made in ${first.toFixed(0)} ms, again ${again.toFixed(1)} ms; longest event-loop delay ${maxMs.toFixed(1)} ms`,
    );
  }
}

async function reads(
  many: Http,
  http: Http,
  { clients, forMs }: { readonly clients: number; readonly forMs: number },
): Promise<void> {
  const body = JSON.stringify({ metadata: { name: "read" }, data: { text: "x".repeat(500) } });
  await http.ask("POST", configMaps, body);
  await loopDelay(http);
  const times: number[] = [];
  const endMs = performance.now() + forMs;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (performance.now() < endMs) {
        const startMs = performance.now();
        await many.ask("GET", `${configMaps}/read`);
        times.push(performance.now() - startMs);
      }
    }),
  );
  const { p99Ms } = await loopDelay(http);
  console.log(
    `GET by ${clients} clients in one process: ${Math.round((times.length / forMs) * 1000)}/s, p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms; event-loop delay p99 ${p99Ms.toFixed(1)} ms`,
  );
}

/** Each time with one field changed; the body is YAML by its type, and JSON by its text. */
async function bigApply(http: Http): Promise<void> {
  const data = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`key-${n}`, `value-${n}`]));
  const times: number[] = [];
  await loopDelay(http);
  for (let round = 0; round <= 30; round++) {
    const config = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "big" },
      data: { ...data, "key-0": `${round}` },
    };
    const startMs = performance.now();
    const { status } = await http.ask(
      "PATCH",
      `${configMaps}/big?fieldManager=bench`,
      JSON.stringify(config),
      "application/json",
      "application/apply-patch+yaml",
    );
    if (status >= 400) throw new Error(`an apply was answered ${status}`);
    if (round > 0) times.push(performance.now() - startMs);
  }
  const { p99Ms, maxMs } = await loopDelay(http);
  console.log(
    `apply of 1,000 fields: median of ${times.length}: ${spread(times, "ms")}; event-loop delay p99 ${p99Ms.toFixed(1)} ms, longest ${maxMs.toFixed(1)} ms`,
  );
}

function coldKubectl({ kubeconfig }: Up): void {
  if (!existsSync(kubectl)) {
    console.log(`kubectl get pods: skipped, there is no ${kubectl}`);
    return;
  }
  const times: number[] = [];
  let requests = 0;
  for (let round = 0; round < 7; round++) {
    const home = mkdtempSync(join(tmpdir(), "navarch-bench-home-"));
    const startMs = performance.now();
    const { stderr } = spawnSync(kubectl, ["get", "pods", "-v=6"], {
      env: { HOME: home, KUBECONFIG: kubeconfig, PATH: process.env.PATH ?? "" },
      encoding: "utf8",
    });
    times.push(performance.now() - startMs);
    requests = (stderr.match(/verb="GET"/g) ?? []).length;
    rmSync(home, { recursive: true });
  }
  console.log(
    `cold kubectl 1.33 get pods: ${requests} requests, median of ${times.length} ${median(times).toFixed(0)} ms`,
  );
}
