import { join } from "node:path";
import { pods } from "../api/core/pod/pod.js";
import { type Cluster, startCluster, stopClusters } from "./harness/cluster.js";
import { describeWith, fetchedTools } from "./harness/needs.js";
import { eventually, run } from "./harness/run.js";

const python = "/usr/bin/python3";
const library = "/usr/lib/python3/dist-packages/kubernetes";

describeWith([python, library], "python3-kubernetes", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(stopClusters);

  it("lists, watches, creates, patches, scales, runs a command and deletes", async () => {
    const script = join(__dirname, "black-box", "python-client.py");
    const { code, stdout, stderr } = await run(python, [script, cluster.kubeconfig], { timeoutMs: 120_000 });
    expect(stderr).toBe("");
    expect(stdout.trim().split("\n")).toEqual([
      "version 1",
      "watched ADDED:one MODIFIED:one DELETED:one",
      "error 404 Not Found",
      "paged 7 7",
      "running 2 Running",
      "exec from python oops 3",
      "gone",
    ]);
    expect(code).toBe(0);
  }, 150_000);

  it("finds the API server and its own rights from within a pod", async () => {
    const { ok } = cluster;
    await ok(["create", "namespace", "inside"]);
    await ok(["create", "serviceaccount", "worker", "-n", "inside"]);
    await ok([
      "create",
      "rolebinding",
      "worker",
      "--clusterrole=edit",
      "--serviceaccount=inside:worker",
      "-n",
      "inside",
    ]);
    const command = [python, join(__dirname, "black-box", "python-inside.py")];
    await cluster.client.create(pods, {
      metadata: { name: "program", namespace: "inside" },
      spec: {
        serviceAccountName: "worker",
        restartPolicy: "Never",
        containers: [{ name: "main", image: "python", command }],
      },
    });
    await eventually(
      "the program has ended",
      async () => {
        const { status } = await cluster.client.get(pods, { namespace: "inside", name: "program" });
        return ["Succeeded", "Failed"].includes(status?.phase ?? "") || undefined;
      },
      { timeoutMs: 90_000 },
    );
    const said = await ok(["logs", "program", "-n", "inside"]);
    expect(said.split("\n")).toEqual(["pods program", "nodes 403", "rules True", ""]);
  });
});

const modules = "/usr/lib/python3/dist-packages";
const patroni = join(fetchedTools, "patroni", modules);

describeWith([python, library, `${modules}/openshift`, `${patroni}/patroni`], "openshift and patroni", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(stopClusters);

  it("applies and scales as Ansible does; members elect their leader, give it up and take it over", async () => {
    const script = join(__dirname, "black-box", "python-frameworks.py");
    const { code, stdout, stderr } = await run(python, [script, cluster.kubeconfig, patroni], { timeoutMs: 150_000 });
    expect(stderr).toBe("");
    const election = ["initialized True False", "led by second ['first', 'second']"];
    expect(stdout.trim().split("\n")).toEqual([
      "applied [('b', '3'), ('c', '4')]",
      "scaled Scale 1",
      "found ['ConfigMap']",
      ...[...election, ...election],
    ]);
    expect(code).toBe(0);
  }, 180_000);
});
