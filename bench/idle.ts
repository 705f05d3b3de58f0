import { join } from "node:path";
import { quickstart, startUp, type Up, until, withDir } from "./kit/cluster.js";
import { cpuMs, machine, numberOf, residentMb, sleep } from "./kit/figures.js";
import { type Http, loopDelay, openHttp } from "./kit/http.js";

/** Resident memory and processor time of `up` while nobody asks it for anything: with the quickstart, and with many stored pods. */
export async function run(args: readonly string[]): Promise<void> {
  const seconds = numberOf(args, "seconds", 40);
  const pods = numberOf(args, "pods", 10_000);
  console.log(machine());
  await withDir(async (dir) => {
    await observe(
      "quickstart, process runtime, one node",
      dir,
      ["--runtime", "process", "--apply", quickstart],
      seconds,
      (http) => replicasReady(http, "my-app", 3),
    );
    if (pods === 0) return;
    await observe(
      `${pods} running pods on 100 simulated nodes`,
      dir,
      ["--runtime", "simulated", "--nodes", "100"],
      seconds,
      async (http) => {
        const perDeployment = 500;
        for (let n = 0; n * perDeployment < pods; n++)
          await deploy(http, `many-${n}`, Math.min(perDeployment, pods - n * perDeployment));
        for (let n = 0; n * perDeployment < pods; n++)
          await replicasReady(http, `many-${n}`, Math.min(perDeployment, pods - n * perDeployment));
      },
    );
  });
}

async function observe(
  name: string,
  dir: string,
  flags: readonly string[],
  seconds: number,
  prepare: (http: Http) => Promise<unknown>,
): Promise<void> {
  const up: Up = startUp({ dataDir: join(dir, name.replaceAll(/\W+/g, "-")), flags });
  try {
    await up.ready;
    const http = openHttp(await up.connection());
    await prepare(http);
    const beforeMb = residentMb(up.pid);
    http.close();
    await sleep(settleMs);
    const beforeMs = cpuMs(up.pid);
    const samples: number[] = [];
    for (let n = 0; n < seconds; n++) {
      await sleep(1000);
      samples.push(residentMb(up.pid));
    }
    const share = (cpuMs(up.pid) - beforeMs) / (seconds * 1000);
    const last = samples.at(-1) ?? 0;
    console.log(
      `${name}: ${last.toFixed(0)} MB resident (${beforeMb.toFixed(0)} MB when just busy, highest ${Math.max(...samples).toFixed(0)}), ${(share * 100).toFixed(2)} % of a core, over ${seconds} s`,
    );
    const again = openHttp(await up.connection());
    await loopDelay(again);
    await sleep(10_000);
    const { p99Ms, maxMs } = await loopDelay(again);
    console.log(`  event-loop delay over 10 s: p99 ${p99Ms.toFixed(1)} ms, longest ${maxMs.toFixed(1)} ms`);
    again.close();
  } finally {
    await up.stop();
  }
}

/** What starting has left over is collected, and the first back-offs have ended. */
const settleMs = 10_000;

const deployments = "/apis/apps/v1/namespaces/default/deployments";

async function deploy(http: Http, name: string, replicas: number): Promise<void> {
  const labels = { app: name };
  const body = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "app:1" }] } },
    },
  };
  const { status, body: answer } = await http.ask("POST", deployments, JSON.stringify(body));
  if (status !== 201) throw new Error(`${status} ${answer.toString("utf8")}`);
}

const replicasReady = (http: Http, name: string, replicas: number): Promise<number> =>
  until(
    `${name} has ${replicas} ready replicas`,
    async () => {
      const { status } = await http.json<{ readonly status?: { readonly readyReplicas?: number } }>(
        `${deployments}/${name}`,
      );
      return status?.readyReplicas === replicas;
    },
    50,
    300_000,
  );
