import { spawn } from "node:child_process";
import { once } from "node:events";
import { systemClock } from "../../../base/clock.js";
import type { ProcessIdentity } from "../proc.js";
import { hunt } from "./hunt.js";
import { MarkedProcesses } from "./marked-processes.js";

const options = { clock: systemClock, isOver: () => false };

describe("the hunt for marked processes", () => {
  it("ends them, those also that they start meanwhile", async () => {
    const MARK = `hunt-${process.pid}`;
    const script = "(sleep 1000 &); while :; do sleep 0.01 & wait; done";
    const child = spawn("sh", ["-c", script], { env: { PATH: process.env.PATH, MARK }, stdio: "ignore" });
    const ended = once(child, "exit");
    const marked = new MarkedProcesses();
    expect(await hunt(`MARK=${MARK}`, { ...options, marked })).toBe(true);
    expect((await ended)[1]).toBe("SIGKILL");
    expect(await marked.find(`MARK=${MARK}`)).toEqual([]);
  });

  it("takes a look that failed for none", async () => {
    const looks: (readonly ProcessIdentity[] | Error)[] = [[], new Error("EMFILE: too many open files"), [], []];
    const marked = new MarkedProcesses();
    marked.find = async () => {
      const look = looks.shift() ?? [];
      if (look instanceof Error) throw look;
      return look;
    };
    expect(await hunt("MARK=x", { ...options, marked })).toBe(true);
    expect(looks).toEqual([]);
  });

  it("is over when the kernel has ended all", async () => {
    expect(await hunt("MARK=x", { ...options, marked: new MarkedProcesses(), isOver: () => true })).toBe(true);
  });
});
