import { type Node, nodes } from "../api/core/node/node.js";
import { systemClock } from "../base/clock.js";
import { silentLog } from "../base/log.js";
import { systemRandom } from "../base/random.js";
import { TestNode } from "../e2e/harness/agent-node.js";
import { startAgent } from "./agent.js";
import { eventually } from "./eventually.test-kit.js";
import { openProcessRuntime } from "./runtime/process/process.js";

const readiness = ({ status }: Node): string | undefined =>
  status?.conditions?.find(({ type }) => type === "Ready")?.status;

describe("an agent that starts again", () => {
  it("never calls its node unready: pods that tolerate that for a moment only stay", async () => {
    const first = await TestNode.start("127.64.209.0/24");
    const surroundings = { clock: systemClock, random: systemRandom, log: silentLog };
    const { client } = first.api;
    try {
      await eventually(async () => expect(readiness(await client.get(nodes, { name: "one" }))).toBe("True"));
      await first.agent.stop();
      const { metadata } = await client.list(nodes);
      const seen: (string | undefined)[] = [];
      const watching = new AbortController();
      const watched = (async () => {
        const query = { resourceVersion: metadata.resourceVersion };
        for await (const event of client.watch(nodes, query, watching.signal))
          if (event.type !== "BOOKMARK") seen.push(readiness(event.object));
      })().catch(() => undefined);
      // The runtime of a new process, which knows no range yet.
      const runtime = await openProcessRuntime({ ...surroundings, dir: `${first.dir}/again`, imagesDir: first.dir });
      const dataDir = `${first.dir}/again-data`;
      const again = await startAgent({
        ...surroundings,
        nodeName: "one",
        client,
        runtime,
        dataDir,
        version: "v1.36.1",
      });
      await eventually(() => expect(seen.length).toBeGreaterThan(0));
      await eventually(async () => {
        const { status } = await client.get(nodes, { name: "one" });
        expect([status?.nodeInfo?.kubeletVersion, readiness({ status } as Node)]).toEqual(["v1.36.1", "True"]);
      });
      watching.abort();
      await watched;
      await again.stop({ endPods: true, graceMs: 0 });
      await runtime.close();
      expect(new Set(seen)).toEqual(new Set(["True"]));
    } finally {
      await first.close();
    }
  });
});
