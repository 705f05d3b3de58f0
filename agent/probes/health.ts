import type { Container } from "../../api/core/pod/container.js";
import type { Pod } from "../../api/core/pod/pod.js";
import type { Probe } from "../../api/core/pod/probe.js";
import type { Timer } from "../../base/clock.js";
import { containersOf } from "../pod/containers.js";
import { tell, type WorkerTools } from "../pod/tools.js";
import type { Health } from "../pod/view.js";
import type { ContainerRecord, Sandbox } from "../runtime/runtime.js";
import { count, noTally, type Tally } from "./tally.js";

type ProbeKind = "startup" | "liveness" | "readiness";

/** The probes of one pod's running containers, and what they say. */
export class PodHealth {
  readonly #tools: WorkerTools;
  readonly #changed: () => void;
  readonly #watched = new Map<string, ContainerProbes>();

  constructor(tools: WorkerTools, changed: () => void) {
    this.#tools = tools;
    this.#changed = changed;
  }

  /** Probes these containers from now on and no others; of one being ended the last verdict stays. */
  update(
    pod: Pod,
    running: readonly ContainerRecord[],
    stopping: ReadonlySet<string>,
    sandboxes: readonly Sandbox[],
  ): void {
    const wanted = new Set(running.map(({ id }) => id));
    for (const [id, probes] of this.#watched) {
      if (wanted.has(id)) continue;
      probes.stop();
      this.#watched.delete(id);
    }
    for (const run of running) {
      const container = containersOf(pod).find((candidate) => candidate.container.name === run.name)?.container;
      if (!container) continue;
      const podIP = sandboxes.find(({ id }) => id === run.sandboxId)?.ips[0];
      const known = this.#watched.get(run.id);
      if (known) known.pod = pod;
      if (stopping.has(run.id)) known?.stop();
      else if (!known)
        this.#watched.set(
          run.id,
          new ContainerProbes({ pod, run, container, podIP, tools: this.#tools, changed: this.#changed }),
        );
    }
  }

  now(): ReadonlyMap<string, Health> {
    return new Map([...this.#watched].map(([id, probes]) => [id, probes.health]));
  }

  close(): void {
    for (const probes of this.#watched.values()) probes.stop();
    this.#watched.clear();
  }
}

interface ContainerProbesOptions {
  readonly pod: Pod;
  readonly run: ContainerRecord;
  readonly container: Container;
  readonly podIP: string | undefined;
  readonly tools: WorkerTools;
  readonly changed: () => void;
}

class ContainerProbes {
  pod: Pod;
  readonly #options: ContainerProbesOptions;
  readonly #tallies = new Map<ProbeKind, Tally>();
  /** Probes whose failure counted. */
  readonly #counted = new Map<ProbeKind, number>();
  readonly #timers = new Map<ProbeKind, Timer>();
  readonly #probes: Readonly<Record<ProbeKind, Probe | undefined>>;
  #broken: Health["broken"];
  #stopped = false;

  constructor(options: ContainerProbesOptions) {
    this.#options = options;
    this.pod = options.pod;
    const { startupProbe, livenessProbe, readinessProbe } = options.container;
    this.#probes = { startup: startupProbe, liveness: livenessProbe, readiness: readinessProbe };
    if (startupProbe) this.#schedule("startup", startupProbe, true);
    else this.#begin();
  }

  get health(): Health {
    const started = this.#probes.startup === undefined || this.#verdict("startup") === "success";
    const ready = started && (this.#probes.readiness === undefined || this.#verdict("readiness") === "success");
    return { started, ready, ...(this.#broken ? { broken: this.#broken } : {}) };
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
  }

  /** Liveness and readiness count from when the container has started up. */
  #begin(): void {
    if (this.#probes.liveness) this.#schedule("liveness", this.#probes.liveness, true);
    if (this.#probes.readiness) this.#schedule("readiness", this.#probes.readiness, true);
  }

  #schedule(kind: ProbeKind, probe: Probe, first: boolean): void {
    if (this.#stopped) return;
    const { clock } = this.#options.tools;
    const startedMs = this.#options.run.startedAtMs ?? clock.now();
    const initialMs = Math.max(0, startedMs + (probe.initialDelaySeconds ?? 0) * 1000 - clock.now());
    // What is not ready yet is asked more often at first: a pod need not wait a whole period for its first success.
    const eager =
      kind !== "liveness" &&
      probe.successThreshold === 1 &&
      this.#verdict(kind) !== "success" &&
      clock.now() - startedMs < eagerForMs;
    const delayMs = first
      ? initialMs
      : eager
        ? Math.min(eagerPeriodMs, probe.periodSeconds * 1000)
        : probe.periodSeconds * 1000;
    this.#timers.set(
      kind,
      clock.after(delayMs, () => void this.#probe(kind, probe)),
    );
  }

  async #probe(kind: ProbeKind, probe: Probe): Promise<void> {
    const { tools, run, container, podIP } = this.#options;
    const { outcome, output, isWarning } = await tools.probes.run(probe, {
      runtime: tools.runtime,
      clock: tools.clock,
      run,
      container,
      podIP,
      timeoutMs: probe.timeoutSeconds * 1000,
      kind,
    });
    if (this.#stopped) return;
    if (isWarning)
      tell(
        { pod: this.pod },
        tools,
        "Warning",
        "ProbeWarning",
        `${titles[kind]} probe warning: ${output}`,
        container.name,
      );
    const early = outcome === "failure" && kind !== "liveness" && this.#isEager(kind);
    if (!early && outcome !== "unknown") this.#count(kind, probe, outcome, output);
    if (kind !== "startup" || this.#verdict(kind) !== "success") this.#schedule(kind, probe, false);
  }

  /** An early failure counts for nothing, except that at the regular pace it would: the first of each period does. */
  #isEager(kind: ProbeKind): boolean {
    const { tools, run } = this.#options;
    const probe = this.#probes[kind];
    if (!probe || this.#verdict(kind) === "success") return false;
    const ageMs = tools.clock.now() - (run.startedAtMs ?? 0) - (probe.initialDelaySeconds ?? 0) * 1000;
    const due = Math.floor(ageMs / (probe.periodSeconds * 1000)) + 1;
    const counted = this.#counted.get(kind) ?? 0;
    if (ageMs >= eagerForMs || counted < due) {
      this.#counted.set(kind, Math.max(counted + 1, due));
      return false;
    }
    return true;
  }

  #count(kind: ProbeKind, probe: Probe, outcome: "success" | "failure", output: string): void {
    const before = this.#tallies.get(kind) ?? noTally;
    const after = count(before, outcome, probe);
    this.#tallies.set(kind, after);
    const { tools, container } = this.#options;
    if (outcome === "failure")
      tell({ pod: this.pod }, tools, "Warning", "Unhealthy", `${titles[kind]} probe failed: ${output}`, container.name);
    if (after.verdict === before.verdict) return;
    if (kind === "startup" && after.verdict === "success") this.#begin();
    if (kind !== "readiness" && after.verdict === "failure") {
      this.#broken = {
        message: `Container ${container.name} failed ${kind} probe, will be restarted`,
        ...(probe.terminationGracePeriodSeconds === undefined
          ? {}
          : { graceSeconds: probe.terminationGracePeriodSeconds }),
      };
    }
    this.#options.changed();
  }

  #verdict(kind: ProbeKind): Tally["verdict"] {
    return (this.#tallies.get(kind) ?? noTally).verdict;
  }
}

const titles: Readonly<Record<ProbeKind, string>> = {
  startup: "Startup",
  liveness: "Liveness",
  readiness: "Readiness",
};
const eagerForMs = 10_000;
const eagerPeriodMs = 250;
