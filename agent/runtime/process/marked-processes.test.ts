import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { MarkedProcesses } from "./marked-processes.js";

describe("processes found by an entry of their environment", () => {
  const children: ChildProcess[] = [];
  const run = (env: Readonly<Record<string, string>>): number => {
    const child = spawn("sleep", ["1000"], { env, stdio: "ignore" });
    children.push(child);
    return child.pid ?? 0;
  };
  afterEach(async () => {
    await Promise.all(
      children.splice(0).map(async (child) => {
        const ended = once(child, "exit");
        child.kill("SIGKILL");
        await ended;
      }),
    );
  });

  it("are those that have it whole, each caller its own", async () => {
    const own = `${process.pid}`;
    const one = run({ MARK: `${own}-1`, OTHER: "x" });
    const two = run({ OTHER: "x", MARK: `${own}-2` });
    run({ MARK: `${own}-11`, NOMARK: `${own}-1`, UNMARK: `MARK=${own}-1` });
    const marked = new MarkedProcesses();
    const pids = async (entry: string): Promise<readonly number[]> => (await marked.find(entry)).map(({ pid }) => pid);
    expect(
      await Promise.all([pids(`MARK=${own}-1`), pids(`MARK=${own}-2`), pids(`MARK=${own}-1`), pids("MARK=")]),
    ).toEqual([[one], [two], [one], []]);
  });

  it("are looked for anew by who asks while a look is under way", async () => {
    const marked = new MarkedProcesses();
    const entry = `MARK=${process.pid}-late`;
    const first = marked.find(entry);
    // The look of the first has begun when a turn of the loop is over.
    await new Promise((resolve) => setImmediate(resolve));
    const pid = run({ MARK: `${process.pid}-late` });
    expect((await marked.find(entry)).map((found) => found.pid)).toEqual([pid]);
    await first;
  });
});
