import { pods } from "../api/core/pod/pod.js";
import { StatusError } from "../apimachinery/status.js";
import type { Client } from "../client/client.js";
import { TestNode } from "../e2e/harness/agent-node.js";
import { eventually } from "./eventually.test-kit.js";

const lasting = { name: "a", image: "busybox", command: ["sleep", "600"] };
const hooked = { ...lasting, lifecycle: { postStart: { exec: { command: ["sh", "-c", "exec sleep 600"] } } } };

describe("a pod that waits in its own start", () => {
  let node: TestNode;
  beforeEach(async () => {
    node = await TestNode.start("127.64.206.0/24");
  });
  afterEach(() => node.close());

  const inHook = async (name: string, spec: object = {}): Promise<void> => {
    await node.create(name, { terminationGracePeriodSeconds: 2, containers: [hooked], ...spec });
    await eventually(async () => expect(await node.told()).toContain("Started: Container started"));
  };
  const tookMs = async (work: () => Promise<unknown>): Promise<number> => {
    const startedMs = performance.now();
    await work();
    return performance.now() - startedMs;
  };

  it("is gone within its grace when it is deleted", async () => {
    await inHook("hooked");
    const ms = await tookMs(async () => {
      await node.api.client.delete(pods, { namespace: "default", name: "hooked" });
      await node.gone("hooked");
    });
    expect(ms).toBeLessThan(60_000);
    await eventually(async () => expect(await node.runtime.containers()).toEqual([]));
  });

  it("ends when its deadline is over", async () => {
    await inHook("late", { activeDeadlineSeconds: 4, restartPolicy: "Never" });
    const pod = await node.until("late", ({ status }) => status?.phase === "Failed");
    expect(pod.status?.reason).toBe("DeadlineExceeded");
  });

  it("does not keep its node from stopping", async () => {
    await inHook("hooked");
    expect(await tookMs(() => node.stop(1_000))).toBeLessThan(60_000);
    expect((await node.runtime.containers()).filter(({ state }) => state === "running")).toEqual([]);
  });

  it("nor does one that was given a long time to end, or whose preStop hook never ends", async () => {
    const deaf = { ...lasting, command: ["sh", "-c", 'trap "" TERM; while :; do sleep 0.1; done'] };
    const preStop = { exec: { command: ["sleep", "600"] } };
    await node.create("deaf", { terminationGracePeriodSeconds: 600, containers: [deaf] });
    await node.create("slow", {
      terminationGracePeriodSeconds: 600,
      containers: [{ ...deaf, lifecycle: { preStop } }],
    });
    for (const name of ["deaf", "slow"]) {
      await node.until(name, ({ status }) => status?.phase === "Running");
      await node.api.client.delete(pods, { namespace: "default", name });
    }
    await eventually(async () =>
      expect((await node.told()).filter((text) => text === "Killing: Stopping container a")).toHaveLength(2),
    );
    expect(await tookMs(() => node.stop(1_000))).toBeLessThan(60_000);
    expect((await node.runtime.containers()).filter(({ state }) => state === "running")).toEqual([]);
  });
});

describe("a status that the API server refuses", () => {
  it("keeps a deleted pod no longer than a few seconds", async () => {
    let refused = 0;
    const refusing = (client: Client): Client => ({
      ...client,
      update: async (resource, object, options) => {
        if (options?.subresource !== "status" || resource.plural !== "pods")
          return client.update(resource, object, options);
        refused++;
        throw new StatusError("Invalid", "status: Invalid value");
      },
    });
    const node = await TestNode.start("127.64.207.0/24", { client: refusing });
    try {
      await node.create("refused", { containers: [lasting] });
      await eventually(async () => expect(await node.told()).toContain("Started: Container started"));
      await node.api.client.delete(pods, { namespace: "default", name: "refused" });
      await node.gone("refused");
      expect(refused).toBeGreaterThan(0);
      expect(refused).toBeLessThan(12);
    } finally {
      await node.close();
    }
  });
});
