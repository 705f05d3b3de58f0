import { type Node, nodes } from "../../../api/core/node/node.js";
import { type Pod, pods } from "../../../api/core/pod/pod.js";
import { type NodeMetrics, nodeMetrics } from "../../../api/metrics/node-metrics.js";
import { type PodMetrics, podMetrics } from "../../../api/metrics/pod-metrics.js";
import { formatDuration } from "../../../apimachinery/duration.js";
import type { KubeObject } from "../../../apimachinery/meta.js";
import { apiVersionOf, groupResourceOf, type ResourceDefinition } from "../../../apimachinery/resource.js";
import { decode } from "../../../apimachinery/schema/decode.js";
import { notFound } from "../../../apimachinery/status.js";
import { toTime } from "../../../base/clock.js";
import type { Reads } from "../../registry/reads.js";
import type { ReadEndpoint } from "../virtual.js";
import { usageBetween } from "./reading.js";
import { type Pair, Readings, type ReadingsOptions } from "./readings.js";

/** metrics.k8s.io, out of the agents' own figures. https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/ */
export function metricsEndpoints(options: ReadingsOptions): readonly ReadEndpoint[] {
  const readings = new Readings(options);
  const nodesOf = (reads: Reads, wanted: readonly Pod[]): readonly Node[] =>
    [...new Set(wanted.map(({ spec }) => spec.nodeName ?? ""))].flatMap((name) => reads.get(nodes, "", name) ?? []);
  const ofPods = async (wanted: readonly Pod[], reads: Reads): Promise<readonly PodMetrics[]> => {
    const pairs = await readings.of(nodesOf(reads, wanted));
    return wanted.flatMap((pod) => metricsOfPod(pod, pairs.get(pod.spec.nodeName ?? "")) ?? []);
  };
  const ofNodes = async (wanted: readonly Node[]): Promise<readonly NodeMetrics[]> => {
    const pairs = await readings.of(wanted);
    return wanted.flatMap((node) => metricsOfNode(node, pairs.get(node.metadata.name)) ?? []);
  };
  return [
    {
      resource: groupResourceOf(nodeMetrics),
      async get({ name }, { registry: { reads } }) {
        const node = reads.get(nodes, "", name) ?? (await reads.getFresh(nodes, "", name));
        if (!node) throw notFound(nodes, name);
        const [metrics] = await ofNodes([node]);
        if (!metrics) throw notFound({ ...nodeMetrics, plural: "nodemetrics" }, name);
        return metrics;
      },
      list: ({ matches }, { registry: { reads } }) => ofNodes([...reads.list(nodes, "")].filter(matches)),
    },
    {
      resource: groupResourceOf(podMetrics),
      async get({ namespace, name }, { registry: { reads } }) {
        const pod = reads.get(pods, namespace, name) ?? (await reads.getFresh(pods, namespace, name));
        if (!pod) throw notFound(pods, name);
        const [metrics] = await ofPods([pod], reads);
        if (!metrics) throw notFound({ ...podMetrics, plural: "podmetrics" }, `${namespace}/${name}`);
        return metrics;
      },
      list: ({ matches, namespace }, { registry: { reads } }) =>
        ofPods([...reads.list(pods, namespace)].filter(matches), reads),
    },
  ];
}

function metricsOfNode({ metadata }: Node, pair: Pair | undefined): NodeMetrics | undefined {
  const used = pair?.now.node && usageBetween(pair.before.node, pair.now.node);
  if (!used) return undefined;
  return made(nodeMetrics, {
    metadata: {
      name: metadata.name,
      ...(metadata.labels ? { labels: metadata.labels } : {}),
      creationTimestamp: toTime(pair.now.takenAtMs),
    },
    timestamp: toTime(used.atMs),
    window: formatDuration(used.windowMs),
    usage: used.usage,
  });
}

/** Nothing where not all of its running containers were seen. */
export function metricsOfPod({ metadata, status }: Pod, pair: Pair | undefined): PodMetrics | undefined {
  const key = `${metadata.namespace}/${metadata.name}/${metadata.uid}`;
  const points = pair?.now.pods.get(key);
  if (!pair || !points || status?.phase !== "Running") return undefined;
  const before = pair.before.pods.get(key) ?? [];
  const used = points.flatMap((point) => {
    const found = usageBetween(
      before.find(({ name }) => name === point.name),
      point,
    );
    return found ? [{ name: point.name, ...found }] : [];
  });
  const newest = used.toSorted((a, b) => b.atMs - a.atMs)[0];
  if (!newest || used.length < points.length) return undefined;
  return made(podMetrics, {
    metadata: {
      name: metadata.name,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      ...(metadata.labels ? { labels: metadata.labels } : {}),
      creationTimestamp: toTime(pair.now.takenAtMs),
    },
    timestamp: toTime(newest.atMs),
    window: formatDuration(newest.windowMs),
    containers: used.map(({ name, usage }) => ({ name, usage })),
  });
}

const made = <T extends KubeObject>(definition: ResourceDefinition<T>, fields: object): T =>
  decode(
    definition.schema,
    { kind: definition.kind, apiVersion: apiVersionOf(definition), ...fields },
    { strict: "Ignore" },
  ).value;
