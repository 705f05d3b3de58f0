import { type Cluster, startCluster, stopClusters } from "./harness/cluster.js";
import { eventually } from "./harness/run.js";

const stuck = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: stuck}
spec:
  replicas: 1
  selector: {matchLabels: {app: stuck}}
  template:
    metadata: {labels: {app: stuck}}
    spec:
      nodeSelector: {there-is: none}
      containers: [{name: main, image: busybox, command: [sleep, "1000"]}]
`;

describe("objects that have not changed since the cluster was last started", () => {
  let cluster: Cluster;
  afterAll(stopClusters);

  it("can be watched and waited for", async () => {
    cluster = await startCluster();
    await cluster.ok(["apply", "-f", "-"], { input: stuck });
    await eventually(
      "its pod is pending",
      async () =>
        (await cluster.ok(["get", "pods", "-o", "jsonpath={.items[*].status.conditions[*].reason}"])) ===
        "Unschedulable",
    );
    for (let each = 0; each < 5; each++) await cluster.ok(["create", "configmap", `c${each}`]);
    await cluster.stop();
    cluster = await startCluster({ dataDir: cluster.dataDir });
    const timedOut = (what: string) => ({ code: 1, stderr: expect.stringContaining(what) });
    expect(await cluster.navctl(["wait", "--for=condition=Available", "deploy/stuck", "--timeout=2s"])).toMatchObject(
      timedOut("timed out waiting for the condition on deployments/stuck"),
    );
    expect(await cluster.navctl(["wait", "--for=delete", "pod", "-l", "app=stuck", "--timeout=2s"])).toMatchObject(
      timedOut("timed out waiting for the condition on pods/stuck-"),
    );
    expect(await cluster.navctl(["rollout", "status", "deploy/stuck", "--timeout=2s"])).toMatchObject(
      timedOut("timed out waiting for the condition"),
    );
    for (const format of [[], ["-o", "name"]]) {
      const watched = await cluster.navctl(["get", "deploy", "stuck", "-w", ...format, "--request-timeout=2s"]);
      expect(watched.stdout).toContain("stuck");
      expect(watched.stderr).not.toContain("Expired");
    }
  });
});
