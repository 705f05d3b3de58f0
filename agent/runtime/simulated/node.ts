import type { Clock } from "../../../base/clock.js";
import type { Random } from "../../../base/random.js";
import type { HostFacts } from "../../node/host.js";
import type { ProbeRunner } from "../../probes/probe.js";
import { failure, success } from "../../probes/result.js";
import type { Observation } from "../../resources/eviction/threshold.js";
import type { ResourceSettings } from "../../resources/node/settings.js";
import type { Runtime } from "../runtime.js";
import { behaviourOf } from "./behaviour.js";
import { openSimulatedRuntime } from "./simulated.js";

export interface SimulatedNodeOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly cpu?: string;
  readonly memory?: string;
  readonly pods?: string;
}

/** Everything in which a simulated node differs from a real one, as options of the agent. */
export interface SimulatedNode {
  readonly runtime: Runtime;
  readonly probes: ProbeRunner;
  readonly host: HostFacts;
  readonly observe: () => Promise<readonly Observation[]>;
  readonly resources: Partial<ResourceSettings>;
}

export function simulatedNode({
  clock,
  random,
  cpu = "32",
  memory = "256Gi",
  pods = "110",
}: SimulatedNodeOptions): SimulatedNode {
  const amounts = { cpu, memory, "ephemeral-storage": "1Ti", pods };
  return {
    runtime: openSimulatedRuntime({ clock, random }),
    probes: simulatedProbes,
    host: {
      capacity: amounts,
      machineId: "",
      systemUuid: "",
      swapBytes: 0,
      bootId: "",
      kernelVersion: "",
      osImage: "simulated",
      operatingSystem: "linux",
      architecture: "amd64",
    },
    observe: async () => [],
    resources: { thresholds: [] },
  };
}

/** Probes answer as the container's annotations say. */
export const simulatedProbes: ProbeRunner = {
  async run(_action, { run, clock, kind }) {
    const { readyDelayMs, unhealthyAfterMs } = behaviourOf(run.annotations, run.name);
    const ageMs = clock.now() - (run.startedAtMs ?? clock.now());
    const healthy = kind === "liveness" ? ageMs < unhealthyAfterMs : ageMs >= readyDelayMs;
    return healthy ? success("") : failure("simulated");
  },
};
