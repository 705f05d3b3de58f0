import { TestNode } from "../e2e/harness/agent-node.js";
import { eventually } from "./eventually.test-kit.js";
import type { Runtime } from "./runtime/runtime.js";

/** The same runtime, which cannot be asked for its pods until it is told that it is back. */
function away(runtime: Runtime): { readonly runtime: Runtime; readonly asked: () => number; back(): void } {
  let isAway = true;
  let asked = 0;
  const sandboxes: Runtime["sandboxes"] = async (filter) => {
    asked += 1;
    if (isAway) throw new Error("nothing answers");
    return runtime.sandboxes(filter);
  };
  const proxied = new Proxy(runtime, {
    get(target, name) {
      if (name === "sandboxes") return sandboxes;
      const found: unknown = Reflect.get(target, name, target);
      return typeof found === "function" ? found.bind(target) : found;
    },
  });
  return {
    runtime: proxied,
    asked: () => asked,
    back() {
      isAway = false;
    },
  };
}

describe("an agent whose runtime does not answer yet", () => {
  const unhandled = jest.fn();
  beforeEach(() => void process.on("unhandledRejection", unhandled));
  afterEach(() => {
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  const started = async () => {
    let late: ReturnType<typeof away> | undefined;
    const wrap = (runtime: Runtime): Runtime => {
      late = away(runtime);
      return late.runtime;
    };
    const node = await TestNode.start("127.64.207.0/24", { wrap });
    return { node, late };
  };

  it("goes on asking, and runs its pods once it does", async () => {
    const { node, late } = await started();
    try {
      await node.create("early", { containers: [{ name: "a", image: "busybox", command: ["sleep", "600"] }] });
      await eventually(async () => expect(late?.asked()).toBeGreaterThan(1));
      expect((await node.get("early")).status?.phase).toBe("Pending");
      late?.back();
      await node.until("early", ({ status }) => status?.phase === "Running");
    } finally {
      await node.close();
    }
  });

  it("stops all the same", async () => {
    const { node, late } = await started();
    await node.stop(0);
    late?.back();
    await node.close();
  });
});
