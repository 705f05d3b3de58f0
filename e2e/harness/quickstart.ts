import { deployments } from "../../api/apps/deployment.js";
import { configMaps } from "../../api/core/config-map.js";
import type { Pod } from "../../api/core/pod/pod.js";
import { ConnectionError } from "../../client/client.js";
import { askPod, listPods, namesOf, readyPods, restartsOf, uidsOf } from "./pods.js";
import { isRunning, programOf } from "./processes.js";
import { eventually } from "./run.js";
import type { Running } from "./stores.js";
import { record } from "./watching.js";
import { componentWriters, writersOf } from "./writers.js";

/** What becomes of the quickstart's three pods, step by step: started, healed, scaled, stopped, killed. Two are left. */
export function describeQuickstart(running: Running): void {
  it("says in one line that it is ready, where, and how to reach it", () => {
    expect(running.cluster.readyLine).toMatch(
      /^ready in \d+ ms: https:\/\/127\.0\.0\.1:\d+ \(kubeconfig .*kubeconfig\)$/,
    );
  });

  it("runs three pods of the deployment, each on an address of its own where it answers its name", async () => {
    const pods = await readyPods(running.cluster, 3);
    expect(new Set(pods.map(({ status }) => status?.podIP)).size).toBe(3);
    for (const pod of pods) expect(await askPod(running.cluster, pod)).toBe(`${pod.metadata.name}\n`);
    expect(await running.cluster.ok(["get", "deployment", "my-app", "--no-headers"])).toMatch(/^my-app +3\/3 +3 +3 +/);
  });

  it("is written by components under the names by which Kubernetes' are known", async () => {
    expect(await writersOf(running.cluster)).toEqual(componentWriters);
  });

  it("restarts a killed container in its pod", async () => {
    const [pod] = await readyPods(running.cluster, 3);
    if (!pod) throw new Error("no pod");
    process.kill(await programOf(pod), "SIGKILL");
    const after = await eventually("the container was restarted", async () => {
      const now = (await listPods(running.cluster)).find(({ metadata }) => metadata.uid === pod.metadata.uid);
      return now && restartsOf(now) === 1 && now.status?.containerStatuses?.[0]?.ready ? now : undefined;
    });
    expect(after.status?.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({
      exitCode: 137,
      reason: "Error",
    });
    expect(await askPod(running.cluster, after)).toBe(`${pod.metadata.name}\n`);
    expect(uidsOf(await readyPods(running.cluster, 3))).toContain(pod.metadata.uid);
  });

  it("replaces a deleted pod by another", async () => {
    const [first, ...others] = await readyPods(running.cluster, 3);
    const name = first?.metadata.name ?? "";
    expect(await running.cluster.ok(["delete", "pod", name])).toContain(`pod "${name}" deleted`);
    const after = uidsOf(await readyPods(running.cluster, 3));
    expect(after).not.toContain(first?.metadata.uid);
    expect(after).toEqual(expect.arrayContaining([...uidsOf(others)]));
  });

  it("scales to ten and down to two", async () => {
    expect(await running.cluster.ok(["scale", "deployment/my-app", "--replicas=10"])).toBe(
      "deployment.apps/my-app scaled\n",
    );
    await readyPods(running.cluster, 10);
    await running.cluster.ok(["scale", "deployment/my-app", "--replicas=2"]);
    await readyPods(running.cluster, 2);
  });

  it("stopped by SIGTERM ends every process, and starts the same pods again", async () => {
    const before = await readyPods(running.cluster, 2);
    const programs = await Promise.all(before.map(programOf));
    expect(await running.cluster.stop()).toBe(0);
    expect(programs.filter(isRunning)).toEqual([]);
    await running.restart();
    const after = await eventually("the containers were started again", async () => {
      const now = await readyPods(running.cluster, 2);
      return now.every((pod) => restartsOf(pod) > restartsIn(before, pod)) ? now : undefined;
    });
    expect(uidsOf(after)).toEqual(uidsOf(before));
    for (const pod of after) expect(restartsOf(pod)).toBe(restartsIn(before, pod) + 1);
    expect(await askAll(after)).toEqual(namesOf(after));
  });

  it("killed by SIGKILL leaves the pods running, and adopts them at the next start", async () => {
    const before = await readyPods(running.cluster, 2);
    const programs = await Promise.all(before.map(programOf));
    await running.cluster.kill();
    expect(programs.filter(isRunning)).toEqual(programs);
    await running.restart();
    await running.cluster.ok(["rollout", "status", "deployment/my-app", "--timeout=60s"]);
    const after = await readyPods(running.cluster, 2);
    expect(uidsOf(after)).toEqual(uidsOf(before));
    expect(after.map(restartsOf)).toEqual(after.map((pod) => restartsIn(before, pod)));
    expect(await Promise.all(after.map(programOf))).toEqual(expect.arrayContaining(programs));
    // Adopted means watched over: its end is seen.
    const [first] = after;
    if (!first) throw new Error("no pod");
    process.kill(await programOf(first), "SIGKILL");
    await eventually("the adopted container was restarted", async () => {
      const now = (await listPods(running.cluster)).find(({ metadata }) => metadata.uid === first.metadata.uid);
      return now && restartsOf(now) === restartsOf(first) + 1;
    });
  });

  it("killed under a load of writes loses none that it acknowledged, and its watchers miss and double none", async () => {
    const { client } = running.cluster;
    const recording = await record(client, configMaps, { namespace: "default", labelSelector: "load" });
    const journal = new Map<string, string>();
    let writing = true;
    const writer = async (id: number): Promise<void> => {
      for (let count = 0; writing; count++) {
        const name = `load-${id}-${count}`;
        const metadata = { name, namespace: "default", labels: { load: String(id) } };
        await client.create(configMaps, { metadata, data: { count: String(count) } }).then(
          (made) => void journal.set(name, made.metadata.uid),
          (error: unknown) => {
            if (!(error instanceof ConnectionError)) throw error;
            return new Promise((resolve) => setTimeout(resolve, 20));
          },
        );
      }
    };
    const writers = Array.from({ length: 8 }, (_, id) => writer(id));
    await eventually("writes under way", () => journal.size > 200);
    await running.cluster.kill();
    const acknowledged = journal.size;
    await running.restart();
    await eventually("writes go on", () => journal.size > acknowledged + 200);
    writing = false;
    await Promise.all(writers);
    const { items } = await client.list(configMaps, { namespace: "default", labelSelector: "load" });
    const stored = new Map(items.map(({ metadata }) => [metadata.name, metadata.uid]));
    expect([...journal].filter(([name, uid]) => stored.get(name) !== uid)).toEqual([]);
    await eventually("the watcher has seen it all", () => recording.current().length === items.length);
    expect([...recording.seen.keys()].toSorted()).toEqual([...stored.keys()].toSorted());
    expect(recording.faults).toEqual([]);
    await recording.stop();
  });

  it("keeps the deployment through all that without a rollout", async () => {
    const deployment = await running.cluster.client.get(deployments, { namespace: "default", name: "my-app" });
    expect(deployment.metadata.annotations?.["deployment.kubernetes.io/revision"]).toBe("1");
    expect(deployment.metadata.generation).toBe(3);
  });

  const askAll = async (pods: readonly Pod[]): Promise<readonly string[]> =>
    (await Promise.all(pods.map((pod) => askPod(running.cluster, pod)))).map((answer) => answer.trim()).toSorted();
}

const restartsIn = (before: readonly Pod[], pod: Pod): number => {
  const found = before.find(({ metadata }) => metadata.uid === pod.metadata.uid);
  return found ? restartsOf(found) : 0;
};
