import { systemClock } from "../../base/clock.js";
import { run } from "../pod/pod.test-kit.js";
import type { ExecSession, Runtime } from "../runtime/runtime.js";
import { probeExec } from "./exec.js";

async function* broken(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
  throw new Error("Premature close");
}
async function* nothing(): AsyncIterable<Uint8Array> {}

/** A program whose output breaks off; it ends with this code, or when it is told to. */
const probe = (exitCode: number | undefined, timeoutMs = 5_000) => {
  const runtime = {
    async exec(_id: string, { signal }: { readonly signal: AbortSignal }): Promise<ExecSession> {
      const ended = new Promise<number>((resolve) => {
        if (exitCode !== undefined) resolve(exitCode);
        else signal.addEventListener("abort", () => resolve(137), { once: true });
      });
      return { write: async () => {}, endInput: () => {}, stdout: broken("said"), stderr: nothing(), exitCode: ended };
    },
  };
  const context = { clock: systemClock, run: run("main"), container: undefined, podIP: undefined, timeoutMs };
  return probeExec({ command: ["x"] }, { ...context, runtime: runtime as object as Runtime });
};

describe("an exec probe whose output breaks off", () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  beforeEach(() => {
    process.on("unhandledRejection", note);
  });
  afterEach(() => {
    process.off("unhandledRejection", note);
  });

  it("counts by its exit code, with what was said until then", async () => {
    expect(await probe(0)).toEqual({ outcome: "success", output: "said" });
    expect(await probe(1)).toEqual({ outcome: "failure", output: "said", exitCode: 1 });
  });

  it("leaves no failure behind that nobody handles when it takes too long", async () => {
    expect((await probe(undefined, 20)).output).toContain("timed out after 0.02s");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(unhandled).toEqual([]);
  });
});

it("an exec probe is over when its time is, also where the runtime answers only at the program's end", async () => {
  const runtime = {
    exec: (_id: string, { signal }: { readonly signal: AbortSignal }): Promise<ExecSession> =>
      new Promise((resolve) => {
        const exitCode = Promise.resolve(137);
        const session = { write: async () => {}, endInput: () => {}, stdout: nothing(), stderr: nothing(), exitCode };
        signal.addEventListener("abort", () => resolve(session), { once: true });
      }),
  };
  const context = { clock: systemClock, run: run("main"), container: undefined, podIP: undefined, timeoutMs: 20 };
  expect(await probeExec({ command: ["x"] }, { ...context, runtime: runtime as object as Runtime })).toEqual({
    outcome: "failure",
    output: 'command "x" timed out after 0.02s',
  });
});
