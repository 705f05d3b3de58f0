import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodes } from "../api/core/node/node.js";
import { type Pod, pods } from "../api/core/pod/pod.js";
import { type Components, startComponents } from "./harness/components.js";
import { type Containerd, containerTools, freePodRange, pidsOf, startContainerd } from "./harness/containerd.js";
import { describeWith } from "./harness/needs.js";
import { listPods, namesOf, readyPods, uidsOf } from "./harness/pods.js";
import { isRunning } from "./harness/processes.js";
import { type Relay, startRelay } from "./harness/relay.js";
import { eventually } from "./harness/run.js";

/** The agent renews its lease every ten seconds. */
const graceSeconds = 12;
const namespace = "default";

describeWith([...containerTools, "etcd"], "a node of containers that is cut off", () => {
  let containerd: Containerd;
  let cluster: Components;
  let relay: Relay | undefined;
  beforeAll(async () => {
    containerd = await startContainerd();
    cluster = await startComponents({
      nodes: ["near", "far"],
      apiServerFlags: [
        ...["--default-not-ready-toleration-seconds", "1", "--default-unreachable-toleration-seconds", "1"],
      ],
    });
    const [, podRange = ""] = freePodRange();
    await cluster.scheduler("b");
    await cluster.controllers("b", [
      ...["--node-monitor-grace-period", `${graceSeconds}s`, "--cluster-cidr", podRange],
    ]);
    const kubeconfig = join(cluster.dir, "b", "far.kubeconfig");
    const url = new URL(cluster.servers[1].url);
    relay = await startRelay(Number(url.port));
    writeFileSync(kubeconfig, readFileSync(kubeconfig, "utf8").replaceAll(`:${url.port}`, `:${relay.port}`));
    await agent("far", "--runtime", "cri", "--container-runtime-endpoint", containerd.socket);
    await cluster.servers[0].ok(["wait", "node/far", "--for=condition=Ready", "--timeout=60s"]);
  });
  afterAll(async () => {
    await relay?.close();
    await cluster.stop();
    await containerd.stop();
  });

  const agent = (name: string, ...flags: readonly string[]) =>
    cluster.start(
      name,
      [
        ...["agent", "--hostname-override", name, "--root-dir", join(cluster.dir, "nodes", name)],
        ...["--kubeconfig", join(cluster.dir, "b", `${name}.kubeconfig`)],
        ...["--log-file", join(cluster.dir, `${name}.log`), ...flags],
      ],
      "agent of node ",
    );
  const programOf = (pod: Pod | undefined): number =>
    pidsOf(pod?.status?.containerStatuses?.[0]?.containerID ?? "none")[0] ?? 0;
  const single = (name: string, nodeName: string): object => ({
    metadata: { name, namespace },
    spec: {
      nodeName,
      terminationGracePeriodSeconds: 2,
      containers: [{ name: "main", image: "busybox", imagePullPolicy: "IfNotPresent", command: ["sleep", "3600"] }],
    },
  });

  it("keeps its programs, holds the names of its pods, and ends what was replaced when it is back", async () => {
    const [access] = cluster.servers;
    const create = (name: string, node: string): Promise<Pod> =>
      access.client.create(pods, single(name, node) as never);
    const get = (name: string): Promise<Pod | undefined> =>
      access.client.get(pods, { namespace, name }).catch(() => undefined);
    await access.ok(["apply", "-f", "-"], { input: deployment });
    await create("db-0", "far");
    await create("forced", "far");
    const before = await readyPods(access, 4);
    const programs = new Map(before.map((pod) => [pod.metadata.name, programOf(pod)]));
    expect([...programs.values()].every(isRunning)).toBe(true);
    await agent("near", "--runtime", "simulated");
    await access.ok(["wait", "node/near", "--for=condition=Ready", "--timeout=60s"]);

    relay?.cut();
    const web = { labelSelector: "app=web" };
    const replacements = await eventually("others run in their place", async () => {
      const found = (await listPods(access, web)).filter(({ metadata }) => !metadata.deletionTimestamp);
      const placed = found.filter(({ spec, status }) => spec.nodeName === "near" && status?.phase === "Running");
      return placed.length === 2 ? placed : undefined;
    });
    const far = await access.client.get(nodes, { name: "far" });
    expect(far.status?.conditions?.find(({ type }) => type === "Ready")?.status).toBe("Unknown");
    // Nobody knows whether it runs: its name is not free.
    const ending = await eventually("it has to end", async () => {
      const pod = await get("db-0");
      return pod?.metadata.deletionTimestamp ? pod : undefined;
    });
    await expect(create("db-0", "near")).rejects.toMatchObject({ reason: "AlreadyExists" });
    // Unless somebody takes it upon himself.
    await access.ok(["delete", "pod", "forced", "--force", "--grace-period=0"]);
    const forced = await create("forced", "near");
    expect([...programs.values()].every(isRunning)).toBe(true);

    relay?.mend();
    const program = programs.get("db-0") ?? 0;
    await eventually("the name is free", async () => {
      const now = await get("db-0");
      if (now === undefined) return true;
      expect(now.metadata.uid).toBe(ending.metadata.uid);
      return undefined;
    });
    // Its program was gone before its name was.
    expect(isRunning(program)).toBe(false);
    await create("db-0", "far");
    const again = await eventually("it runs again", async () => {
      const pod = await get("db-0");
      return pod?.status?.phase === "Running" ? pod : undefined;
    });
    await eventually("what was replaced has ended", () => ![...programs.values()].some(isRunning));
    expect(isRunning(programOf(again))).toBe(true);
    const after = await readyPods(access, 4);
    expect(namesOf(after)).toEqual(namesOf([...replacements, again, forced]));
    expect(uidsOf(after)).toEqual(uidsOf([...replacements, again, forced]));
    expect(after.filter(({ spec }) => spec.nodeName === "far").map(({ metadata }) => metadata.name)).toEqual(["db-0"]);
  });
});

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 2
      containers: [{name: main, image: busybox, imagePullPolicy: IfNotPresent, command: [sleep, "3600"]}]
`;
