import { type Pod, pods } from "../api/core/pod/pod.js";
import { type Cluster, startCluster, stopClusters } from "./harness/cluster.js";
import { findKubectls } from "./harness/needs.js";
import { eventually } from "./harness/run.js";

jest.setTimeout(60_000);

const namespace = "default";
let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(stopClusters);

const create = (name: string, spec: object, metadata: object = {}): Promise<Pod> =>
  cluster.client.create(pods, {
    metadata: { name, namespace, ...metadata },
    spec: { terminationGracePeriodSeconds: 1, ...spec },
  } as never);
const until = (name: string, what: string, is: (pod: Pod) => unknown): Promise<Pod> =>
  eventually(`${name}: ${what}`, async () => {
    const pod = await cluster.client.get(pods, { namespace, name });
    if (!is(pod)) throw new Error(JSON.stringify(pod.status));
    return pod;
  });
const sleeping = { image: "busybox", command: ["sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait"] };

describe("ephemeral containers", () => {
  it("run once in a running pod, and never again", async () => {
    await create("watched", { containers: [{ name: "main", ...sleeping }] });
    await until("watched", "runs", ({ status }) => status?.containerStatuses?.[0]?.state?.running);
    const kubectl = findKubectls().at(-1);
    const debug = ["debug", "watched", "--image=busybox", "-c", "look", "--", "sh", "-c", "echo seen; exit 3"];
    if (kubectl) {
      const { code, stderr } = await cluster.kubectl(kubectl.path, debug);
      expect([code, stderr]).toEqual([0, expect.any(String)]);
    } else
      await cluster.client.patch(
        pods,
        { namespace, name: "watched" },
        {
          type: "strategic",
          subresource: "ephemeralcontainers",
          body: { spec: { ephemeralContainers: [{ name: "look", image: "busybox", command: debug.slice(6) }] } },
        },
      );
    const pod = await until(
      "watched",
      "looked at",
      ({ status }) => status?.ephemeralContainerStatuses?.[0]?.state?.terminated,
    );
    expect(pod.status?.ephemeralContainerStatuses?.[0]).toMatchObject({
      name: "look",
      ready: false,
      restartCount: 0,
      state: { terminated: { exitCode: 3, reason: "Error" } },
    });
    expect(pod.status?.phase).toBe("Running");
    expect(await cluster.ok(["logs", "watched", "-c", "look"])).toBe("seen\n");
    await new Promise((resolve) => setTimeout(resolve, 300));
    const later = await cluster.client.get(pods, { namespace, name: "watched" });
    expect(later.status?.ephemeralContainerStatuses).toEqual(pod.status?.ephemeralContainerStatuses);
    const { stdout } = await cluster.navctl(["events", "--for", "pod/watched"]);
    expect(stdout).toContain("Started container look");
  });
});
