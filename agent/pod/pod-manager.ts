import type { Pod } from "../../api/core/pod/pod.js";
import { equal } from "../../base/equal.js";
import { messageOf } from "../../base/error-text.js";
import type { ContainerRecord, Sandbox } from "../runtime/runtime.js";
import { within } from "../within.js";
import { graceAnnotation } from "./act.js";
import type { Dismissal } from "./dismissal.js";
import type { NodeView } from "./pod-source.js";
import { isStaticPod } from "./static/manifest.js";
import { tell, type WorkerTools } from "./tools.js";
import { PodWorker } from "./worker.js";

/** Why a pod is not let in, given those that are. */
export type Admit = (pod: Pod, others: readonly Pod[]) => Dismissal | undefined;

/** One worker a pod: of those bound to this node, and of those that the API server has forgotten while they ran on. */
export class PodManager {
  readonly #tools: WorkerTools;
  readonly #view: NodeView;
  readonly #workers = new Map<string, PodWorker>();
  readonly #unsubscribe: (() => void)[] = [];
  /** Files being brought up to date, by pod. */
  readonly #refreshing = new Map<string, { readonly turn: Promise<void>; readonly stop: AbortController }>();
  /** Pods whose files are being removed: none may be written any more. */
  readonly #leaving = new Set<string>();
  readonly #closing = new AbortController();
  #closed = false;

  readonly #admit: Admit;
  /** Pods of which the runtime had something when this agent began: they were let in before. */
  #known: ReadonlySet<string> = new Set();

  constructor(tools: Omit<WorkerTools, "forget" | "active">, view: NodeView, admit: Admit = () => undefined) {
    this.#view = view;
    this.#admit = admit;
    this.#tools = { ...tools, forget: (pod) => this.#forget(pod), active: () => this.active() };
  }

  /** Takes up what runs and what should; resolves when what was replaced meanwhile has ended. */
  async start(): Promise<void> {
    const { runtime, volumes } = this.#tools;
    const found = await this.#found();
    if (!found) return;
    const { sandboxes, containers } = found;
    const known = new Set(this.#view.pods().map(({ metadata }) => metadata.uid));
    this.#known = new Set(sandboxes.map(({ pod }) => pod.uid));
    const orphans = new Map<string, Sandbox>(
      sandboxes.filter(({ pod }) => !known.has(pod.uid)).map((sandbox) => [sandbox.pod.uid, sandbox]),
    );
    for (const uid of volumes.known()) if (!known.has(uid) && !orphans.has(uid)) await volumes.remove(uid);
    const ended = [...orphans.values()].map((sandbox) => this.#begin(podOf(sandbox, containers), true).done);
    this.#unsubscribe.push(
      runtime.onEvent(({ podUid, containerId, warning }) => {
        const worker = this.#workers.get(podUid);
        if (warning && worker) {
          tell(
            { pod: worker.pod },
            this.#tools,
            "Warning",
            warning.reason,
            warning.message,
            nameIn(worker.pod, containerId),
          );
        }
        if (worker) worker.wake();
        else void this.#endStray(podUid);
      }),
    );
    this.#unsubscribe.push(this.#view.onPod((pod, gone) => this.#changed(pod, gone)));
    await within(this.#tools.clock, orphansMaxMs, Promise.all(ended));
  }

  /** What the runtime has. It may come later than this agent: what runs there is not to be started twice. */
  async #found() {
    const { runtime, clock, log } = this.#tools;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        return { sandboxes: await runtime.sandboxes(), containers: await runtime.containers() };
      } catch (error) {
        log.warn("the runtime's pods cannot be listed, none is started", { error: messageOf(error) });
        await clock.sleep(findRetryMs, signal);
      }
    }
    return undefined;
  }

  /** The runtime may show again what it did not show when its pod was forgotten: a container runtime that was restarted. */
  async #endStray(uid: string): Promise<void> {
    const { runtime } = this.#tools;
    const isKnown = (): boolean =>
      this.#closed || this.#workers.has(uid) || this.#view.pods().some(({ metadata }) => metadata.uid === uid);
    if (isKnown()) return;
    const found = [runtime.sandboxes({ podUid: uid }), runtime.containers({ podUid: uid })] as const;
    // Of a runtime that is away more is heard when it is back.
    const [[sandbox], containers] = await Promise.all(found).catch(() => [[], []] as const);
    if (sandbox && !isKnown()) this.#begin(podOf(sandbox, containers), true);
  }

  pods(): readonly Pod[] {
    return [...this.#workers.values()].map(({ pod }) => pod);
  }

  /** Those that take their part of the node: neither over nor about to be forgotten. */
  active(): readonly Pod[] {
    return [...this.#workers.values()]
      .filter(({ pod, isGone }) => !isGone && pod.status?.phase !== "Succeeded" && pod.status?.phase !== "Failed")
      .map(({ allocated }) => allocated);
  }

  /** Ends a pod for good. False where it is unknown here, or is ending for good already. */
  dismiss(uid: string, dismissal: Dismissal): boolean {
    const worker = this.#workers.get(uid);
    if (!worker || worker.isDismissed || worker.isGone) return false;
    worker.dismiss(dismissal);
    return true;
  }

  /** Brings files made from objects up to date, one pod after the other. */
  async refresh(signal: AbortSignal): Promise<void> {
    for (const worker of [...this.#workers.values()]) {
      if (signal.aborted) return;
      await this.#refreshOne(worker, signal);
    }
  }

  /** One at a time for each pod: what was read first must not be written last. */
  #refreshOne(worker: PodWorker, signal: AbortSignal): Promise<void> {
    const { uid } = worker;
    const before = this.#refreshing.get(uid)?.turn ?? Promise.resolve();
    const stop = this.#refreshing.get(uid)?.stop ?? new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    const turn = before.then(async () => {
      const { pod } = worker;
      if (isOver(pod) && (pod.spec.volumes ?? []).some(({ emptyDir }) => emptyDir?.medium === "Memory"))
        await this.#tools.volumes
          .giveBackMemory(uid)
          .catch((error: unknown) =>
            this.#tools.log.warn("memory of volumes not given back", { pod: pod.metadata.name, error: String(error) }),
          );
      if (either.aborted || this.#leaving.has(uid) || this.#workers.get(uid) !== worker || !hasLiveFiles(pod)) return;
      await this.#tools.volumes.prepare(pod, either).catch((error: unknown) =>
        this.#tools.log.warn("volumes not refreshed", {
          pod: pod.metadata.name,
          error: error instanceof Error ? error.message : String(error),
        }),
      );
    });
    this.#refreshing.set(uid, { turn, stop });
    return turn.finally(() => {
      if (this.#refreshing.get(uid)?.turn === turn) this.#refreshing.delete(uid);
    });
  }

  /** Lets go of all pods; with `endGraceMs` ends them first. */
  async stop(endGraceMs: number | undefined): Promise<void> {
    this.#closed = true;
    this.#closing.abort();
    for (const unsubscribe of this.#unsubscribe.splice(1)) unsubscribe();
    const workers = [...this.#workers.values()];
    if (endGraceMs !== undefined) await this.#endAll(workers, endGraceMs);
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await within(this.#tools.clock, letGoMaxMs, Promise.all(workers.map((worker) => worker.stop())));
  }

  /** Whatever a worker waits for: what still runs a moment after the grace is killed. */
  async #endAll(workers: readonly PodWorker[], graceMs: number): Promise<void> {
    const { clock, runtime, log } = this.#tools;
    await within(clock, graceMs + afterGraceMs, Promise.all(workers.map((worker) => worker.shutDown(graceMs))));
    const left = (await runtime.containers()).filter(({ state }) => state === "running");
    if (left.length === 0) return;
    log.warn("containers outlived their grace", { containers: left.map(({ pod, name }) => `${pod.name}/${name}`) });
    const sandboxes = new Set(left.map(({ sandboxId }) => sandboxId));
    await within(clock, letGoMaxMs, Promise.all([...sandboxes].map((id) => runtime.stopSandbox(id))));
  }

  #changed(pod: Pod, gone: boolean): void {
    const worker = this.#workers.get(pod.metadata.uid);
    if (worker) {
      const { labels, annotations } = worker.pod.metadata;
      worker.update(gone ? undefined : pod);
      // Files may show them.
      if (!gone && !(equal(labels, pod.metadata.labels) && equal(annotations, pod.metadata.annotations)))
        void this.#refreshOne(worker, this.#closing.signal);
    } else if (!gone && !this.#closed) this.#begin(pod, false);
  }

  #begin(pod: Pod, gone: boolean): PodWorker {
    const others = this.active();
    const worker = new PodWorker(pod, gone, this.#tools);
    this.#workers.set(pod.metadata.uid, worker);
    if (!gone && isNew(pod) && !this.#known.has(worker.uid)) this.#turnAway(worker, others);
    return worker;
  }

  #turnAway(worker: PodWorker, others: readonly Pod[]): void {
    const refusal = this.#admit(worker.pod, others);
    if (!refusal) return;
    const message = refusal.message.replace(/^Pod was rejected: /, "");
    tell({ pod: worker.pod }, this.#tools, "Warning", refusal.reason, message);
    worker.dismiss(refusal);
  }

  async #forget(pod: Pod): Promise<void> {
    const { uid } = pod.metadata;
    this.#leaving.add(uid);
    try {
      const refresh = this.#refreshing.get(uid);
      refresh?.stop.abort();
      // What is read meanwhile is not written any more.
      if (refresh) await within(this.#tools.clock, refreshEndMaxMs, refresh.turn);
      await this.#tools.volumes.remove(uid);
    } finally {
      this.#leaving.delete(uid);
    }
    this.#workers.delete(uid);
    // Its file may have come back while it ended.
    const again = isStaticPod(pod) && this.#view.pods().find(({ metadata }) => metadata.uid === pod.metadata.uid);
    if (again && !this.#closed) this.#begin(again, false);
  }
}

/** A volume in memory that is just being mounted is there, or not, by then. */
const refreshEndMaxMs = 1_000;

const nameIn = ({ status }: Pod, id: string | undefined): string | undefined =>
  [status?.containerStatuses, status?.initContainerStatuses, status?.ephemeralContainerStatuses]
    .flatMap((statuses) => statuses ?? [])
    .find(({ containerID }) => id !== undefined && containerID?.endsWith(`//${id}`))?.name;

const isOver = ({ status }: Pick<Pod, "status">): boolean =>
  status?.phase === "Succeeded" || status?.phase === "Failed";

/** Only what was set up before is kept up to date: the first time belongs to the pod's start. */
const hasLiveFiles = ({ metadata, spec, status }: Pod): boolean =>
  (spec.volumes ?? []).length > 0 &&
  metadata.deletionTimestamp === undefined &&
  status?.podIP !== undefined &&
  !isOver({ status });

/** No agent has begun with it. */
const isNew = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined && (status?.phase ?? "Pending") === "Pending" && !status?.startTime;

/** On the way down: for hooks, kills and last words after the grace; then for what hangs. */
const afterGraceMs = 3_000;
const letGoMaxMs = 2_000;
const findRetryMs = 1_000;
/** What had to be replaced holds up the node's start no longer than this. */
const orphansMaxMs = 35_000;

/** The pod behind a sandbox of which the API server knows nothing any more: enough to end it. */
function podOf({ pod: { uid, name, namespace }, annotations }: Sandbox, containers: readonly ContainerRecord[]): Pod {
  const names = new Set(containers.filter(({ pod }) => pod.uid === uid).map((container) => container.name));
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { uid, name, namespace, resourceVersion: "0", creationTimestamp: "" },
    spec: {
      containers: [...names].map((container) => ({
        name: container,
        resources: {},
        terminationMessagePath: "",
        terminationMessagePolicy: "File",
      })),
      restartPolicy: "Never",
      terminationGracePeriodSeconds: Math.min(
        orphanGraceMaxSeconds,
        Number(annotations[graceAnnotation] ?? orphanGraceMaxSeconds),
      ),
      dnsPolicy: "Default",
      securityContext: {},
      schedulerName: "",
      enableServiceLinks: false,
    },
  };
}

const orphanGraceMaxSeconds = 30;
