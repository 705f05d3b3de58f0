import { nodes } from "../api/core/node/node.js";
import { systemClock } from "../base/clock.js";
import { openLocalApi } from "../e2e/harness/local-api.js";
import { nodeReady } from "./node-ready.js";

describe("waiting for a node", () => {
  it("tells once, after a while, why it is not ready", async () => {
    const api = await openLocalApi();
    const node = await api.client.create(nodes, { metadata: { name: "one" } });
    const say = (status: string, message: string) =>
      api.client.patch(
        nodes,
        { name: node.metadata.name },
        {
          type: "strategic",
          body: { status: { conditions: [{ type: "Ready", status, reason: "Kubelet", message }] } },
          subresource: "status",
        },
      );
    await say("False", "container runtime is down");
    const told: string[] = [];
    let nowMs = 0;
    const clock = {
      ...systemClock,
      monotonic: () => nowMs,
      async sleep() {
        nowMs += 1_000;
        if (nowMs === 2_000) expect(told).toEqual([]);
        if (nowMs === 8_000) await say("True", "ready");
      },
    };
    await nodeReady(api.client, "one", clock, (line) => told.push(line));
    expect(told).toEqual(["waiting for one: container runtime is down"]);
    await api.close();
  });
});
