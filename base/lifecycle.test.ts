import { Lifecycle } from "./lifecycle.js";

describe("a lifecycle", () => {
  it("closes in reverse order, and then nothing of it runs", async () => {
    const told: string[] = [];
    const lifecycle = new Lifecycle(() => {});
    lifecycle.onStop(() => void told.push("first"));
    lifecycle.onStop(() => void told.push("second"));
    lifecycle.run("task", async (signal) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      told.push("task");
    });
    await Promise.all([lifecycle.stop(), lifecycle.stop()]);
    expect(told.toSorted()).toEqual(["first", "second", "task"]);
    expect(told.indexOf("second")).toBeLessThan(told.indexOf("first"));
  });

  it("closes everything though something cannot be closed, and tells what failed first", async () => {
    const closed: string[] = [];
    const lifecycle = new Lifecycle(() => {});
    lifecycle.onStop(() => void closed.push("store"));
    lifecycle.onStop(async () => {
      throw new Error("the later one");
    });
    lifecycle.onStop(() => {
      throw new Error("stuck");
    });
    await expect(lifecycle.stop()).rejects.toThrow("stuck");
    expect(closed).toEqual(["store"]);
  });

  it("tells of a task that fails, but not of one that was told to end", async () => {
    const failures: [string, unknown][] = [];
    const lifecycle = new Lifecycle((name, error) => void failures.push([name, String(error)]));
    lifecycle.run("broken", async () => {
      throw new Error("no");
    });
    await new Promise((resolve) => setImmediate(resolve));
    lifecycle.run("ended", async (signal) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw new Error("ended");
    });
    await lifecycle.stop();
    expect(failures).toEqual([["broken", "Error: no"]]);
  });
});
