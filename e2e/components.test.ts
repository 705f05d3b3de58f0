import { leases } from "../api/coordination/lease.js";
import { configMaps } from "../api/core/config-map.js";
import { nodes } from "../api/core/node/node.js";
import { services } from "../api/core/service.js";
import { quickstart } from "./harness/cluster.js";
import { type Component, type Components, startComponents } from "./harness/components.js";
import { describeWith } from "./harness/needs.js";
import { askPod, listPods, readyPods } from "./harness/pods.js";
import { isRunning, programOf } from "./harness/processes.js";
import { eventually } from "./harness/run.js";
import { componentWriters, writersOf } from "./harness/writers.js";

const nodeNames = ["alpha", "beta", "gamma"];
/** Agents renew their leases every 10 s, so less would take healthy nodes for lost. */
const graceSeconds = 18;

describeWith(["etcd"], "components as processes of their own", () => {
  let cluster: Components;
  const schedulers: Component[] = [];
  const managers: Component[] = [];
  const agents = new Map<string, Component>();

  beforeAll(async () => {
    cluster = await startComponents({
      nodes: nodeNames,
      apiServerFlags: [
        ...["--default-not-ready-toleration-seconds", "1", "--default-unreachable-toleration-seconds", "1"],
      ],
    });
    for (const server of ["a", "b"]) {
      schedulers.push(await cluster.scheduler(server));
      managers.push(await cluster.controllers(server, ["--node-monitor-grace-period", `${graceSeconds}s`]));
    }
    for (const name of nodeNames) agents.set(name, await cluster.agent(name));
    await cluster.servers[0].ok(["apply", "-f", quickstart]);
    await cluster.servers[0].ok(["scale", "deployment/my-app", "--replicas=6"]);
  });
  afterAll(() => cluster?.stop());

  const isLeading = ({ said }: Component): boolean => said.some((line) => line.startsWith("leading as "));
  const leaderOf = (all: readonly Component[]): Component => {
    const [leader, ...others] = all.filter((each) => isLeading(each) && each.process.signalCode === null);
    if (!leader || others.length > 0) throw new Error(`${others.length + (leader ? 1 : 0)} lead`);
    return leader;
  };
  const isNodeReady = async (name: string): Promise<string | undefined> =>
    (await cluster.servers[0].client.get(nodes, { name })).status?.conditions?.find(({ type }) => type === "Ready")
      ?.status;

  it("run the deployment over three nodes, seen alike through both servers", async () => {
    const pods = await readyPods(cluster.servers[1], 6);
    expect(new Set(pods.map(({ spec }) => spec.nodeName))).toEqual(new Set(nodeNames));
    for (const pod of pods) expect(await askPod(cluster.servers[0], pod)).toBe(`${pod.metadata.name}\n`);
    expect(await cluster.servers[1].ok(["exec", pods[0]?.metadata.name ?? "", "--", "printenv", "HOSTNAME"])).toBe(
      `${pods[0]?.metadata.name}\n`,
    );
    const [a, b] = await Promise.all(cluster.servers.map((server) => server.ok(["get", "nodes", "-o", "name"])));
    expect(a).toBe("node/alpha\nnode/beta\nnode/gamma\n");
    expect(b).toBe(a);
  });

  it("say what they set, under the names by which Kubernetes' components are known", async () => {
    expect(await writersOf(cluster.servers[0])).toEqual(componentWriters);
  });

  it("serve Services by a proxy of their own, and again after it was killed", async () => {
    const { client, ok } = cluster.servers[0];
    const [pod] = await listPods(cluster.servers[0]);
    const port = /http:\/\/\S+:(\d+)/.exec(await ok(["logs", pod?.metadata.name ?? ""]))?.[1];
    await ok(["create", "service", "clusterip", "my-app", `--tcp=8000:${port}`]);
    const { spec } = await client.get(services, { namespace: "default", name: "my-app" });
    const answers = (): Promise<number> =>
      eventually("it answers", async () => (await fetch(`http://${spec.clusterIP}:8000`)).status);
    const first = await cluster.proxy(nodeNames);
    expect(await answers()).toBe(200);
    await first.kill();
    await cluster.proxy(nodeNames);
    expect(await answers()).toBe(200);
  });

  it("a client that writes to one server and reads from the other never misses its own write, 10,000 times", async () => {
    const rounds = 10_000;
    const lanes = 16;
    const [writer, reader] = cluster.servers.map(({ client }) => client);
    if (!writer || !reader) throw new Error("two servers are needed");
    let done = 0;
    const missed: string[] = [];
    const lane = async (id: number): Promise<void> => {
      const name = `own-${id}`;
      const labels = { own: String(id) };
      let object = await writer.create(configMaps, { metadata: { name, namespace: "default", labels } });
      for (let n = 0; done < rounds; n++, done++) {
        object = await writer.update(configMaps, { ...object, data: { n: String(n) } });
        const read =
          n % 10 === 9
            ? (await reader.list(configMaps, { namespace: "default", labelSelector: `own=${id}` })).items[0]
            : await reader.get(configMaps, { namespace: "default", name });
        if (read?.metadata.resourceVersion !== object.metadata.resourceVersion || read.data?.n !== String(n))
          missed.push(`${name} ${n}: ${read?.data?.n}`);
      }
    };
    await Promise.all(Array.from({ length: lanes }, (_, id) => lane(id)));
    expect(missed).toEqual([]);
  });

  it("an agent that dies loses its pods to the other nodes; when it is back it ends what was replaced", async () => {
    const victim = "gamma";
    const before = await listPods(cluster.servers[0]);
    const lost = before.filter(({ spec }) => spec.nodeName === victim);
    const programs = await Promise.all(lost.map(programOf));
    expect(programs.length).toBeGreaterThan(0);
    await agents.get(victim)?.kill();
    await eventually("the node counts as lost", async () => (await isNodeReady(victim)) === "Unknown");
    await eventually("six pods run on the others", async () => {
      const pods = await listPods(cluster.servers[0]);
      const elsewhere = pods.filter(({ spec, status }) => spec.nodeName !== victim && status?.phase === "Running");
      return elsewhere.length === 6;
    });
    const { spec } = await cluster.servers[0].client.get(nodes, { name: victim });
    expect(spec.taints).toContainEqual(
      expect.objectContaining({ key: "node.kubernetes.io/unreachable", effect: "NoExecute" }),
    );
    // Nobody could end them: they run on, and their pods wait for it.
    expect(programs.filter(isRunning)).toEqual(programs);
    const waiting = (await listPods(cluster.servers[0])).filter(({ spec }) => spec.nodeName === victim);
    expect(waiting.map(({ metadata }) => metadata.deletionTimestamp === undefined)).toEqual(lost.map(() => false));
    agents.set(victim, await cluster.agent(victim));
    await eventually("what was replaced has ended", () => programs.every((pid) => !isRunning(pid)));
    await eventually("the node is back", async () => (await isNodeReady(victim)) === "True");
    await readyPods(cluster.servers[0], 6);
    await eventually("it may be used again", async () => {
      const { spec } = await cluster.servers[0].client.get(nodes, { name: victim });
      return (spec.taints ?? []).length === 0;
    });
  });

  it("of two schedulers and two controller managers one leads; another takes over when it is killed", async () => {
    const scheduler = leaderOf(schedulers);
    const manager = leaderOf(managers);
    await Promise.all([scheduler.kill(), manager.kill()]);
    const holders = async () =>
      (await cluster.servers[1].client.list(leases, { namespace: "kube-system" })).items.map(
        ({ spec }) => spec?.holderIdentity,
      );
    const heldBefore = await holders();
    const killedAtMs = performance.now();
    // Nobody decides meanwhile, and nothing is forgotten.
    await cluster.servers[1].ok(["scale", "deployment/my-app", "--replicas=8"]);
    await readyPods(cluster.servers[1], 8);
    expect(performance.now() - killedAtMs).toBeLessThan(60_000);
    expect(leaderOf(schedulers)).not.toBe(scheduler);
    expect(leaderOf(managers)).not.toBe(manager);
    const heldAfter = await holders();
    expect(heldAfter).toHaveLength(heldBefore.length);
    expect(heldAfter.filter((holder) => heldBefore.includes(holder))).toEqual([]);
  });

  it("a component that is told to stop stops at once; an agent leaves its pods running", async () => {
    const pods = (await listPods(cluster.servers[0])).filter(({ spec }) => spec.nodeName === "alpha");
    const programs = await Promise.all(pods.map(programOf));
    const agent = agents.get("alpha");
    agent?.process.kill("SIGTERM");
    await eventually("the agent has ended", () => agent?.process.exitCode === 0);
    expect(programs.filter(isRunning)).toEqual(programs);
    agents.set("alpha", await cluster.agent("alpha"));
    expect(await Promise.all(pods.map(programOf))).toEqual(programs);
  });

  it("SIGKILL for all of them at once loses nothing: the same programs run on, and what is asked next is done", async () => {
    const before = await readyPods(cluster.servers[0], 8);
    const programs = await Promise.all(before.map(programOf));
    await cluster.killAll();
    expect(programs.filter(isRunning)).toEqual(programs);

    await cluster.restartServers();
    await cluster.scheduler("a");
    await cluster.controllers("b", []);
    for (const name of nodeNames) await cluster.agent(name);
    await cluster.servers[0].ok(["scale", "deployment/my-app", "--replicas=9"]);
    const after = await readyPods(cluster.servers[1], 9);
    const kept = after.filter(({ metadata }) => before.some((pod) => pod.metadata.uid === metadata.uid));
    expect(kept).toHaveLength(8);
    expect(new Set(await Promise.all(kept.map(programOf)))).toEqual(new Set(programs));
    expect(kept.map(({ status }) => status?.containerStatuses?.[0]?.restartCount)).toEqual(kept.map(() => 0));
  });
});
