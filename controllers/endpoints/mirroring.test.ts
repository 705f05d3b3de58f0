import fc from "fast-check";
import { type Endpoints, endpoints } from "../../api/core/endpoints.js";
import { type Service, services } from "../../api/core/service.js";
import { type EndpointSlice, endpointSlices } from "../../api/discovery/endpoint-slice.js";
import { VirtualClock } from "../../base/virtual-clock.js";
import { openWorkshop } from "../../e2e/harness/controllers.js";
import { garbageCollector } from "../garbage-collector/garbage-collector.js";
import { sliceMaxEndpoints } from "./distribute.js";
import { endpointSliceMirroring, mirroredBy, reconcileMirror } from "./mirroring.js";

const meta = { name: "web", namespace: "default", uid: "u", resourceVersion: "1", creationTimestamp: "" };
const service = (spec: Partial<Service["spec"]> = {}): Service =>
  ({ apiVersion: "v1", kind: "Service", metadata: meta, spec: { type: "ClusterIP", ...spec } }) as Service;
const byHand = (subsets: NonNullable<Endpoints["subsets"]>, marks: object = {}): Endpoints => ({
  apiVersion: "v1",
  kind: "Endpoints",
  metadata: { ...meta, ...marks },
  subsets,
});
const port = (number: number) => ({ port: number, protocol: "TCP" as const });
const addresses = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => ({
    ip: `10.${Math.floor((from + at) / 250)}.0.${((from + at) % 250) + 1}`,
  }));

/** The slices of a first look. */
const mirrored = (object: Endpoints): readonly EndpointSlice[] =>
  reconcileMirror(object, { service: service(), existing: [] }).actions.flatMap((action) =>
    action.type === "create" ? [action.object as EndpointSlice] : [],
  );
const shape = (slices: readonly EndpointSlice[]) =>
  slices.map(({ addressType, ports, endpoints: held }) => [
    addressType,
    ports?.map((each) => each.port),
    held?.map(({ addresses: [ip], conditions }) => `${ip} ${conditions.ready}`),
  ]);

test("a slice a family and set of ports, that says who is ready", () => {
  const slices = mirrored(
    byHand([
      {
        addresses: [{ ip: "10.0.0.1" }, { ip: "fd00::1" }],
        notReadyAddresses: [{ ip: "10.0.0.2" }],
        ports: [port(80)],
      },
      { addresses: [{ ip: "10.0.0.1" }], ports: [{ ...port(81), name: "b" }] },
      { addresses: [{ ip: "10.0.0.3" }], ports: [port(80)] },
    ]),
  );
  expect(shape(slices)).toEqual([
    ["IPv4", [80], ["10.0.0.1 true", "10.0.0.2 false", "10.0.0.3 true"]],
    ["IPv6", [80], ["fd00::1 true"]],
    ["IPv4", [81], ["10.0.0.1 true"]],
  ]);
  expect(slices[0]?.metadata).toMatchObject({
    generateName: "web-",
    labels: { "kubernetes.io/service-name": "web", "endpointslice.kubernetes.io/managed-by": mirroredBy },
    ownerReferences: [{ kind: "Endpoints", name: "web", uid: "u", controller: true }],
  });
});

test("every address of one pod is mirrored", () => {
  const targetRef = { kind: "Pod", name: "p", uid: "pod-uid" };
  const object = byHand([
    {
      addresses: [
        { ip: "10.0.0.1", targetRef },
        { ip: "10.0.0.2", targetRef },
      ],
      ports: [port(80)],
    },
  ]);
  const slices = mirrored(object);
  expect(shape(slices)).toEqual([["IPv4", [80], ["10.0.0.1 true", "10.0.0.2 true"]]]);
  expect(reconcileMirror(object, { service: service(), existing: slices }).actions).toEqual([]);
});

test("names, nodes and targets go over, labels and annotations but kubectl's own too", () => {
  const targetRef = { kind: "Pod", name: "p", uid: "pod-uid" };
  const applied = "kubectl.kubernetes.io/last-applied-configuration";
  const [slice] = mirrored(
    byHand([{ addresses: [{ ip: "10.0.0.1", hostname: "h", nodeName: "n", targetRef }], ports: [port(80)] }], {
      labels: { team: "a" },
      annotations: { note: "x", [applied]: "{}" },
    }),
  );
  expect(slice?.endpoints).toEqual([
    { addresses: ["10.0.0.1"], conditions: { ready: true }, hostname: "h", nodeName: "n", targetRef },
  ]);
  expect(slice?.metadata).toMatchObject({ labels: { team: "a" }, annotations: { note: "x" } });
  expect(slice?.metadata.annotations).not.toHaveProperty([applied]);
});

test.each([
  ["the Service selects pods", service({ selector: { app: "web" } }), {}],
  ["there is no Service", undefined, {}],
  ["its label says so", service(), { labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } }],
  ["it is a lock", service(), { annotations: { "control-plane.alpha.kubernetes.io/leader": "{}" } }],
])("nothing is mirrored where %s, and what was goes", (_why, of, marks) => {
  const subsets = [{ addresses: [{ ip: "10.0.0.1" }], ports: [port(80)] }];
  const existing = mirrored(byHand(subsets)).map((slice) => ({ ...slice, metadata: { ...meta, ...slice.metadata } }));
  const { actions } = reconcileMirror(byHand(subsets, marks), { service: of, existing });
  expect(actions.map(({ type }) => type)).toEqual(["delete"]);
});

test("of a subset 1,000 addresses are mirrored, and an event tells of the rest", () => {
  const { actions } = reconcileMirror(byHand([{ addresses: addresses(0, 1_010), ports: [port(80)] }]), {
    service: service(),
    existing: [],
  });
  expect(actions.filter(({ type }) => type === "create")).toHaveLength(10);
  expect(actions.at(-1)).toMatchObject({
    type: "event",
    reason: "TooManyAddressesToMirror",
    message: expect.stringContaining("10 were left out"),
  });
});

test("property: every address stands in one slice of its ports, none is overfull, a second look changes nothing", () => {
  const subset = fc.record({
    from: fc.nat(400),
    count: fc.integer({ min: 1, max: 250 }),
    port: fc.constantFrom(80, 81),
  });
  fc.assert(
    fc.property(fc.array(subset, { maxLength: 4 }), (drawn) => {
      const object = byHand(
        drawn.map(({ from, count, port: number }) => ({ addresses: addresses(from, count), ports: [port(number)] })),
      );
      const slices = mirrored(object);
      const stated = drawn.flatMap(({ from, count, port: number }) =>
        addresses(from, count).map(({ ip }) => `${number} ${ip}`),
      );
      const found = slices.flatMap(({ ports, endpoints: held = [] }) =>
        held.map(({ addresses: [ip] }) => `${ports?.[0]?.port} ${ip}`),
      );
      expect(found.toSorted()).toEqual([...new Set(stated)].toSorted());
      for (const { endpoints: held = [] } of slices) expect(held.length).toBeLessThanOrEqual(sliceMaxEndpoints);
      expect(reconcileMirror(object, { service: service(), existing: slices }).actions).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

test("at work: made, changed, put back when somebody takes it away, gone with the Endpoints", async () => {
  const workshop = await openWorkshop(new VirtualClock(), [endpointSliceMirroring, garbageCollector]);
  const { client } = workshop;
  const at = { namespace: "default", name: "web" };
  const held = async () => shape((await client.list(endpointSlices, { namespace: "default" })).items);
  const becomes = (what: string, wanted: string): Promise<void> =>
    workshop.until(what, async () => JSON.stringify(await held()) === wanted, 10_000);
  const one = (ip: string): string => `[["IPv4",[80],["${ip} true"]]]`;
  try {
    await client.create(services, { metadata: at, spec: { ports: [{ port: 80 }] } } as never);
    const subsets = [{ addresses: [{ ip: "10.1.2.3" }], ports: [{ port: 80 }] }];
    const made = await client.create(endpoints, { metadata: at, subsets } as never);
    await becomes("it is mirrored", one("10.1.2.3"));
    const [first] = (await client.list(endpointSlices, { namespace: "default" })).items;
    await client.delete(endpointSlices, { namespace: "default", name: first?.metadata.name ?? "" });
    await becomes("it is put back", one("10.1.2.3"));
    await client.update(endpoints, { ...made, subsets: [{ addresses: [{ ip: "10.2.3.4" }], ports: [port(80)] }] });
    await becomes("the change is mirrored", one("10.2.3.4"));
    await client.delete(endpoints, at);
    await becomes("nothing is left", "[]");
  } finally {
    await workshop.stop();
  }
});
