import type { Pod } from "../../api/core/pod/pod.js";
import { backoffMs } from "../../base/backoff.js";
import type { Timer } from "../../base/clock.js";
import { PodHealth } from "../probes/health.js";
import { within } from "../within.js";
import { carryOut, tellBackOffs } from "./act.js";
import { containersOf } from "./containers.js";
import type { Dismissal } from "./dismissal.js";
import { lastWords } from "./last-words.js";
import { type PodPlan, planPod } from "./plan.js";
import { PodResizer } from "./resizer.js";
import { withAddresses } from "./sandbox.js";
import { isStaticPod } from "./static/manifest.js";
import { MirrorStatus } from "./static/mirror-status.js";
import { podStatus } from "./status.js";
import { type StatusKeeper, StatusWriter } from "./status-writer.js";
import { tell, type WorkerTools } from "./tools.js";
import { deadlineExceeded, endingOf, type PodView, type StartFailure } from "./view.js";

/** What one worker keeps between two rounds; `act.ts` fills it in. */
export interface PodState {
  pod: Pod;
  gone: boolean;
  readonly failures: Map<string, StartFailure>;
  readonly stopping: Map<string, number>;
  /** Runs ended for another definition of their container, by id. */
  readonly replaced: Set<string>;
  /** What ended runs left as their last word, by container id. */
  readonly messages: Map<string, string>;
  /** Until when each container was last said to be held back. */
  readonly told: Map<string, number>;
  readonly status: StatusKeeper;
  readonly signal: AbortSignal;
  /** Aborted as soon as the pod has to end: what waits for it to start stops waiting. */
  readonly ending: AbortController;
  wake(): void;
}

/**
 * Looks after one pod: observe, plan, act, tell, until nothing of it is left. Whatever happens in it stays in it: a
 * round that fails is tried again, later each time.
 */
export class PodWorker {
  readonly #tools: WorkerTools;
  readonly #state: PodState;
  readonly #health: PodHealth;
  readonly #stop = new AbortController();
  #dirty = true;
  #wakeUp: (() => void) | undefined;
  #alarm: Timer | undefined;
  #endingSinceMs: number | undefined;
  #shutdownByMs: number | undefined;
  #dismissal: Dismissal | undefined;
  readonly #resize: PodResizer;
  /** Rounds that followed each other without a pause. */
  #inARow = 0;
  readonly #quiet = new Set<() => void>();
  readonly done: Promise<void>;

  constructor(pod: Pod, gone: boolean, tools: WorkerTools) {
    this.#tools = tools;
    this.#state = {
      pod,
      gone,
      failures: new Map(),
      stopping: new Map(),
      replaced: new Set(),
      messages: new Map(),
      told: new Map(),
      status: isStaticPod(pod)
        ? new MirrorStatus(pod, { ...tools, signal: this.#stop.signal })
        : new StatusWriter(pod, { ...tools, signal: this.#stop.signal }),
      signal: this.#stop.signal,
      ending: new AbortController(),
      wake: () => this.wake(),
    };
    this.#health = new PodHealth(tools, () => this.wake());
    this.#resize = new PodResizer(this.#state, tools);
    this.done = this.#run();
  }

  get uid(): string {
    return this.#state.pod.metadata.uid;
  }

  get pod(): Pod {
    return this.#state.status.apply(this.#state.pod);
  }

  /** With the resources that the node has promised it. */
  get allocated(): Pod {
    return this.#resize.allocated(this.pod);
  }

  /** The pod changed at the API server; undefined: it is there no more. */
  update(pod: Pod | undefined): void {
    if (pod) {
      forgetFailuresOfImages(this.#state.pod, pod, this.#state.failures);
      this.#state.pod = pod;
      this.#state.status.seen(pod);
    } else this.#state.gone = true;
    this.#noteEnding();
    this.wake();
  }

  /** Something happened to it in the runtime. */
  wake(): void {
    this.#dirty = true;
    this.#wakeUp?.();
  }

  /** The pod is over: it ends, Failed. Said once; what is said after that changes nothing. */
  dismiss(dismissal: Dismissal): void {
    if (this.#dismissal) return;
    this.#dismissal = dismissal;
    this.#noteEnding();
    this.wake();
  }

  get isDismissed(): boolean {
    return this.#dismissal !== undefined;
  }

  get isGone(): boolean {
    return this.#state.gone;
  }

  /** Ends what runs, within the grace; resolves when nothing does. The pod itself stays. */
  async shutDown(graceMs: number): Promise<void> {
    this.#shutdownByMs = this.#tools.clock.now() + graceMs;
    this.#noteEnding();
    this.wake();
    await new Promise<void>((resolve) => {
      this.#quiet.add(resolve);
      void this.done.then(resolve);
    });
    await within(this.#tools.clock, lastWriteMaxMs, this.#state.status.settled());
  }

  /** Lets go without touching what runs. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wakeUp?.();
    await this.done;
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#stop.signal.aborted; ) {
      await this.#woken();
      if (this.#stop.signal.aborted) break;
      try {
        if (await this.#round()) break;
        failures = 0;
      } catch (error) {
        if (this.#stop.signal.aborted) break;
        failures++;
        this.#tools.log.error("pod worker failed", {
          pod: this.#state.pod.metadata.name,
          uid: this.uid,
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
        });
        await this.#tools.clock.sleep(backoffMs(failureBackoff, failures), this.#stop.signal);
        this.#dirty = true;
      }
    }
    this.#alarm?.cancel();
    this.#health.close();
    this.#stop.abort();
  }

  /** True when nothing is left to look after. */
  async #round(): Promise<boolean> {
    const view = await this.#observe();
    const plan = planPod(view);
    if (!this.#state.gone) this.#state.status.write(podStatus(view, plan, this.#tools.facts()));
    this.#sleepUntil(plan);
    if (!plan.final && (await this.#resize.carryOut(view))) this.#dirty = true;
    for (const step of plan.steps) {
      if (step.type === "forget") {
        await this.#tools.forget(this.#state.pod);
        return true;
      }
      await carryOut(step, view, this.#state, this.#tools);
      if (step.type !== "release") this.#dirty = true;
    }
    tellBackOffs(plan, view, this.#state, this.#tools);
    this.#settle(view);
    return false;
  }

  async #observe(): Promise<PodView> {
    const { runtime, clock } = this.#tools;
    const pod = this.#state.status.apply(this.#state.pod);
    const [found, containers] = await Promise.all([
      runtime.sandboxes({ podUid: this.uid }),
      runtime.containers({ podUid: this.uid }),
    ]);
    const sandboxes = withAddresses(found, pod, this.#tools.facts().hostIPs);
    for (const { id, state } of containers) if (state === "exited") this.#state.stopping.delete(id);
    for (const id of this.#state.replaced)
      if (!containers.some((run) => run.id === id)) this.#state.replaced.delete(id);
    await lastWords(containers, pod, this.#state, this.#tools);
    const running = containers.filter(({ state }) => state === "running");
    const resize = this.#resize.look(pod, containers);
    this.#health.update(pod, running, new Set(this.#state.stopping.keys()), sandboxes);
    const view: PodView = {
      pod: this.#resize.allocated(pod),
      resize,
      sandboxes,
      containers,
      gone: this.#state.gone,
      health: this.#health.now(),
      failures: this.#state.failures,
      stopping: this.#state.stopping,
      replaced: this.#state.replaced,
      messages: this.#state.messages,
      endingSinceMs: this.#endingSinceMs,
      shutdownByMs: this.#shutdownByMs,
      dismissal: this.#dismissal,
      restartBackOffMaxMs: this.#tools.restartBackOffMaxMs,
      nowMs: clock.now(),
    };
    return this.#noteEnding() ? { ...view, endingSinceMs: this.#endingSinceMs } : view;
  }

  /** As soon as the pod has to end, and not only in the next round: the one under way may wait for its start. */
  #noteEnding(): boolean {
    const { status, pod, gone, ending } = this.#state;
    const nowMs = this.#tools.clock.now();
    const known = { shutdownByMs: this.#shutdownByMs, dismissal: this.#dismissal };
    const found = endingOf({ pod: status.apply(pod), gone, ...known, nowMs });
    if (!found) return false;
    ending.abort();
    if (found.why === "deadline" && this.#endingSinceMs === undefined)
      tell(this.#state, this.#tools, "Normal", deadlineExceeded.reason, deadlineExceeded.message);
    this.#endingSinceMs ??= nowMs;
    return true;
  }

  #sleepUntil(plan: PodPlan): void {
    this.#alarm?.cancel();
    this.#alarm = undefined;
    const wakeAtMs = Math.min(plan.wakeAtMs ?? never, this.#resize.retryAtMs ?? never);
    if (wakeAtMs === never) return;
    const delayMs = Math.min(maxSleepMs, Math.max(0, wakeAtMs - this.#tools.clock.now()));
    this.#alarm = this.#tools.clock.after(delayMs, () => {
      this.#noteEnding();
      this.wake();
    });
  }

  /** On the way down a pod is done with once nothing of it runs. */
  #settle({ containers, sandboxes }: PodView): void {
    if (this.#shutdownByMs === undefined) return;
    if (containers.some(({ state }) => state === "running") || sandboxes.some(({ state }) => state === "ready")) return;
    for (const resolve of [...this.#quiet]) resolve();
  }

  async #woken(): Promise<void> {
    // A runtime in which steps change nothing must not take the whole process for itself.
    this.#inARow = this.#dirty ? this.#inARow + 1 : 0;
    if (this.#inARow > freeRounds)
      await this.#tools.clock.sleep(Math.min(slowRoundMaxMs, 2 ** (this.#inARow - freeRounds)), this.#stop.signal);
    if (!this.#dirty) {
      await new Promise<void>((resolve) => {
        this.#wakeUp = resolve;
      });
    }
    this.#wakeUp = undefined;
    this.#dirty = false;
  }
}

const never = Number.POSITIVE_INFINITY;
/** Who has given a container another image need not wait until the old one would be tried again. */
function forgetFailuresOfImages(before: Pod, now: Pod, failures: Map<string, StartFailure>): void {
  for (const { container } of containersOf(now)) {
    const old = containersOf(before).find((other) => other.container.name === container.name)?.container;
    if (old?.image !== container.image) failures.delete(container.name);
  }
}

/** A pod that ends with its node need not have told the API server. */
const lastWriteMaxMs = 2_000;
/** More rounds in a row than any pod needs to come to rest. */
const freeRounds = 16;
const slowRoundMaxMs = 1_000;
const failureBackoff = { baseMs: 100, maxMs: 30_000 };
/** A timer takes no longer delay than 2^31 ms. */
const maxSleepMs = 24 * 3600 * 1000;
