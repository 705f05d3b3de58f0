import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Pod, pods } from "../../api/core/pod/pod.js";
import { StatusError } from "../../apimachinery/status.js";
import { type Random, seededRandom } from "../../base/random.js";
import { ConnectionError } from "../../client/client.js";
import { type Cluster, startCluster } from "./cluster.js";
import { pick, randomPod } from "./random-pods.js";
import { eventually } from "./run.js";

export interface ChaosSize {
  readonly count: number;
  readonly seconds: number;
  readonly seed: number;
}

/** `npm run soak:pods` and `soak:containers` ask for more and for longer. */
export const chaosSize = (usual: Pick<ChaosSize, "count" | "seconds">): ChaosSize => ({
  count: Number(process.env.NAVARCH_SOAK_PODS ?? usual.count),
  seconds: Number(process.env.NAVARCH_SOAK_SECONDS ?? usual.seconds),
  seed: Number(process.env.NAVARCH_SOAK_SEED ?? Date.now() % 1_000_000),
});

/** Something bad, and how often it is done as against the others. */
export type Deed = readonly [weight: number, deed: () => Promise<void>];

export interface ChaosOptions {
  readonly size: ChaosSize;
  readonly flags: readonly string[];
  /** What only this runtime can suffer. */
  readonly deeds: (chaos: Chaos) => readonly Deed[];
  /** The processes of a container. */
  readonly processesOf: (containerId: string) => readonly number[];
  /** Ids of the containers of which something runs. */
  readonly running: (chaos: Chaos) => Promise<readonly string[]>;
}

type Statuses = NonNullable<NonNullable<Pod["status"]>["containerStatuses"]>;

/** Pods of random shape in a cluster of which everything is killed now and then. */
export class Chaos {
  readonly random: Random;
  readonly #options: ChaosOptions;
  #cluster: Cluster;
  #made = 0;
  readonly #uids = new Set<string>();

  private constructor(cluster: Cluster, options: ChaosOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.random = seededRandom(options.size.seed);
  }

  static async start(options: ChaosOptions): Promise<Chaos> {
    return new Chaos(await startCluster({ flags: options.flags }), options);
  }

  get cluster(): Cluster {
    return this.#cluster;
  }

  /** Of all pods that were ever made. */
  get uids(): ReadonlySet<string> {
    return this.#uids;
  }

  async list(): Promise<readonly Pod[]> {
    return (await this.#cluster.client.list(pods, { namespace })).items;
  }

  /** Makes the pods. */
  async populate(): Promise<void> {
    const { count } = this.#options.size;
    for (let index = 0; index < count; index++)
      await this.#create().catch(async (error: unknown) => {
        await pause(1_000);
        this.#checkAlive();
        throw new Error(`pod ${index} of ${count} could not be created`, { cause: error });
      });
  }

  /** Kills and restarts everything for the time given. */
  async rage(): Promise<void> {
    const { seconds, count } = this.#options.size;
    const { random } = this;
    const endMs = Date.now() + seconds * 1000;
    let restartAtMs = Date.now() + Math.min(8_000, (seconds * 1000) / 3);
    const weights = [...this.#commonDeeds(), ...this.#options.deeds(this)].flatMap(([weight, deed]) =>
      Array<() => Promise<void>>(weight).fill(deed),
    );
    while (Date.now() < endMs) {
      if (Date.now() > restartAtMs) {
        await this.#restart(random.next() < 0.25);
        restartAtMs = Date.now() + 5_000 + random.next() * 15_000;
      }
      const missing = await this.list().then(
        (found) => count - found.length,
        () => 0,
      );
      const deed = missing > 0 ? () => this.#create() : pick(random, weights);
      await deed().catch((error: unknown) => {
        // What it was about has gone, or has changed, meanwhile.
        if (!(error instanceof StatusError || error instanceof ConnectionError)) throw error;
      });
      this.#checkAlive();
      await pause(random.next() * 100);
    }
  }

  /** Resolves once all pods are as declared and nothing else runs. */
  async settled(): Promise<void> {
    await eventually(
      "desired equals actual",
      async () => {
        const found = await this.list();
        const problems = found.flatMap((pod) => this.#problemOf(pod) ?? []);
        const ids = new Set(found.flatMap(runningIn).map(bare));
        const strays = (await this.#options.running(this)).filter((id) => !ids.has(id));
        // A container may just be starting or ending; it settles.
        if (problems.length > 0 || strays.length > 0)
          throw new Error(`${problems.slice(0, 5).join("\n")}\nstrays: ${strays}`);
        return true;
      },
      { timeoutMs: 90_000 + this.#options.size.count * 300, everyMs: 250 },
    );
  }

  /** Deletes all pods and waits until they are gone. */
  async clear(): Promise<void> {
    await this.#cluster.client.deleteCollection(pods, { namespace });
    await eventually("all pods are gone", async () => ((await this.list()).length === 0 ? true : undefined), {
      timeoutMs: 60_000 + this.#options.size.count * 300,
    });
    await eventually("nothing runs", async () => (await this.#options.running(this)).length === 0);
  }

  #commonDeeds(): readonly Deed[] {
    const { random } = this;
    return [
      [
        8,
        async () => {
          const [target] = runningIn(pick(random, await this.list()));
          const [pid] = target ? this.#options.processesOf(target) : [];
          if (pid) kill(pid);
        },
      ],
      [
        5,
        async () => {
          const { metadata } = pick(random, await this.list());
          const grace = pick(random, [{ gracePeriodSeconds: 0 }, { gracePeriodSeconds: 1 }, {}]);
          await this.#cluster.client.delete(pods, { namespace, name: metadata.name }, grace);
          await this.#create();
        },
      ],
      [2, async () => this.#debug(pick(random, await this.list()))],
    ];
  }

  async #debug(pod: Pod): Promise<void> {
    const name = `debug-${pod.spec.ephemeralContainers?.length ?? 0}`;
    const command = ["sh", "-c", pick(this.random, ["exit 0", "sleep 3600"])];
    const more = { name, image: "busybox", imagePullPolicy: "IfNotPresent", command };
    await this.#cluster.client.patch(
      pods,
      { namespace, name: pod.metadata.name },
      { type: "strategic", subresource: "ephemeralcontainers", body: { spec: { ephemeralContainers: [more] } } },
    );
  }

  async #create(): Promise<void> {
    const { metadata } = await this.#cluster.client.create(pods, {
      metadata: { name: `p${this.#made++}`, namespace, labels: { soak: "yes" } },
      spec: randomPod(this.random),
    } as never);
    this.#uids.add(metadata.uid);
  }

  async #restart(inOrder: boolean): Promise<void> {
    if (inOrder) await this.#cluster.stop();
    else await this.#cluster.kill();
    const { dataDir } = this.#cluster;
    this.#cluster = await startCluster({ dataDir, flags: this.#options.flags, readyWithinMs });
  }

  /** One that ends by itself is a failure, whatever else comes of it. */
  #checkAlive(): void {
    const { process, dataDir } = this.#cluster;
    if (process.exitCode === null && process.signalCode === null) return;
    const log = readFileSync(join(dataDir, "navarch.log"), "utf8").slice(-2_000);
    throw new Error(`navarch up has ended by itself: ${process.exitCode ?? process.signalCode}\n${log}`);
  }

  /** What is wrong with a pod that nobody disturbs any more; undefined: it is as it should be. */
  #problemOf(pod: Pod): string | undefined {
    const { spec, status, metadata } = pod;
    const shown = `${metadata.name} ${status?.phase} ${JSON.stringify(statusesOf(pod).map(({ name, state }) => [name, state]))}`;
    if (metadata.deletionTimestamp !== undefined) return `still ending: ${shown}`;
    for (const id of runningIn(pod))
      if (this.#options.processesOf(id).length === 0) return `said to run, and does not: ${shown}`;
    if (status?.phase === "Succeeded" || status?.phase === "Failed")
      return runningIn(pod).length === 0 ? undefined : `over, and runs: ${shown}`;
    if (spec.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds < 10)
      return `past its deadline: ${shown}`;
    const reasons = statusesOf(pod).map(({ state }) => state?.waiting?.reason);
    if (status?.phase !== "Running" && !reasons.includes("CrashLoopBackOff")) return `has not come to run: ${shown}`;
    for (const { name, state } of statusesOf(pod)) {
      const reason = state?.waiting?.reason;
      if (reason !== undefined && reason !== "CrashLoopBackOff" && reason !== "PodInitializing")
        return `${name} waits for ${reason}: ${shown}`;
    }
    return undefined;
  }
}

/** Nobody minds when it has ended meanwhile. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it ended meanwhile
  }
}

const namespace = "default";
/** Many pods on a busy machine. */
const readyWithinMs = 180_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const bare = (id: string): string => id.replace(/^\w+:\/\//, "");
const statusesOf = ({ status }: Pod): Statuses => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
  ...(status?.ephemeralContainerStatuses ?? []),
];
const runningIn = (pod: Pod): readonly string[] =>
  statusesOf(pod).flatMap(({ state, containerID }) => (state?.running && containerID ? [containerID] : []));
