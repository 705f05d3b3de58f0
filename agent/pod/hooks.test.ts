import { systemClock } from "../../base/clock.js";
import type { ProbeResult } from "../probes/result.js";
import { runHook } from "./hooks.js";
import { container, pod, run } from "./pod.test-kit.js";
import type { WorkerTools } from "./tools.js";
import type { PodView } from "./view.js";

const hookThat = (result: ProbeResult, handler: object = { exec: { command: ["x"] } }): Promise<void> => {
  const tools = { clock: systemClock, runtime: {}, probes: { run: async () => result } };
  const view = { pod: pod({ containers: [container("main")] }), sandboxes: [] };
  return runHook(handler, run("main"), view as object as PodView, tools as object as WorkerTools, 1_000);
};
const output = "secret";

it("a hook's program that fails is told of by its exit code, and nothing of what it wrote", async () => {
  await expect(hookThat({ outcome: "failure", output, exitCode: 3 })).rejects.toThrow(/^exit code 3$/);
  await expect(hookThat({ outcome: "failure", output })).rejects.toThrow(/^failure: not run/);
  await expect(hookThat({ outcome: "unknown", output })).rejects.toThrow(/^unknown: not run/);
  await hookThat({ outcome: "success", output });
});

it("a hook's call that fails is told of by what went wrong", async () => {
  const httpGet = { port: 80 };
  await expect(hookThat({ outcome: "failure", output: "status 500" }, { httpGet })).rejects.toThrow("status 500");
});
