import type { AnyObject } from "../../api.js";
import { planDrain } from "./choose.js";

const pod = (
  name: string,
  more: { owner?: string; phase?: string; mirror?: boolean; local?: boolean } = {},
): AnyObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name,
    namespace: "ns",
    ...(more.owner
      ? { ownerReferences: [{ apiVersion: "apps/v1", kind: more.owner, name: "o", uid: "u", controller: true }] }
      : {}),
    ...(more.mirror ? { annotations: { "kubernetes.io/config.mirror": "x" } } : {}),
  },
  spec: { containers: [], volumes: more.local ? [{ name: "v", emptyDir: {} }] : [] },
  status: { phase: more.phase ?? "Running" },
});
const careful = { force: false, ignoreDaemonSets: false, deleteEmptyDir: false };
const names = (pods: readonly AnyObject[]): (string | undefined)[] => pods.map(({ metadata }) => metadata.name);

describe("what a drain does", () => {
  it("evicts pods that a controller brings back", () => {
    const plan = planDrain([pod("a", { owner: "ReplicaSet" }), pod("static", { mirror: true })], careful);
    expect(names(plan.evict)).toEqual(["a"]);
    expect([plan.refusals, plan.warnings]).toEqual([[], []]);
  });
  it("refuses what would be lost, each with the flag that allows it", () => {
    const plan = planDrain(
      [pod("d", { owner: "DaemonSet" }), pod("alone"), pod("l", { owner: "ReplicaSet", local: true })],
      careful,
    );
    expect(plan.refusals).toEqual([
      "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): ns/d",
      "cannot delete Pods with local storage (use --delete-emptydir-data to override): ns/l",
      "cannot delete Pods that declare no controller (use --force to override): ns/alone",
    ]);
  });
  it("leaves daemon sets' pods where they are when allowed, and warns", () => {
    const rules = { force: true, ignoreDaemonSets: true, deleteEmptyDir: true };
    const plan = planDrain([pod("d", { owner: "DaemonSet" }), pod("alone", { local: true })], rules);
    expect(names(plan.evict)).toEqual(["alone"]);
    expect(plan.refusals).toEqual([]);
    expect(plan.warnings).toEqual([
      "ignoring DaemonSet-managed Pods: ns/d",
      "deleting Pods that declare no controller: ns/alone",
    ]);
  });
  it("lets go of pods that are over", () => {
    const plan = planDrain([pod("done", { phase: "Succeeded", local: true })], careful);
    expect(names(plan.evict)).toEqual(["done"]);
    expect(plan.refusals).toEqual([]);
  });
});
