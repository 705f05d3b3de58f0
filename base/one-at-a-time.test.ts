import { oneAtATime } from "./one-at-a-time.js";

describe("one at a time", () => {
  const held = (): { readonly begun: (() => void)[]; readonly run: () => Promise<void> } => {
    const begun: (() => void)[] = [];
    return { begun, run: oneAtATime(() => new Promise<void>((resolve) => begun.push(resolve))) };
  };

  it("runs once more for all who asked while it ran, and for them only when it began after they asked", async () => {
    const { begun, run } = held();
    const first = run();
    const others = Array.from({ length: 1_000 }, run);
    let others1 = false;
    void others[0]?.then(() => {
      others1 = true;
    });
    expect(begun).toHaveLength(1);
    begun[0]?.();
    await first;
    await new Promise(setImmediate);
    expect([begun.length, others1]).toEqual([2, false]);
    begun[1]?.();
    await Promise.all(others);
    expect(begun).toHaveLength(2);
    void run();
    expect(begun).toHaveLength(3);
  });

  it("goes on after a failure, which those hear who waited for it", async () => {
    let runs = 0;
    const run = oneAtATime(async () => {
      runs++;
      await Promise.resolve();
      if (runs === 1) throw new Error("once");
    });
    const [first, second] = [run(), run()];
    await expect(first).rejects.toThrow("once");
    await expect(second).resolves.toBeUndefined();
    expect(runs).toBe(2);
  });
});
