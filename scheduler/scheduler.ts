import { type Node, nodes as nodeResource } from "../api/core/node/node.js";
import { type Pod, pods as podResource } from "../api/core/pod/pod.js";
import { type Clock, toTime } from "../base/clock.js";
import { stackOf } from "../base/error-text.js";
import type { Lifecycle } from "../base/lifecycle.js";
import type { Logger } from "../base/log.js";
import type { Random } from "../base/random.js";
import { untilAborted } from "../base/until-aborted.js";
import { yieldToLoop } from "../base/yield.js";
import type { Client } from "../client/client.js";
import type { Recorder } from "../client/events.js";
import type { Informers } from "../client/informer/informers.js";
import { SchedulerCache } from "./cache.js";
import { type Decision, decide, failureMessage } from "./cycle.js";
import type { ClusterEvent, WeightedPlugin } from "./framework.js";
import type { SchedulerMeter } from "./metrics.js";
import type { NodeInfo } from "./node-info.js";
import { defaultProfile } from "./profile.js";
import { type QueuedPod, SchedulingQueue } from "./queue.js";

export interface SchedulerOptions {
  readonly client: Client;
  readonly informers: Informers;
  readonly events: Recorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly meter?: SchedulerMeter;
  /** Pods that name another scheduler are left alone. */
  readonly schedulerName?: string;
  readonly profile?: readonly WeightedPlugin[];
}

/** Assigns every pod without a node to one, until the lifecycle ends. */
export function startScheduler(options: SchedulerOptions, lifecycle: Lifecycle): void {
  const scheduler = new Scheduler(options);
  lifecycle.run("scheduler", (signal) => scheduler.run(signal));
}

const bindingsAtOnce = 128;
/** One turn of the event loop is given this long before others get theirs. */
const turnMs = 5;

class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #name: string;
  readonly #profile: readonly WeightedPlugin[];
  readonly #cache = new SchedulerCache();
  readonly #queue: SchedulingQueue;
  #start = 0;
  #binding = 0;
  #bindingEnded: (() => void) | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#name = options.schedulerName ?? "default-scheduler";
    this.#profile = options.profile ?? defaultProfile;
    this.#queue = new SchedulingQueue({ clock: options.clock, plugins: this.#profile.map(({ plugin }) => plugin) });
    options.meter?.follow(this.#queue);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { informers, clock } = this.#options;
    const nodes = informers.for(nodeResource);
    const pods = informers.for(podResource);
    nodes.start();
    pods.start();
    await Promise.all([nodes.synced(signal), pods.synced(signal)]);
    const offNodes = nodes.onEvent(({ type, object }) =>
      type === "deleted" ? this.#cache.deleteNode(object.metadata.name) : this.#setNode(object),
    );
    const offPods = pods.onEvent((event) =>
      event.type === "deleted"
        ? this.#podGone(event.object)
        : this.#podSeen(event.object, event.type === "updated" ? event.old : undefined),
    );
    while (!signal.aborted) {
      await untilAborted(this.#queue.whenActive(), signal);
      const turnEnd = clock.monotonic() + turnMs;
      while (!signal.aborted && clock.monotonic() < turnEnd) {
        if (this.#binding >= bindingsAtOnce) break;
        const entry = this.#queue.take();
        if (!entry) break;
        this.#schedule(entry);
      }
      if (this.#binding >= bindingsAtOnce) await untilAborted(this.#whenBindingEnds(), signal);
      else await yieldToLoop();
    }
    offNodes();
    offPods();
  }

  #whenBindingEnds(): Promise<void> {
    return new Promise((resolve) => {
      this.#bindingEnded = resolve;
    });
  }

  #schedule(entry: QueuedPod): void {
    const { pod } = entry;
    const { uid } = pod.metadata;
    const { clock, meter } = this.#options;
    const startMs = clock.monotonic();
    let decision: Decision;
    try {
      decision = decide(pod, this.#cache.snapshot, this.#profile, {
        start: this.#start,
        tieBreak: this.#options.random.next(),
      });
    } catch (error) {
      this.#options.log.error("scheduling attempt failed", { pod: nameOf(pod), error: stackOf(error) });
      this.#queue.failed(uid, new Set());
      meter?.attempt("error", clock.monotonic() - startMs);
      return;
    }
    const { nodes } = this.#cache.snapshot;
    this.#start = nodes.length === 0 ? 0 : (this.#start + decision.evaluated) % nodes.length;
    this.#binding++;
    const acting = decision.type === "node" ? this.#bind(pod, decision.node) : this.#turnDown(pod, decision);
    acting
      .then((result) => meter?.attempt(result, clock.monotonic() - startMs))
      .catch((error: unknown) => {
        meter?.attempt("error", clock.monotonic() - startMs);
        this.#options.log.error("scheduling attempt failed", { pod: nameOf(pod), error: stackOf(error) });
      })
      .finally(() => {
        this.#binding--;
        this.#bindingEnded?.();
        this.#bindingEnded = undefined;
      });
  }

  async #bind(pod: Pod, node: string): Promise<"scheduled" | "error"> {
    const { name, namespace = "", uid } = pod.metadata;
    const { client, events, log } = this.#options;
    this.#cache.assume(pod, node);
    try {
      await client.createSub(podResource, { namespace, name }, "binding", {
        apiVersion: "v1",
        kind: "Binding",
        metadata: { name, namespace, uid },
        target: { apiVersion: "v1", kind: "Node", name: node },
      });
    } catch (error) {
      log.info("binding failed", { pod: nameOf(pod), node, error: stackOf(error) });
      this.#cache.forget(uid);
      this.#queue.failed(uid, new Set());
      return "error";
    }
    this.#queue.done(uid);
    events.record({
      about: pod,
      type: "Normal",
      reason: "Scheduled",
      action: "Binding",
      message: `Successfully assigned ${nameOf(pod)} to ${node}`,
    });
    return "scheduled";
  }

  async #turnDown(pod: Pod, decision: Extract<Decision, { readonly type: "none" }>): Promise<"unschedulable"> {
    const { client, events, clock } = this.#options;
    const { name, namespace = "", uid } = pod.metadata;
    const message = failureMessage(decision.nodes, decision.reasons);
    this.#queue.failed(uid, decision.nodes === 0 ? everyPlugin(this.#profile) : decision.rejectedBy);
    events.record({ about: pod, type: "Warning", reason: "FailedScheduling", action: "Scheduling", message });
    const known = pod.status?.conditions?.find(({ type }) => type === "PodScheduled");
    if (known?.status === "False" && known.reason === "Unschedulable" && known.message === message)
      return "unschedulable";
    const since = known?.status === "False" ? known.lastTransitionTime : undefined;
    const condition = {
      type: "PodScheduled",
      status: "False",
      reason: "Unschedulable",
      message,
      lastTransitionTime: since ?? toTime(clock.now()),
    };
    const body = { metadata: { uid }, status: { conditions: [condition] } };
    await client.patch(podResource, { namespace, name }, { type: "strategic", subresource: "status", body });
    return "unschedulable";
  }

  #setNode(node: Node): void {
    const { before, after } = this.#cache.setNode(node);
    for (const event of nodeChanges(before, after)) this.#queue.notice({ event, info: after });
  }

  #podSeen(pod: Pod, old: Pod | undefined): void {
    const { uid, deletionTimestamp } = pod.metadata;
    if (isTerminal(pod)) {
      this.#podGone(pod);
      return;
    }
    if (pod.spec.nodeName) {
      this.#queue.delete(uid);
      this.#cache.setPod(pod);
      const info = this.#cache.snapshot.byName.get(pod.spec.nodeName);
      if (!old?.spec.nodeName) this.#queue.notice({ event: "AssignedPod/Add", info });
      else if (old.metadata.labels !== pod.metadata.labels)
        this.#queue.notice({ event: "AssignedPod/UpdateLabel", info });
      return;
    }
    if (deletionTimestamp || (pod.spec.schedulerName ?? "default-scheduler") !== this.#name) this.#queue.delete(uid);
    else this.#queue.set(pod);
  }

  #podGone(pod: Pod): void {
    const { uid } = pod.metadata;
    this.#queue.delete(uid);
    const node = this.#cache.deletePod(uid);
    if (node !== undefined)
      this.#queue.notice({ event: "AssignedPod/Delete", info: this.#cache.snapshot.byName.get(node) });
  }
}

/** What changed about a node, as far as it could help a waiting pod. */
export function nodeChanges(before: NodeInfo | undefined, after: NodeInfo): readonly ClusterEvent[] {
  if (!before) return ["Node/Add"];
  const changed: ClusterEvent[] = [];
  const old = before.node;
  const { node } = after;
  if (differ(old.status?.allocatable, node.status?.allocatable)) changed.push("Node/UpdateAllocatable");
  if (differ(old.metadata.labels, node.metadata.labels)) changed.push("Node/UpdateLabel");
  if (differ(old.spec.taints, node.spec.taints)) changed.push("Node/UpdateTaint");
  if (old.spec.unschedulable !== node.spec.unschedulable) changed.push("Node/UpdateUnschedulable");
  return changed;
}

const differ = (left: unknown, right: unknown): boolean =>
  left !== right && JSON.stringify(left) !== JSON.stringify(right);
const isTerminal = ({ status }: Pod): boolean => status?.phase === "Succeeded" || status?.phase === "Failed";
const nameOf = ({ metadata: { namespace, name } }: Pod): string => `${namespace}/${name}`;

/** Without nodes nobody was asked: the first node wakes the pod. */
const everyPlugin = (profile: readonly WeightedPlugin[]): ReadonlySet<string> =>
  new Set(profile.map(({ plugin }) => plugin.name));
