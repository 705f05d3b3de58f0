import { existsSync, readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { startUp, until, withDir } from "./kit/cluster.js";
import { machine, numberOf, sleep, spread } from "./kit/figures.js";
import { type Http, openHttp } from "./kit/http.js";

const deployments = "/apis/apps/v1/namespaces/default/deployments";
const podsPath = "/api/v1/namespaces/default/pods";
const port = 8000;

/**
 * SIGKILL to a container's process: how long until its successor runs, answers requests, and until the API says that it
 * runs. Each container is killed once, so no back-off applies.
 */
export async function run(args: readonly string[]): Promise<void> {
  const replicas = numberOf(args, "pods", 8);
  console.log(machine());
  await withDir(async (dir) => {
    const up = startUp({ dataDir: join(dir, "data"), flags: ["--runtime", "process"] });
    try {
      await up.ready;
      const http = openHttp(await up.connection());
      const { status, body } = await http.ask("POST", deployments, deployment(replicas));
      if (status !== 201) throw new Error(`${status} ${body.toString("utf8")}`);
      await until(
        "all pods are Ready",
        async () => {
          const { status: now } = await http.json<{ readonly status?: { readonly readyReplicas?: number } }>(
            `${deployments}/heal`,
          );
          return now?.readyReplicas === replicas;
        },
        50,
      );
      const { items } = await http.json<{ readonly items: readonly PodView[] }>(podsPath);
      await sleep(settleMs);
      const runs: number[] = [];
      const answers: number[] = [];
      const told: number[] = [];
      for (const pod of items) {
        const pid = mainProcess(pod.metadata.uid);
        const killedAt = performance.now();
        process.kill(pid, "SIGKILL");
        const [runsAt, answersAt, toldAt] = await Promise.all([
          until("a successor runs", async () => successor(pod.metadata.uid, pid), 4),
          until("the successor answers", () => answersAgain(pod.status?.podIP ?? "", pid), 4),
          until("the API tells of it", () => isRestarted(http, pod.metadata.name), 4),
        ]);
        runs.push(runsAt - killedAt);
        answers.push(answersAt - killedAt);
        told.push(toldAt - killedAt);
        await sleep(pauseMs);
      }
      console.log(`container killed, ${replicas} times; median (lowest to highest):`);
      console.log(`  successor's process runs:      ${spread(runs, "ms")}`);
      console.log(`  the API says running again:    ${spread(told, "ms")}`);
      console.log(`  it answers on its port (a Node.js program): ${spread(answers, "ms")}`);
      http.close();
    } finally {
      await up.stop();
    }
  });
}

const settleMs = 3_000;
const pauseMs = 500;

interface PodView {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly status?: {
    readonly podIP?: string;
    readonly containerStatuses?: readonly {
      readonly restartCount: number;
      readonly state?: { readonly running?: object };
    }[];
  };
}

const deployment = (replicas: number): string => {
  const labels = { app: "heal" };
  const env = [
    { name: "PORT", value: String(port) },
    { name: "BENCH_POD", valueFrom: { fieldRef: { fieldPath: "metadata.uid" } } },
  ];
  const container = { name: "main", image: "my-app:latest", env };
  return JSON.stringify({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "heal" },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  });
};

async function isRestarted(http: Http, name: string): Promise<boolean> {
  const { status } = await http.json<PodView>(`${podsPath}/${name}`);
  const container = status?.containerStatuses?.[0];
  return container !== undefined && container.restartCount > 0 && container.state?.running !== undefined;
}

/** The program of a pod with one container: the Node.js process whose environment names the pod. */
const programs = (uid: string): readonly number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && isProgram(name, uid))
    .map(Number);

function isProgram(pid: string, uid: string): boolean {
  try {
    if (!readFileSync(`/proc/${pid}/cmdline`, "latin1").includes("my-app.mjs")) return false;
    return readFileSync(`/proc/${pid}/environ`, "latin1").includes(`BENCH_POD=${uid}`);
  } catch {
    return false;
  }
}

function mainProcess(uid: string): number {
  const pid = programs(uid)[0];
  if (pid === undefined) throw new Error(`no process of pod ${uid} found`);
  return pid;
}

const successor = (uid: string, before: number): boolean => programs(uid).some((pid) => pid !== before);

const answersAgain = (address: string, before: number): Promise<boolean> =>
  existsSync(`/proc/${before}`) ? Promise.resolve(false) : isOpen(address);

const isOpen = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, address);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
