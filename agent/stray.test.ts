import { existsSync } from "node:fs";
import { join } from "node:path";
import { pods } from "../api/core/pod/pod.js";
import { TestNode } from "../e2e/harness/agent-node.js";
import { eventually } from "./eventually.test-kit.js";
import { signalProcess, withEnvironment } from "./runtime/proc.js";
import type { Runtime } from "./runtime/runtime.js";

/** The same runtime, which shows nothing of any one pod while it is told to. */
function forgetful(runtime: Runtime, isHiding: () => boolean): Runtime {
  return new Proxy(runtime, {
    get(target, name) {
      if (name === "sandboxes" || name === "containers")
        return async (filter?: { readonly podUid?: string }) =>
          filter?.podUid !== undefined && isHiding() ? [] : target[name](filter);
      const found: unknown = Reflect.get(target, name, target);
      return typeof found === "function" ? found.bind(target) : found;
    },
  });
}

describe("what the runtime did not show when its pod was forgotten", () => {
  it("ends as soon as something is heard of it", async () => {
    let isHiding = false;
    const node = await TestNode.start("127.64.215.0/24", { wrap: (runtime) => forgetful(runtime, () => isHiding) });
    try {
      const command = ["sh", "-c", "sleep 600 & wait; exec sleep 600"];
      const { metadata } = await node.create("lost", {
        volumes: [{ name: "v", emptyDir: {} }],
        containers: [{ name: "a", image: "busybox", command }],
      });
      await node.until("lost", ({ status }) => status?.phase === "Running");
      const [run] = await node.runtime.containers();
      const programs = () => withEnvironment(`NAVARCH_CONTAINER_ID=${run?.id}`);
      await eventually(() => expect(programs().length).toBeGreaterThan(1));
      const folder = join(node.dir, "pods", metadata.uid);
      expect(existsSync(folder)).toBe(true);
      isHiding = true;
      await node.api.client.delete(pods, { namespace: "default", name: "lost" }, { gracePeriodSeconds: 0 });
      await eventually(() => expect(existsSync(folder)).toBe(false));
      expect(await node.runtime.sandboxes()).toHaveLength(1);
      isHiding = false;
      for (const program of programs()) signalProcess(program, "SIGKILL");
      await eventually(async () => expect(await node.runtime.sandboxes()).toEqual([]));
    } finally {
      await node.close();
    }
  });
});
