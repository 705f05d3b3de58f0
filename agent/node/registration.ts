import { type Node, nodes } from "../../api/core/node/node.js";
import type { NodeStatus } from "../../api/core/node/status.js";
import type { Taint } from "../../api/core/node/taint.js";
import { StatusError } from "../../apimachinery/status.js";
import { backoffMs } from "../../base/backoff.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/log.js";
import type { Client } from "../../client/client.js";
import type { Recorder } from "../../client/events.js";
import type { Runtime } from "../runtime/runtime.js";
import { conditionEvents } from "./condition-events.js";
import type { HostFacts, HostPressure } from "./host.js";
import { nodeReference } from "./node-reference.js";
import { hasLabels, isSameStatus, nodeLabels, nodeStatus } from "./node-status.js";

export interface NodeReporterOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly nodeName: string;
  readonly runtime: Runtime;
  readonly host: HostFacts;
  readonly recorder: Recorder;
  readonly resources: () => NodeFigures;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly version: string;
  readonly addresses: () => readonly string[];
  readonly serverPort: () => number | undefined;
  /** The node as it was last seen: others write to it too. */
  readonly seen: () => Node | undefined;
  /** Called before each report, with the node as it stands: what it says may decide what is reported. */
  readonly prepare: (node: Node) => Promise<void>;
}

/** What the status tells of the node's resources. */
export interface NodeFigures {
  readonly capacity: Readonly<Record<string, string>>;
  readonly allocatable: Readonly<Record<string, string>>;
  readonly pressure: HostPressure;
  readonly isShuttingDown: boolean;
}

/** Registers the node and keeps its status true: written when it changed, and every 5 minutes. */
export class NodeReporter {
  readonly #options: NodeReporterOptions;
  #node: Node | undefined;
  #writtenAtMs = Number.NEGATIVE_INFINITY;
  #wake: (() => void) | undefined;
  #dirty = false;

  constructor(options: NodeReporterOptions) {
    this.#options = options;
  }

  get uid(): string | undefined {
    return this.#node?.metadata.uid;
  }

  /** Something that the status tells has changed. */
  changed(): void {
    this.#dirty = true;
    this.#wake?.();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, nodeName } = this.#options;
    for (let failures = 0; !signal.aborted; ) {
      try {
        this.#dirty = false;
        await this.#report(signal);
        failures = 0;
        if (!this.#dirty) await this.#rest(checkEveryMs, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#node = undefined;
        failures++;
        if (failures > 3) log.warn("node status not written", { node: nodeName, error: String(error) });
        await clock.sleep(backoffMs(retryBackoff, failures), signal);
      }
    }
  }

  async #report(signal: AbortSignal): Promise<void> {
    const { client, clock, recorder, nodeName } = this.#options;
    const node = this.#newest() ?? (await this.#register(signal));
    await this.#options.prepare(node);
    const status = await this.#statusNow(node);
    const isNews = !isSameStatus(node.status, status) || clock.now() - this.#writtenAtMs >= heartbeatEveryMs;
    if (isNews) {
      this.#node = await client.update(nodes, { ...node, status }, { subresource: "status", signal });
      this.#writtenAtMs = clock.now();
      for (const event of conditionEvents(nodeName, node.status, status))
        recorder.record({ about: nodeReference(nodeName), ...event });
    } else this.#node = node;
  }

  /** What was written or seen last; nothing before it was registered by this process. */
  #newest(): Node | undefined {
    const seen = this.#options.seen();
    if (!this.#node || !seen || seen.metadata.uid !== this.#node.metadata.uid) return this.#node;
    return Number(seen.metadata.resourceVersion) > Number(this.#node.metadata.resourceVersion) ? seen : this.#node;
  }

  async #register(signal: AbortSignal): Promise<Node> {
    const { client, nodeName, host, labels, taints } = this.#options;
    const own = { ...nodeLabels(nodeName, host), ...labels };
    try {
      const node = await client.get(nodes, { name: nodeName }, { signal });
      if (hasLabels(node, own)) return node;
      return await client.patch(
        nodes,
        { name: nodeName },
        { type: "merge", body: { metadata: { labels: own } } },
        { signal },
      );
    } catch (error) {
      if (!(error instanceof StatusError && error.reason === "NotFound")) throw error;
    }
    return client.create(
      nodes,
      { metadata: { name: nodeName, labels: own }, spec: taints.length > 0 ? { taints } : {} },
      { signal },
    );
  }

  async #statusNow({ status: before }: Node): Promise<NodeStatus> {
    const { nodeName, host, runtime, clock, version } = this.#options;
    const conditions = await runtime.conditions();
    const runs = conditions.every(({ type, status }) => type !== "RuntimeReady" || status);
    return nodeStatus({
      nodeName,
      before,
      host,
      version,
      resources: this.#options.resources(),
      runtime: {
        name: runtime.name,
        version: runtime.version,
        conditions,
        images: runs ? await runtime.images() : undefined,
      },
      addresses: this.#options.addresses(),
      serverPort: this.#options.serverPort(),
      nowMs: clock.now(),
    });
  }

  async #rest(ms: number, signal: AbortSignal): Promise<void> {
    const early = new AbortController();
    this.#wake = () => early.abort();
    await this.#options.clock.sleep(ms, AbortSignal.any([signal, early.signal]));
    this.#wake = undefined;
  }
}

const checkEveryMs = 10_000;
const heartbeatEveryMs = 300_000;
const retryBackoff = { baseMs: 50, maxMs: 10_000 };
