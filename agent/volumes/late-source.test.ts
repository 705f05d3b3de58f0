import { existsSync } from "node:fs";
import { join } from "node:path";
import { pods } from "../../api/core/pod/pod.js";
import { secrets } from "../../api/core/secret.js";
import type { Client } from "../../client/client.js";
import { TestNode } from "../../e2e/harness/agent-node.js";
import { eventually } from "../eventually.test-kit.js";

/** The same client, whose reads of secrets wait once `hold` was called. */
function holding(client: Client) {
  const held: (() => void)[] = [];
  let isHolding = false;
  const get: Client["get"] = async (definition, address) => {
    if (isHolding && String(definition.plural) === "secrets") await new Promise<void>((resolve) => held.push(resolve));
    return client.get(definition, address);
  };
  return {
    client: { ...client, get },
    held,
    hold(): void {
      isHolding = true;
    },
    release(): void {
      isHolding = false;
      for (const go of held.splice(0)) go();
    },
  };
}

describe("a secret that comes when its pod has gone", () => {
  it("is not put back on the disk", async () => {
    let late: ReturnType<typeof holding> | undefined;
    const node = await TestNode.start("127.64.206.0/24", {
      client: (client) => {
        late = holding(client);
        return late.client;
      },
    });
    try {
      await node.api.client.create(secrets, {
        metadata: { name: "key", namespace: "default" },
        data: { key: Buffer.from("secret").toString("base64") },
      });
      const { metadata } = await node.create("holder", {
        containers: [{ name: "a", image: "busybox", command: ["sleep", "600"] }],
        volumes: [{ name: "key", secret: { secretName: "key" } }],
      });
      await node.until("holder", ({ status }) => status?.phase === "Running");
      late?.hold();
      const address = { namespace: "default", name: "holder" };
      await node.api.client.patch(pods, address, { type: "merge", body: { metadata: { labels: { a: "b" } } } });
      await eventually(() => expect(late?.held).toHaveLength(1));
      await node.api.client.delete(pods, address, { gracePeriodSeconds: 0 });
      const folder = join(node.dir, "pods", metadata.uid);
      await eventually(() => expect(existsSync(folder)).toBe(false));
      late?.release();
      // What was read goes through before another pod that was made later runs.
      await node.create("next", { containers: [{ name: "a", image: "busybox", command: ["sleep", "600"] }] });
      await node.until("next", ({ status }) => status?.phase === "Running");
      expect(existsSync(folder)).toBe(false);
    } finally {
      late?.release();
      await node.close();
    }
  });
});
