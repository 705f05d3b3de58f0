import { nodes } from "../api/core/node/node.js";
import { systemClock } from "../base/clock.js";
import { openLocalApi } from "../e2e/harness/local-api.js";
import { nodeReady } from "./node-ready.js";

describe("waiting for a node", () => {
  it("tells once, after a while, why it is not ready, and does not take an earlier run's word", async () => {
    const api = await openLocalApi();
    const node = await api.client.create(nodes, { metadata: { name: "one" } });
    const startedMs = Date.parse("2026-11-21T12:00:05.300Z");
    const say = (status: string, message: string, lastHeartbeatTime = "2026-11-21T12:00:06Z") =>
      api.client.patch(
        nodes,
        { name: node.metadata.name },
        {
          type: "strategic",
          body: { status: { conditions: [{ type: "Ready", status, reason: "Kubelet", message, lastHeartbeatTime }] } },
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
        if (nowMs === 8_000) await say("True", "of an earlier run", "2026-11-21T11:59:00Z");
        if (nowMs === 9_000) await say("True", "ready");
      },
    };
    await nodeReady(api.client, "one", startedMs, clock, (line) => told.push(line));
    expect(nowMs).toBe(9_000);
    expect(told).toEqual(["waiting for one: container runtime is down"]);
    await api.close();
  });
});
