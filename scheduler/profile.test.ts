import type { Node } from "../api/core/node/node.js";
import type { Pod } from "../api/core/pod/pod.js";
import { aNode, aPod } from "../e2e/harness/objects.js";
import { SchedulerCache } from "./cache.js";
import { decide, failureMessage } from "./cycle.js";
import { defaultProfile } from "./profile.js";

/** Where the pod goes among these nodes, or the message that says why it cannot. */
function place(pod: Pod, nodes: readonly Node[], placed: readonly Pod[] = []): string {
  const cache = new SchedulerCache();
  for (const node of nodes) cache.setNode(node);
  for (const other of placed) cache.setPod(other);
  const decision = decide(pod, cache.snapshot, defaultProfile, { start: 0, tieBreak: 0 });
  return decision.type === "node" ? decision.node : failureMessage(decision.nodes, decision.reasons);
}
const on = (node: string, parts: Parameters<typeof aPod>[0] = {}): Pod =>
  aPod({ ...parts, spec: { ...parts.spec, nodeName: node } });
const port = (hostPort: number, protocol: "TCP" | "UDP" = "TCP", hostIP?: string) =>
  ({
    containers: [
      {
        name: "main",
        image: "busybox",
        ports: [{ containerPort: 80, hostPort, protocol, ...(hostIP ? { hostIP } : {}) }],
      },
    ],
  }) as unknown as Pod["spec"];
const noSchedule = { key: "dedicated", value: "db", effect: "NoSchedule" } as const;
const spread = (whenUnsatisfiable: "DoNotSchedule" | "ScheduleAnyway", more: object = {}) =>
  ({
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable, labelSelector: { matchLabels: { app: "web" } }, ...more },
    ],
  }) as Partial<Pod["spec"]>;
const zones = [aNode({ name: "a", labels: { zone: "1" } }), aNode({ name: "b", labels: { zone: "2" } })];
const web = { app: "web" };

describe("the default profile", () => {
  it.each<[string, Pod, readonly Node[], readonly Pod[], string]>([
    ["takes the only node", aPod(), [aNode({ name: "a" })], [], "a"],
    ["says so without nodes", aPod(), [], [], "no nodes available to schedule pods"],
    ["NodeName: keeps to the named node", on("b"), [aNode({ name: "a" }), aNode({ name: "b" })], [], "b"],
    [
      "NodeName: counts the others",
      on("c"),
      [aNode({ name: "a" })],
      [],
      "0/1 nodes are available: 1 node(s) didn't match the requested node name.",
    ],
    [
      "NodeUnschedulable: avoids cordoned nodes",
      aPod(),
      [aNode({ spec: { unschedulable: true } })],
      [],
      "0/1 nodes are available: 1 node(s) were unschedulable.",
    ],
    [
      "NodeUnschedulable: unless tolerated",
      aPod({
        spec: { tolerations: [{ key: "node.kubernetes.io/unschedulable", operator: "Exists", effect: "NoSchedule" }] },
      }),
      [aNode({ name: "a", spec: { unschedulable: true } })],
      [],
      "a",
    ],
    [
      "TaintToleration: avoids NoSchedule",
      aPod(),
      [aNode({ spec: { taints: [noSchedule] } })],
      [],
      "0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: db}.",
    ],
    [
      "TaintToleration: tolerates by key and value",
      aPod({ spec: { tolerations: [{ key: "dedicated", operator: "Equal", value: "db", effect: "NoSchedule" }] } }),
      [aNode({ name: "a", spec: { taints: [noSchedule] } })],
      [],
      "a",
    ],
    [
      "TaintToleration: PreferNoSchedule only makes a node worse",
      aPod(),
      [aNode({ name: "a", spec: { taints: [{ ...noSchedule, effect: "PreferNoSchedule" }] } }), aNode({ name: "b" })],
      [],
      "b",
    ],
    [
      "NodeAffinity: nodeSelector",
      aPod({ spec: { nodeSelector: { disk: "ssd" } } }),
      [aNode({ name: "a" }), aNode({ name: "b", labels: { disk: "ssd" } })],
      [],
      "b",
    ],
    [
      "NodeAffinity: nobody matches",
      aPod({ spec: { nodeSelector: { disk: "ssd" } } }),
      [aNode(), aNode()],
      [],
      "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.",
    ],
    [
      "NodeAffinity: prefers by weight",
      aPod({
        spec: {
          affinity: {
            nodeAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [
                { weight: 50, preference: { matchExpressions: [{ key: "disk", operator: "In", values: ["ssd"] }] } },
              ],
            },
          },
        },
      }),
      [aNode({ name: "a" }), aNode({ name: "b", labels: { disk: "ssd" } })],
      [],
      "b",
    ],
    [
      "NodePorts: a taken host port",
      aPod({ spec: port(80) }),
      [aNode({ name: "a" })],
      [on("a", { spec: port(80) })],
      "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.",
    ],
    [
      "NodePorts: another protocol is another port",
      aPod({ spec: port(80, "UDP") }),
      [aNode({ name: "a" })],
      [on("a", { spec: port(80) })],
      "a",
    ],
    [
      "NodePorts: other addresses are other ports",
      aPod({ spec: port(80, "TCP", "10.0.0.1") }),
      [aNode({ name: "a" })],
      [on("a", { spec: port(80, "TCP", "10.0.0.2") })],
      "a",
    ],
    [
      "NodeResourcesFit: CPU",
      aPod({ requests: { cpu: "2" } }),
      [aNode({ name: "a" })],
      [on("a", { requests: { cpu: "2500m" } })],
      "0/1 nodes are available: 1 Insufficient cpu.",
    ],
    [
      "NodeResourcesFit: exactly full",
      aPod({ requests: { cpu: "2" } }),
      [aNode({ name: "a" })],
      [on("a", { requests: { cpu: "2" } })],
      "a",
    ],
    [
      "NodeResourcesFit: every shortage counts",
      aPod({ requests: { cpu: "5", memory: "9Gi", "example.com/gpu": "1" } }),
      [aNode()],
      [],
      "0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient example.com/gpu, 1 Insufficient memory.",
    ],
    [
      "NodeResourcesFit: too many pods",
      aPod(),
      [aNode({ name: "a", allocatable: { pods: "1" } })],
      [on("a")],
      "0/1 nodes are available: 1 Too many pods.",
    ],
    [
      "NodeResourcesFit: the emptier node",
      aPod({ requests: { cpu: "1" } }),
      [aNode({ name: "a" }), aNode({ name: "b" })],
      [on("a", { requests: { cpu: "1" } })],
      "b",
    ],
    [
      "NodeResourcesFit: pods without requests spread too",
      aPod(),
      [aNode({ name: "a" }), aNode({ name: "b" })],
      [on("a")],
      "b",
    ],
    [
      "ImageLocality: the node that has the image",
      aPod(),
      [
        aNode({ name: "a" }),
        aNode({ name: "b", images: [{ names: ["busybox:latest"], sizeBytes: 900 * 1024 * 1024 }] }),
      ],
      [],
      "b",
    ],
    [
      "PodTopologySpread: keeps the skew",
      aPod({ labels: web, spec: spread("DoNotSchedule") }),
      zones,
      [on("a", { labels: web })],
      "b",
    ],
    [
      "PodTopologySpread: nowhere within the skew",
      aPod({ labels: web, spec: spread("DoNotSchedule") }),
      [zones[0] as Node, aNode({ name: "b", labels: { zone: "2" }, spec: { unschedulable: true } })],
      [on("a", { labels: web })],
      "0/2 nodes are available: 1 node(s) didn't match pod topology spread constraints, 1 node(s) were unschedulable.",
    ],
    [
      "PodTopologySpread: needs the label",
      aPod({ labels: web, spec: spread("DoNotSchedule") }),
      [aNode({ name: "c" })],
      [],
      "0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required label).",
    ],
    [
      "PodTopologySpread: ScheduleAnyway prefers",
      aPod({ labels: web, spec: spread("ScheduleAnyway") }),
      zones,
      [on("a", { labels: web })],
      "b",
    ],
    [
      "PodTopologySpread: too few domains count as an empty one",
      aPod({ labels: web, spec: spread("DoNotSchedule", { minDomains: 3 }) }),
      zones,
      [on("a", { labels: web }), on("b", { labels: web })],
      "0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints.",
    ],
    [
      "InterPodAffinity: refuses what it does not know",
      aPod({
        spec: {
          affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone" }] } },
        },
      }),
      [aNode()],
      [],
      "0/1 nodes are available: 1 node(s) skipped: this scheduler does not know spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution yet.",
    ],
  ])("%s", (_, pod, nodes, placed, expected) => {
    expect(place(pod, nodes, placed)).toBe(expected);
  });
});
