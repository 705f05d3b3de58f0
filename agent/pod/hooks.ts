import type { LifecycleHandler } from "../../api/core/pod/probe.js";
import type { ContainerRecord } from "../runtime/runtime.js";
import { containersOf } from "./containers.js";
import type { WorkerTools } from "./tools.js";
import { currentSandbox, type PodView } from "./view.js";

/** Runs a postStart or preStop handler; throws with what went wrong, also when it takes too long. */
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
  const { outcome, output } = await tools.probes.run(
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
  if (outcome !== "success") throw new Error(output);
}

const hookMaxMs = 3600 * 1000;
