import type { Node } from "../../../api/core/node/node.js";
import type { PodSpec } from "../../../api/core/pod/spec.js";
import { container, pod } from "../../pod/pod.test-kit.js";
import { staticPodOf } from "../../pod/static/manifest.js";
import { type AdmissionInput, refusalOf } from "./admit.js";

const node: Node = {
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "node", uid: "n", resourceVersion: "1", creationTimestamp: "", labels: { zone: "a" } },
  spec: { taints: [{ key: "down", effect: "NoExecute" }] },
};
const tolerant = { tolerations: [{ key: "down", operator: "Exists" as const }] };
const asking = (requests: Readonly<Record<string, string>>, spec: Partial<PodSpec> = {}) =>
  pod({ ...tolerant, containers: [container("main", { resources: { requests } })], ...spec });

const refusal = (parts: Partial<AdmissionInput> & Pick<AdmissionInput, "pod">) =>
  refusalOf({
    node,
    allocatable: { cpu: "2", memory: "1Gi", pods: "3" },
    others: [],
    pressure: { memory: false, disk: false, pids: false },
    shuttingDown: false,
    ...parts,
  });

describe("a pod that was bound to the node", () => {
  it("is let in where it fits", () => {
    expect(
      refusal({ pod: asking({ cpu: "1500m", memory: "1Gi" }), others: [asking({ cpu: "500m" })] }),
    ).toBeUndefined();
  });

  it.each(["file", "http", "anything"])("is not let in for the annotation that it is from %s", (source) => {
    const metadata = {
      annotations: { "kubernetes.io/config.source": source, "kubernetes.io/config.mirror": "x" },
    };
    expect(refusal({ pod: pod(tolerant, { metadata }), pressure: all })?.reason).toBe("Evicted");
    expect(refusal({ pod: pod({}, { metadata }) })?.reason).toBe("TaintToleration");
  });

  it("is let in, whatever the node suffers from, where it is one of the node's own", () => {
    const text =
      "{apiVersion: v1, kind: Pod, metadata: {name: own}, spec: {containers: [{name: main, image: busybox}]}}";
    const own = staticPodOf({ file: "/own.yaml", text, seenAt: "2030-01-01T00:00:00Z" }, "node");
    expect(refusal({ pod: own, pressure: all })).toBeUndefined();
  });

  const port = (hostPort: number, hostIP?: string) => ({
    ...tolerant,
    containers: [
      container("main", {
        ports: [{ containerPort: 80, hostPort, protocol: "TCP" as const, ...(hostIP ? { hostIP } : {}) }],
      }),
    ],
  });
  const all = { memory: true, disk: true, pids: true };

  it.each<[string, Partial<AdmissionInput> & Pick<AdmissionInput, "pod">, string, string]>([
    [
      "asks for more CPU than is left",
      { pod: asking({ cpu: "1" }), others: [asking({ cpu: "1500m" })] },
      "OutOfcpu",
      "Pod was rejected: Node didn't have enough resource: cpu, requested: 1000, used: 1500, capacity: 2000",
    ],
    [
      "asks for more memory than there is",
      { pod: asking({ memory: "2Gi" }) },
      "OutOfmemory",
      "Pod was rejected: Node didn't have enough resource: memory, requested: 2147483648, used: 0, capacity: 1073741824",
    ],
    [
      "asks for a resource that the node does not have",
      { pod: asking({ "example.com/gpu": "1" }) },
      "OutOfexample.com/gpu",
      "Pod was rejected: Node didn't have enough resource: example.com/gpu, requested: 1, used: 0, capacity: 0",
    ],
    [
      "is one too many",
      { pod: asking({}), others: [asking({}), asking({}), asking({})] },
      "OutOfpods",
      "Pod was rejected: Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3",
    ],
    [
      "selects other nodes",
      { pod: asking({}, { nodeSelector: { zone: "b" } }) },
      "NodeAffinity",
      "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    ],
    [
      "wants a host port that is taken",
      { pod: pod(port(80)), others: [pod(port(80, "10.0.0.1"))] },
      "NodePorts",
      "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
    ],
    [
      "does not tolerate what ends it",
      { pod: pod() },
      "TaintToleration",
      "Pod was rejected: Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate",
    ],
    [
      "comes while the node shuts down",
      { pod: asking({}), shuttingDown: true },
      "NodeShutdown",
      "Pod was rejected: Pod was rejected as the node is shutting down.",
    ],
    [
      "asks for nothing while memory is short",
      { pod: asking({}), pressure: { ...all, disk: false, pids: false } },
      "Evicted",
      "Pod was rejected: The node had condition: [MemoryPressure]. ",
    ],
    [
      "comes while the disk is full",
      { pod: asking({ memory: "1Mi" }), pressure: { ...all, memory: false, pids: false } },
      "Evicted",
      "Pod was rejected: The node had condition: [DiskPressure]. ",
    ],
  ])("is turned away when it %s", (_case, input, reason, message) => {
    expect(refusal(input)).toEqual({ reason, message });
  });

  it("is let in under memory pressure when it asks for memory, tolerates it, or is critical", () => {
    const memory = { memory: true, disk: false, pids: false };
    expect(refusal({ pod: asking({ memory: "1Mi" }), pressure: memory })).toBeUndefined();
    const tolerations = [{ operator: "Exists" as const }];
    expect(refusal({ pod: asking({}, { tolerations }), pressure: memory })).toBeUndefined();
    expect(refusal({ pod: asking({}, { priority: 2_000_000_000 }), pressure: all })).toBeUndefined();
  });

  it("may share a host port on another address or by another protocol", () => {
    expect(refusal({ pod: pod(port(80, "10.0.0.1")), others: [pod(port(80, "10.0.0.2"))] })).toBeUndefined();
  });
});
