import { join } from "node:path";
import { freePodRange, pidsOf, startContainerd } from "../e2e/harness/containerd.js";
import { startUp, until, withDir } from "./kit/cluster.js";
import { machine, numberOf, percentile, spread } from "./kit/figures.js";
import { type Http, openHttp } from "./kit/http.js";

const podsPath = "/api/v1/namespaces/default/pods";

/**
 * Pods as containers of a containerd of our own, as root: from the create to Running, one after the other and many at
 * once, and from SIGKILL of a container to its successor. The image is there.
 */
export async function run(args: readonly string[]): Promise<void> {
  const count = numberOf(args, "pods", 100);
  const many = numberOf(args, "at-once", 50);
  console.log(machine());
  const containerd = await startContainerd();
  try {
    await withDir(async (dir) => {
      const flags = ["--runtime", "cri", "--cri-socket", containerd.socket, ...freePodRange()];
      const up = startUp({ dataDir: join(dir, "data"), flags });
      try {
        await up.ready;
        const http = openHttp(await up.connection());
        await until("the service account is there", async () => (await create(http, "first")) === 201, 50);
        await running(http, "first");
        const started: number[] = [];
        for (let at = 0; at < count; at++) {
          const beganAt = performance.now();
          await create(http, `one-${at}`);
          started.push((await running(http, `one-${at}`)) - beganAt);
          await remove(http, `one-${at}`);
        }
        console.log(`create to Running, ${count} pods one by one: ${percentiles(started)}`);
        const killed: number[] = [];
        for (let at = 0; at < killCount; at++) {
          await create(http, `kill-${at}`);
          await running(http, `kill-${at}`);
          const before = (await podOf(http, `kill-${at}`)).status?.containerStatuses?.[0]?.containerID ?? "";
          const beganAt = performance.now();
          process.kill(pidsOf(before)[0] ?? 0, "SIGKILL");
          const name = `kill-${at}`;
          killed.push((await until("its successor runs", async () => hasSuccessor(http, name), 5)) - beganAt);
          await remove(http, name);
        }
        console.log(`kill to successor Running: ${spread(killed, "ms")}`);
        const beganAt = performance.now();
        const names = Array.from({ length: many }, (_, at) => `many-${at}`);
        await Promise.all(names.map((name) => create(http, name)));
        const each = await Promise.all(names.map(async (name) => (await running(http, name, 50)) - beganAt));
        console.log(
          `${many} pods at once: all Running after ${Math.round(Math.max(...each))} ms (${percentiles(each)})`,
        );
        http.close();
      } finally {
        await up.stop();
      }
    });
  } finally {
    await containerd.stop();
  }
}

const killCount = 10;

interface PodView {
  readonly status?: {
    readonly phase?: string;
    readonly containerStatuses?: readonly {
      readonly containerID?: string;
      readonly restartCount?: number;
      readonly state?: { readonly running?: object };
    }[];
  };
}

async function create(http: Http, name: string): Promise<number> {
  const container = { name: "main", image: "busybox", imagePullPolicy: "IfNotPresent", command: ["sleep", "100000"] };
  const spec = { terminationGracePeriodSeconds: 0, containers: [container] };
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name }, spec };
  return (await http.ask("POST", podsPath, Buffer.from(JSON.stringify(pod)))).status;
}

const podOf = (http: Http, name: string): Promise<PodView> => http.json<PodView>(`${podsPath}/${name}`);

const running = (http: Http, name: string, everyMs = 5): Promise<number> =>
  until(`${name} runs`, async () => (await podOf(http, name)).status?.phase === "Running", everyMs, 120_000);

async function hasSuccessor(http: Http, name: string): Promise<boolean> {
  const status = (await podOf(http, name)).status?.containerStatuses?.[0];
  return status?.restartCount === 1 && status.state?.running !== undefined;
}

async function remove(http: Http, name: string): Promise<void> {
  await http.ask("DELETE", `${podsPath}/${name}`);
}

const percentiles = (values: readonly number[]): string =>
  `p50 ${Math.round(percentile(values, 0.5))} ms, p99 ${Math.round(percentile(values, 0.99))} ms`;
