import type { Node } from "../api/core/node/node.js";
import type { Pod } from "../api/core/pod/pod.js";
import { emptyNodeInfo, type NodeInfo, type Snapshot, withNode, withoutPod, withPod } from "./node-info.js";

/**
 * Nodes and the pods on them, kept up with events one node at a time. A pod that was given a node counts there from
 * that moment (assumed), before the API server's answer and the watch confirm it.
 */
export class SchedulerCache {
  readonly #nodes: NodeInfo[] = [];
  readonly #at = new Map<string, number>();
  readonly #byName = new Map<string, NodeInfo>();
  /** Pods on nodes that are not (or no longer) known. */
  readonly #homeless = new Map<string, Map<string, Pod>>();
  /** Where each pod counts now. */
  readonly #placed = new Map<string, { readonly pod: Pod; readonly node: string }>();
  readonly #assumed = new Set<string>();
  readonly #imageNodes = new Map<string, number>();

  readonly snapshot: Snapshot = { nodes: this.#nodes, byName: this.#byName, imageNodes: this.#imageNodes };

  setNode(node: Node): { readonly before: NodeInfo | undefined; readonly after: NodeInfo } {
    const { name } = node.metadata;
    const before = this.#byName.get(name);
    const waiting = this.#homeless.get(name)?.values() ?? [];
    let after = before ? withNode(before, node) : emptyNodeInfo(node);
    if (!before) for (const pod of waiting) after = withPod(after, pod);
    this.#homeless.delete(name);
    this.#countImages(before, -1);
    this.#countImages(after, 1);
    this.#store(after);
    return { before, after };
  }

  deleteNode(name: string): void {
    const info = this.#byName.get(name);
    const at = this.#at.get(name);
    if (!info || at === undefined) return;
    this.#countImages(info, -1);
    if (info.pods.length > 0) this.#homeless.set(name, new Map(info.pods.map((pod) => [pod.metadata.uid, pod])));
    this.#byName.delete(name);
    this.#at.delete(name);
    const last = this.#nodes.pop();
    if (last && last !== info) {
      this.#nodes[at] = last;
      this.#at.set(last.node.metadata.name, at);
    }
  }

  /** Counts the pod on the node until the watch confirms it or `forget` takes it back. */
  assume(pod: Pod, node: string): void {
    this.#place(pod, node);
    this.#assumed.add(pod.metadata.uid);
  }

  /** The binding failed. */
  forget(uid: string): void {
    if (this.#assumed.has(uid)) this.deletePod(uid);
  }

  /** A pod with a node, as the API has it. */
  setPod(pod: Pod): void {
    const { uid } = pod.metadata;
    const { nodeName = "" } = pod.spec;
    this.#assumed.delete(uid);
    const known = this.#placed.get(uid);
    if (known?.pod === pod) return;
    if (known) this.deletePod(uid);
    this.#place(pod, nodeName);
  }

  /** The node that the pod stood on. */
  deletePod(uid: string): string | undefined {
    const placed = this.#placed.get(uid);
    this.#assumed.delete(uid);
    if (!placed) return undefined;
    this.#placed.delete(uid);
    const info = this.#byName.get(placed.node);
    if (info) this.#store(withoutPod(info, placed.pod));
    else this.#leave(uid, placed.node);
    return placed.node;
  }

  #leave(uid: string, node: string): void {
    const waiting = this.#homeless.get(node);
    waiting?.delete(uid);
    if (waiting?.size === 0) this.#homeless.delete(node);
  }

  #place(pod: Pod, node: string): void {
    this.#placed.set(pod.metadata.uid, { pod, node });
    const info = this.#byName.get(node);
    if (info) {
      this.#store(withPod(info, pod));
      return;
    }
    const waiting = this.#homeless.get(node) ?? new Map<string, Pod>();
    this.#homeless.set(node, waiting.set(pod.metadata.uid, pod));
  }

  #store(info: NodeInfo): void {
    const { name } = info.node.metadata;
    const at = this.#at.get(name) ?? this.#nodes.length;
    this.#nodes[at] = info;
    this.#at.set(name, at);
    this.#byName.set(name, info);
  }

  #countImages(info: NodeInfo | undefined, sign: 1 | -1): void {
    for (const image of info?.images.keys() ?? []) {
      const count = (this.#imageNodes.get(image) ?? 0) + sign;
      if (count > 0) this.#imageNodes.set(image, count);
      else this.#imageNodes.delete(image);
    }
  }
}
