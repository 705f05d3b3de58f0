import { namespaces } from "../../api/core/namespace.js";
import { nodes } from "../../api/core/node/node.js";
import { pods } from "../../api/core/pod/pod.js";
import { VirtualClock } from "../../base/virtual-clock.js";
import { openWorkshop, type Workshop } from "../../e2e/harness/controllers.js";
import { taintEviction } from "./taint-eviction.js";

/** As users set it: without a word of when. */
const taint = { key: "broken", effect: "NoExecute" };
const toleratedMs = 10_000;

let workshop: Workshop;
beforeEach(async () => {
  workshop = await openWorkshop(new VirtualClock(), [taintEviction()]);
  const { client } = workshop;
  await client.create(namespaces, { metadata: { name: "default" } });
  await client.create(nodes, { metadata: { name: "one" } });
  const tolerations = [{ ...taint, operator: "Exists", tolerationSeconds: toleratedMs / 1000 }];
  await client.create(pods, {
    metadata: { name: "web", namespace: "default" },
    spec: { nodeName: "one", tolerations, containers: [{ name: "a", image: "a" }] },
  } as never);
});
afterEach(() => workshop.stop());

const setTaints = async (taints: readonly object[]): Promise<void> => {
  await workshop.client.patch(nodes, { name: "one" }, { type: "merge", body: { spec: { taints } } });
  await workshop.clock.advance(100);
};
const isThere = async (): Promise<boolean> => {
  const { items } = await workshop.client.list(pods, { namespace: "default" });
  return items.some(({ metadata }) => metadata.deletionTimestamp === undefined);
};
/** For how long from now the pod stays. */
const lastsMs = async (): Promise<number> => {
  const beganMs = workshop.clock.now();
  await workshop.until("it is evicted", async () => !(await isThere()), 10 * toleratedMs);
  return workshop.clock.now() - beganMs;
};

test("a pod goes when it has tolerated the taint for as long as it says", async () => {
  await setTaints([taint]);
  const passedMs = await lastsMs();
  expect(passedMs).toBeGreaterThan(toleratedMs - 1_000);
  expect(passedMs).toBeLessThan(toleratedMs + 1_000);
});

test("a pod stays where the taint goes before", async () => {
  await setTaints([taint]);
  await workshop.clock.advance(toleratedMs / 2);
  await setTaints([]);
  await workshop.clock.advance(2 * toleratedMs);
  expect(await isThere()).toBe(true);
});

test("a taint that went and came back counts from its return", async () => {
  await setTaints([taint]);
  await workshop.clock.advance(toleratedMs / 2);
  await setTaints([]);
  await workshop.clock.advance(toleratedMs / 10);
  await setTaints([taint]);
  expect(await lastsMs()).toBeGreaterThan(toleratedMs - 1_000);
});
