import type { LifecycleHandler } from "../../api/core/pod/probe.js";
import { messageOf } from "../../base/error-text.js";
import type { ContainerRecord } from "../runtime/runtime.js";
import { containersOf } from "./containers.js";
import { tell, type WorkerTools } from "./tools.js";
import { currentSandbox, type PodView } from "./view.js";
import type { PodState } from "./worker.js";

/**
 * Runs a postStart or preStop handler; throws with what went wrong, also when it takes too long. What a hook's program
 * writes, or was called with, may be secret: of that nothing is told.
 */
export async function runHook(
  handler: LifecycleHandler,
  run: ContainerRecord,
  view: PodView,
  tools: WorkerTools,
  timeoutMs: number,
): Promise<void> {
  const limit = Math.min(timeoutMs, hookMaxMs);
  if (handler.sleep) return tools.clock.sleep(Math.min(handler.sleep.seconds * 1000, limit));
  const container = containersOf(view.pod).find((candidate) => candidate.container.name === run.name)?.container;
  const { outcome, output, exitCode } = await tools.probes.run(
    { exec: handler.exec, httpGet: handler.httpGet, tcpSocket: handler.tcpSocket },
    {
      runtime: tools.runtime,
      clock: tools.clock,
      run,
      container,
      podIP: currentSandbox(view)?.ips[0],
      timeoutMs: limit,
      isHook: true,
    },
  );
  if (outcome === "success") return;
  if (!handler.exec) throw new Error(output);
  throw new Error(exitCode === undefined ? `${outcome}: not run, or not to its end in time` : `exit code ${exitCode}`);
}

/** Many may read events: why a hook failed stands in the node's log. */
export function tellOfHook(
  hook: "PostStart" | "PreStop",
  error: unknown,
  container: string,
  state: Pick<PodState, "pod">,
  tools: WorkerTools,
): void {
  tell(state, tools, "Warning", `Failed${hook}Hook`, `${hook}Hook failed`, container);
  const { namespace = "", name } = state.pod.metadata;
  tools.log.warn(`${hook}Hook failed`, { pod: `${namespace}/${name}`, container, error: messageOf(error) });
}

const hookMaxMs = 3600 * 1000;
