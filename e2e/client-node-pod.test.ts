import { dirname, join } from "node:path";
import { type Cluster, startCluster, stopClusters } from "./harness/cluster.js";
import { run } from "./harness/run.js";

describe("@kubernetes/client-node", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(stopClusters);

  it("runs, attaches, forwards, follows, copies, measures, patches, watches and evicts", async () => {
    const script = join(__dirname, "black-box", "client-node-pod.mjs");
    const { code, stdout, stderr } = await run(
      process.execPath,
      [script, cluster.kubeconfig, dirname(cluster.dataDir)],
      {
        timeoutMs: 150_000,
      },
    );
    expect(stderr).toBe("");
    expect(stdout.trim().split("\n")).toEqual([
      'exec {"out":"out\\n","errors":"oops\\n","status":"Failure","code":"5"}',
      "stdin 1000000 Success",
      "terminal yes",
      "no such pod Unexpected server response: 404",
      "attach through attach",
      "port-forward 200 p",
      "log true",
      "cp content",
      'metrics ["cat","clock","web"]',
      "top 1 p",
      'patched ["MergePatch","ServerSideApply","StrategicMergePatch"]',
      "deleted Success 404",
      'watch ["ADDED kube-root-ca.crt","BOOKMARK"]',
      "evicted Status",
    ]);
    expect(code).toBe(0);
  }, 180_000);
});
