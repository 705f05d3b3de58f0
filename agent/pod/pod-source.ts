import { type Node, nodes } from "../../api/core/node/node.js";
import { type Pod, pods } from "../../api/core/pod/pod.js";
import type { Informers } from "../../client/informer/informers.js";

/** What an agent sees of the cluster: its own node, and the pods bound to it. */
export interface NodeView {
  synced(signal: AbortSignal): Promise<void>;
  pods(): readonly Pod[];
  pod(namespace: string, name: string): Pod | undefined;
  node(): Node | undefined;
  /** Calls for what is known and for every change; `gone` when the pod left the API server. Answers the function that ends it. */
  onPod(handler: (pod: Pod, gone: boolean) => void): () => void;
  onNode(handler: (node: Node) => void): () => void;
}

/** The view of one node by watches of its own: all that a node's identity may read. */
export function ownView(informers: Informers, nodeName: string): NodeView {
  const podInformer = informers.for(pods, { fieldSelector: `spec.nodeName=${nodeName}` });
  const nodeInformer = informers.for(nodes, { fieldSelector: `metadata.name=${nodeName}` });
  podInformer.start();
  nodeInformer.start();
  return {
    synced: async (signal) => {
      await Promise.all([podInformer.synced(signal), nodeInformer.synced(signal)]);
    },
    pods: () => podInformer.list(),
    pod: (namespace, name) => podInformer.get(namespace, name),
    node: () => nodeInformer.get("", nodeName),
    onPod: (handler) => podInformer.onEvent(({ type, object }) => handler(object, type === "deleted")),
    onNode: (handler) =>
      nodeInformer.onEvent(({ type, object }) => {
        if (type !== "deleted") handler(object);
      }),
  };
}

/** Views of many nodes that share one watch of all pods and one of all nodes. */
export function sharedViews(informers: Informers): (nodeName: string) => NodeView {
  const podInformer = informers.for(pods);
  const nodeInformer = informers.for(nodes);
  podInformer.addIndex("spec.nodeName", ({ spec }) => (spec.nodeName === undefined ? [] : [spec.nodeName]));
  podInformer.start();
  nodeInformer.start();
  const podHandlers = new Map<string, Set<(pod: Pod, gone: boolean) => void>>();
  const nodeHandlers = new Map<string, Set<(node: Node) => void>>();
  podInformer.onEvent(({ type, object }) => {
    for (const handler of podHandlers.get(object.spec.nodeName ?? "") ?? []) handler(object, type === "deleted");
  });
  nodeInformer.onEvent(({ type, object }) => {
    if (type !== "deleted") for (const handler of nodeHandlers.get(object.metadata.name) ?? []) handler(object);
  });
  return (nodeName) => ({
    synced: async (signal) => {
      await Promise.all([podInformer.synced(signal), nodeInformer.synced(signal)]);
    },
    pods: () => podInformer.byIndex("spec.nodeName", nodeName),
    pod: (namespace, name) => {
      const found = podInformer.get(namespace, name);
      return found?.spec.nodeName === nodeName ? found : undefined;
    },
    node: () => nodeInformer.get("", nodeName),
    onPod(handler) {
      for (const pod of podInformer.byIndex("spec.nodeName", nodeName)) handler(pod, false);
      return subscribe(podHandlers, nodeName, handler);
    },
    onNode(handler) {
      const node = nodeInformer.get("", nodeName);
      if (node) handler(node);
      return subscribe(nodeHandlers, nodeName, handler);
    },
  });
}

function subscribe<H>(handlers: Map<string, Set<H>>, key: string, handler: H): () => void {
  const known = handlers.get(key) ?? new Set<H>();
  handlers.set(key, known.add(handler));
  return () => {
    known.delete(handler);
    if (known.size === 0) handlers.delete(key);
  };
}
