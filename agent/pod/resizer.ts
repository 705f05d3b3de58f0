import type { Pod } from "../../api/core/pod/pod.js";
import { PodResize, type ResizeState, type ResizeStep } from "../resources/resize/pod-resize.js";
import type { ContainerRecord } from "../runtime/runtime.js";
import { carryOut } from "./act.js";
import { podResources } from "./sandbox.js";
import { tell, type WorkerTools } from "./tools.js";
import type { PodView } from "./view.js";
import type { PodState } from "./worker.js";

/** Carries out what becomes of a change of a pod's resources, and tells of it. */
export class PodResizer {
  readonly #state: PodState;
  readonly #tools: WorkerTools;
  readonly #resize: PodResize;
  #steps: readonly ResizeStep[] = [];
  #told = "";
  /** When to look again though nothing has happened. */
  retryAtMs: number | undefined;

  constructor(state: PodState, tools: WorkerTools) {
    this.#state = state;
    this.#tools = tools;
    const { runtime } = tools;
    this.#resize = new PodResize({ runtime, allocatable: () => tools.allocatable(), active: () => tools.active() });
  }

  allocated(pod: Pod): Pod {
    return this.#resize.allocated(pod);
  }

  look(pod: Pod, containers: readonly ContainerRecord[]): ResizeState {
    if (this.#state.gone || pod.metadata.deletionTimestamp !== undefined) this.#steps = [];
    else this.#steps = this.#resize.look(pod, containers);
    const { state } = this.#resize;
    const waits = state.pending?.reason === "Deferred" || state.inProgress !== undefined;
    this.retryAtMs = waits ? this.#tools.clock.now() + retryMs : undefined;
    return this.#steps.length > 0 ? { inProgress: {}, ...state } : state;
  }

  /** True when something has changed by it. */
  async carryOut(view: PodView): Promise<boolean> {
    const { pending } = this.#resize.state;
    if (pending) this.#tell("Warning", `Resize${pending.reason}`, `Pod resize ${pending.reason}: ${pending.message}`);
    else if (this.#steps.length > 0) this.#tell("Normal", "ResizeStarted", "Pod resize started");
    else if (this.#told !== "") this.#done();
    let any = false;
    // More has to be there before a container gets it, and less is possible once no container has more.
    await this.#updateSandbox(view);
    for (const step of this.#steps) {
      if (this.#state.stopping.has(step.run.id)) continue;
      try {
        if (step.type === "update") await this.#resize.update(step);
        else await this.#restart(step.run, view);
        any = true;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        this.#tell("Warning", "ResizeError", `Pod resize failed for container ${step.run.name}: ${message}`);
        this.retryAtMs = this.#tools.clock.now() + retryMs;
      }
    }
    if (any) await this.#updateSandbox(view);
    return any;
  }

  async #updateSandbox({ pod }: PodView): Promise<void> {
    const { runtime, log } = this.#tools;
    const { status: _, ...bare } = pod;
    for (const sandboxId of new Set(this.#steps.map(({ run }) => run.sandboxId)))
      await runtime
        .updateSandboxResources?.(sandboxId, podResources(bare))
        .catch((error: unknown) =>
          log.debug("resources of a pod as a whole not changed", { pod: pod.metadata.name, error: String(error) }),
        );
  }

  #restart(run: ContainerRecord, view: PodView): Promise<void> {
    const graceMs = view.pod.spec.terminationGracePeriodSeconds * 1000;
    const message = `Container ${run.name} resize requires restart`;
    return carryOut({ type: "kill", run, graceMs, message }, view, this.#state, this.#tools);
  }

  #done(): void {
    if (this.#told.startsWith("ResizeStarted"))
      tell(this.#state, this.#tools, "Normal", "ResizeCompleted", "Pod resize completed");
    this.#told = "";
  }

  #tell(type: "Normal" | "Warning", reason: string, message: string): void {
    if (this.#told === `${reason}${message}`) return;
    this.#told = `${reason}${message}`;
    tell(this.#state, this.#tools, type, reason, message);
  }
}

const retryMs = 5_000;
