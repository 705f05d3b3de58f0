import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Pod, pods } from "../api/core/pod/pod.js";
import { StatusError } from "../apimachinery/status.js";
import { seededRandom } from "../base/random.js";
import { ConnectionError } from "../client/client.js";
import { type Cluster, startCluster, stopClusters } from "./harness/cluster.js";
import { processesNaming, processesOf } from "./harness/processes.js";
import { pick, randomPod } from "./harness/random-pods.js";
import { eventually } from "./harness/run.js";

/** `npm run soak:pods` asks for more and for longer. */
const count = Number(process.env.NAVARCH_SOAK_PODS ?? 16);
const seconds = Number(process.env.NAVARCH_SOAK_SECONDS ?? 30);
const seed = Number(process.env.NAVARCH_SOAK_SEED ?? Date.now() % 1_000_000);

jest.setTimeout((seconds + 240) * 1000);

const namespace = "default";
const random = seededRandom(seed);
const flags = ["--nodes", String(Math.ceil(count / 90))];
let cluster: Cluster;
/** Many pods on a busy machine. */
const readyWithinMs = 180_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

type Statuses = NonNullable<NonNullable<Pod["status"]>["containerStatuses"]>;
const statusesOf = ({ status }: Pod): Statuses => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
  ...(status?.ephemeralContainerStatuses ?? []),
];
const runningIn = (pod: Pod): readonly string[] =>
  statusesOf(pod).flatMap(({ state, containerID }) => (state?.running && containerID ? [containerID] : []));
const list = async (): Promise<readonly Pod[]> => (await cluster.client.list(pods, { namespace })).items;

/** The folders of containers on all nodes of the cluster. */
const containerDirs = (): readonly string[] => below("containers");
const below = (folder: string): readonly string[] =>
  readdirSync(join(cluster.dataDir, "nodes")).flatMap((node) => {
    const dir = join(cluster.dataDir, "nodes", node, folder);
    return existsSync(dir) ? readdirSync(dir).map((name) => join(dir, name)) : [];
  });

/** Kills whatever has written its pid there; the file may be outdated, so the process must still be ours. */
function killNamedIn(file: string): void {
  if (!existsSync(file)) return;
  const pid = Number.parseInt(readFileSync(file, "utf8"), 10);
  if (processesNaming(cluster.dataDir).includes(pid) && pid !== cluster.process.pid) kill(pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it ended meanwhile
  }
}

const deeds: readonly (readonly [weight: number, deed: () => Promise<void>])[] = [
  [
    8,
    async () => {
      const [target] = runningIn(pick(random, await list()));
      const [pid] = target ? processesOf(target) : [];
      if (pid) kill(pid);
    },
  ],
  [
    4,
    async () => {
      const dirs = containerDirs();
      if (dirs.length > 0) killNamedIn(join(pick(random, dirs), pick(random, ["supervisor", "pid", "pump"])));
    },
  ],
  [
    5,
    async () => {
      const { metadata } = pick(random, await list());
      const grace = pick(random, [{ gracePeriodSeconds: 0 }, { gracePeriodSeconds: 1 }, {}]);
      await cluster.client.delete(pods, { namespace, name: metadata.name }, grace);
      await create();
    },
  ],
  [
    2,
    async () => {
      const pod = pick(random, await list());
      const name = `debug-${pod.spec.ephemeralContainers?.length ?? 0}`;
      const command = ["sh", "-c", pick(random, ["exit 0", "sleep 3600"])];
      await cluster.client.patch(
        pods,
        { namespace, name: pod.metadata.name },
        {
          type: "strategic",
          subresource: "ephemeralcontainers",
          body: { spec: { ephemeralContainers: [{ name, image: "busybox", command }] } },
        },
      );
    },
  ],
];

let made = 0;
async function create(): Promise<void> {
  await cluster.client.create(pods, {
    metadata: { name: `p${made++}`, namespace, labels: { soak: "yes" } },
    spec: randomPod(random),
  } as never);
}

async function restart(inOrder: boolean): Promise<void> {
  if (inOrder) await cluster.stop();
  else await cluster.kill();
  cluster = await startCluster({ dataDir: cluster.dataDir, flags, readyWithinMs });
}

/** One that ends by itself is a failure, whatever else comes of it. */
function checkAlive({ process: { exitCode, signalCode }, dataDir }: Cluster): void {
  if (exitCode === null && signalCode === null) return;
  const log = readFileSync(join(dataDir, "navarch.log"), "utf8").slice(-2_000);
  throw new Error(`navarch up has ended by itself: ${exitCode ?? signalCode}\n${log}`);
}

async function chaos(): Promise<void> {
  const endMs = Date.now() + seconds * 1000;
  let restartAtMs = Date.now() + Math.min(8_000, (seconds * 1000) / 3);
  const weights = deeds.flatMap(([weight, deed]) => Array<() => Promise<void>>(weight).fill(deed));
  while (Date.now() < endMs) {
    if (Date.now() > restartAtMs) {
      await restart(random.next() < 0.25);
      restartAtMs = Date.now() + 5_000 + random.next() * 15_000;
    }
    const missing = await list().then(
      (found) => count - found.length,
      () => 0,
    );
    const deed = missing > 0 ? create : pick(random, weights);
    await deed().catch((error: unknown) => {
      // What it was about has gone, or has changed, meanwhile.
      if (!(error instanceof StatusError || error instanceof ConnectionError)) throw error;
    });
    checkAlive(cluster);
    await pause(random.next() * 100);
  }
}

/** What is wrong with a pod that nobody disturbs any more; undefined: it is as it should be. */
function problemOf(pod: Pod): string | undefined {
  const { spec, status, metadata } = pod;
  const shown = `${metadata.name} ${status?.phase} ${JSON.stringify(statusesOf(pod).map(({ name, state }) => [name, state]))}`;
  if (metadata.deletionTimestamp !== undefined) return `still ending: ${shown}`;
  for (const id of runningIn(pod)) if (processesOf(id).length === 0) return `said to run, and does not: ${shown}`;
  if (status?.phase === "Succeeded" || status?.phase === "Failed")
    return runningIn(pod).length === 0 ? undefined : `over, and runs: ${shown}`;
  if (spec.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds < 10) return `past its deadline: ${shown}`;
  for (const { name, state } of statusesOf(pod)) {
    const reason = state?.waiting?.reason;
    if (reason !== undefined && reason !== "CrashLoopBackOff" && reason !== "PodInitializing")
      return `${name} waits for ${reason}: ${shown}`;
  }
  return undefined;
}

/** Containers of which something runs, by the marks in the processes' environments. */
function marked(): ReadonlySet<string> {
  const found = new Set<string>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    let environ = "";
    try {
      environ = readFileSync(`/proc/${pid}/environ`, "utf8");
    } catch {
      continue;
    }
    const id = /(?:^|\0)NAVARCH_CONTAINER_ID=([^\0]+)/.exec(environ)?.[1];
    if (id && environ.includes(`${cluster.dataDir}/`)) found.add(id);
  }
  return found;
}

describe("pods of random shape, with random kills of everything", () => {
  beforeAll(async () => {
    cluster = await startCluster({ flags });
  });
  afterAll(stopClusters, 120_000);

  it(`are as declared in the end, and leave nothing behind (seed ${seed})`, async () => {
    for (let index = 0; index < count; index++)
      await create().catch(async (error: unknown) => {
        await pause(1_000);
        checkAlive(cluster);
        throw new Error(`pod ${index} of ${count} could not be created`, { cause: error });
      });
    await chaos();
    await eventually(
      "desired equals actual",
      async () => {
        const found = await list();
        const problems = found.flatMap((pod) => problemOf(pod) ?? []);
        const ids = new Set(found.flatMap(runningIn).map((id) => id.replace(/^\w+:\/\//, "")));
        const strays = [...marked()].filter((id) => !ids.has(id));
        // A container may just be starting or ending; it settles.
        if (problems.length > 0 || strays.length > 0)
          throw new Error(`${problems.slice(0, 5).join("\n")}\nstrays: ${strays}`);
        return found;
      },
      { timeoutMs: 90_000, everyMs: 250 },
    );
    await cluster.client.deleteCollection(pods, { namespace });
    await eventually("all pods are gone", async () => ((await list()).length === 0 ? true : undefined), {
      timeoutMs: 60_000,
    });
    await eventually("nothing is left on disk", () => {
      const left = ["containers", "sandboxes", "pods"].flatMap(below);
      if (left.length > 0) throw new Error(left.join("\n"));
      return true;
    });
    expect([...marked()]).toEqual([]);
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(cluster.dataDir);
    expect(processesNaming(cluster.dataDir).filter((pid) => pid !== cluster.process.pid)).toEqual([]);
    expect(await cluster.stop()).toBe(0);
    expect(processesNaming(cluster.dataDir)).toEqual([]);
  });
});
