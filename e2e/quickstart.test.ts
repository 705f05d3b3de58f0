import { type Cluster, quickstart, startCluster, stopClusters } from "./harness/cluster.js";
import { eventually } from "./harness/run.js";

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly uid: string };
    readonly status: {
      readonly phase: string;
      readonly podIP?: string;
      readonly conditions?: readonly { readonly type: string; readonly status: string }[];
      readonly containerStatuses?: readonly { readonly restartCount: number; readonly containerID?: string }[];
    };
  }[];
}
type Pod = PodList["items"][number];
const isReady = ({ status }: Pod): boolean =>
  status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;

const readyPods = (cluster: Cluster, count: number): Promise<readonly Pod[]> =>
  eventually(`${count} pods ready`, async () => {
    const { items } = await cluster.json<PodList>(["get", "pods", "-l", "app=my-app"]);
    return items.length === count && items.every(isReady) ? items : undefined;
  });

describe("quickstart", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ flags: ["--apply", quickstart] });
  }, 60_000);
  afterAll(stopClusters, 60_000);

  it("says in one line that it is ready, where, and how to reach it", () => {
    expect(cluster.readyLine).toMatch(/^ready in \d+ ms: https:\/\/127\.0\.0\.1:\d+ \(kubeconfig .*kubeconfig\)$/);
  });

  it("runs three pods of the deployment, each on an address of its own", async () => {
    const pods = await readyPods(cluster, 3);
    expect(new Set(pods.map(({ status }) => status.podIP)).size).toBe(3);
  });

  it("scales to ten and down to two", async () => {
    expect(await cluster.ok(["scale", "deployment/my-app", "--replicas=10"])).toBe("deployment.apps/my-app scaled\n");
    await readyPods(cluster, 10);
    await cluster.ok(["scale", "deployment/my-app", "--replicas=2"]);
    await readyPods(cluster, 2);
  }, 60_000);

  it("replaces a deleted pod by another", async () => {
    const [first] = await readyPods(cluster, 2);
    const name = first?.metadata.name ?? "";
    expect(await cluster.ok(["delete", "pod", name])).toContain(`pod "${name}" deleted`);
    const after = await readyPods(cluster, 2);
    expect(after.map(({ metadata }) => metadata.uid)).not.toContain(first?.metadata.uid);
  }, 60_000);
});
