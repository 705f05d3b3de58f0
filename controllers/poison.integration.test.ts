import { namespaces } from "../api/core/namespace.js";
import { nodes } from "../api/core/node/node.js";
import { type Pod, pods } from "../api/core/pod/pod.js";
import { VirtualClock } from "../base/virtual-clock.js";
import { openWorkshop, type Workshop } from "../e2e/harness/controllers.js";
import { allControllers } from "./catalogue.js";

let workshop: Workshop;
beforeEach(async () => {
  workshop = await openWorkshop(
    new VirtualClock(),
    allControllers({ podCidr: "10.244.0.0/16", terminatedPodGcThreshold: 1 }),
  );
  for (const name of ["default", "kube-node-lease"]) await workshop.client.create(namespaces, { metadata: { name } });
});
afterEach(() => workshop.stop());

/** Writes an object past the API server's rules: as an older version, or a disk gone bad, could have left it. */
const plant = (key: string, object: object): Promise<unknown> =>
  workshop.storage.create(`/registry/${key}`, Buffer.from(JSON.stringify(object)));
const metadata = (name: string, namespace?: string) => ({
  name,
  ...(namespace ? { namespace } : {}),
  uid: `uid-${name}`,
  creationTimestamp: "2030-01-01T00:00:00Z",
});
const finished = (name: string): object => ({
  kind: "Pod",
  apiVersion: "v1",
  metadata: metadata(name, "default"),
  spec: { containers: [{ name: "x", image: "x" }], nodeName: "a" },
  status: { phase: "Succeeded" },
});

test("a node that no rule would let pass keeps none from getting its addresses", async () => {
  await plant("nodes/a-poison", {
    kind: "Node",
    apiVersion: "v1",
    metadata: metadata("a-poison"),
    spec: { taints: [{ key: "", effect: "Nonsense" }] },
  });
  await workshop.client.create(nodes, { metadata: { name: "b" } });
  await workshop.until(
    "the other node's range",
    async () => (await workshop.client.get(nodes, { name: "b" })).spec.podCIDR !== undefined,
    10_000,
  );
  expect((await workshop.client.get(nodes, { name: "a-poison" })).spec.podCIDR).toBeUndefined();
});

test("a pod whose deletion is refused keeps none of the others", async () => {
  await workshop.client.create(nodes, { metadata: { name: "a" } });
  // The oldest goes first, so the sweep meets it first each time.
  await plant("pods/default/a-poison", {
    ...finished("a-poison"),
    metadata: {
      ...metadata("a-poison", "default"),
      creationTimestamp: "2029-01-01T00:00:00Z",
      finalizers: ["no such thing"],
    },
  });
  for (const name of ["b", "c", "d"]) await plant(`pods/default/${name}`, finished(name));
  const left = async (): Promise<readonly Pod[]> => (await workshop.client.list(pods)).items;
  await workshop.until("all but the kept one and the poison", async () => (await left()).length <= 2, 60_000);
  expect((await left()).map((pod) => pod.metadata.name)).toContain("a-poison");
});
