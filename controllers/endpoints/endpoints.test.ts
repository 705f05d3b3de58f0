import fc from "fast-check";
import type { Endpoints } from "../../api/core/endpoints.js";
import type { Pod } from "../../api/core/pod/pod.js";
import type { Service } from "../../api/core/service.js";
import type { Endpoint, EndpointSlice } from "../../api/discovery/endpoint-slice.js";
import { aNode, aPod, type PodParts } from "../../e2e/harness/objects.js";
import { distribute, sliceMaxEndpoints } from "./distribute.js";
import { reconcileEndpointSlices } from "./endpoint-slices.js";
import { reconcileEndpoints } from "./endpoints.js";

function aService(spec: Partial<Service["spec"]> = {}): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: "web",
      namespace: "default",
      uid: "service-uid",
      resourceVersion: "1",
      creationTimestamp: "2030-01-01T00:00:00Z",
      labels: { team: "a" },
    },
    spec: {
      type: "ClusterIP",
      sessionAffinity: "None",
      clusterIP: "10.96.0.1",
      ipFamilies: ["IPv4"],
      selector: { app: "web" },
      ports: [{ name: "http", protocol: "TCP", port: 80, targetPort: "web" }],
      ...spec,
    },
  };
}

let last = 0;
function backend({ isReady = true, port = 8080, ...parts }: PodParts & { isReady?: boolean; port?: number } = {}): Pod {
  const ip = `10.0.${Math.floor(++last / 250)}.${(last % 250) + 1}`;
  const pod = aPod({ labels: { app: "web" }, ...parts });
  return {
    ...pod,
    spec: {
      ...pod.spec,
      nodeName: "n1",
      containers: [{ name: "main", ports: [{ name: "web", containerPort: port, protocol: "TCP" }] }],
      ...parts.spec,
    } as unknown as Pod["spec"],
    status: {
      phase: "Running",
      podIP: ip,
      podIPs: [{ ip }],
      conditions: [{ type: "Ready", status: isReady ? "True" : "False" }],
      ...parts.status,
    },
  };
}
const ipOf = (pod: Pod): string => pod.status?.podIP ?? "";
const going = { deletionTimestamp: "2030-01-01T00:00:00Z" };

describe("Endpoints", () => {
  const subsetsOf = (service: Service, candidates: readonly Pod[]) => {
    const [action] = reconcileEndpoints(service, { candidates, existing: undefined }).actions;
    return action?.type === "create" ? (action.object as unknown as Endpoints).subsets : undefined;
  };

  test("tell ready from not ready, and leave out who is going, has ended or has no address", () => {
    const [ready, unready] = [backend(), backend({ isReady: false })];
    const others = [
      backend(going),
      backend({ status: { phase: "Failed" } }),
      backend({ labels: { app: "x" } }),
      aPod({ labels: { app: "web" } }),
    ];
    expect(subsetsOf(aService(), [unready, ready, ...others])).toEqual([
      {
        addresses: [
          {
            ip: ipOf(ready),
            nodeName: "n1",
            targetRef: expect.objectContaining({ kind: "Pod", name: ready.metadata.name }),
          },
        ],
        notReadyAddresses: [expect.objectContaining({ ip: ipOf(unready) })],
        ports: [{ name: "http", port: 8080, protocol: "TCP" }],
      },
    ]);
  });

  test("pods with other numbers for a named port are a subset of their own", () => {
    const subsets = subsetsOf(aService(), [backend(), backend({ port: 9090 }), backend()]);
    expect(subsets?.map(({ ports, addresses }) => [ports?.[0]?.port, addresses?.length])).toEqual([
      [8080, 2],
      [9090, 1],
    ]);
  });

  test("publishNotReadyAddresses counts everyone as ready", () => {
    const subsets = subsetsOf(aService({ publishNotReadyAddresses: true }), [
      backend({ isReady: false }),
      backend(going),
    ]);
    expect(subsets?.[0]?.addresses).toHaveLength(2);
  });

  test("a headless Service without ports has addresses alone, with the names that pods ask for", () => {
    const named = backend({ spec: { hostname: "one", subdomain: "web" } });
    const { ports: _, ...portless } = aService({ clusterIP: "None" }).spec;
    const service = { ...aService(), spec: portless };
    expect(subsetsOf(service, [named])).toEqual([
      { addresses: [expect.objectContaining({ hostname: "one", ip: ipOf(named) })] },
    ]);
  });

  test("nothing is written when nothing changed, nor for Services without a selector", () => {
    const pods = [backend(), backend()];
    const [action] = reconcileEndpoints(aService(), { candidates: pods, existing: undefined }).actions;
    const existing = (action?.type === "create" ? action.object : undefined) as unknown as Endpoints;
    expect(reconcileEndpoints(aService(), { candidates: pods.toReversed(), existing }).actions).toEqual([]);
    expect(reconcileEndpoints(aService(), { candidates: [], existing }).actions).toMatchObject([
      { type: "update", object: { subsets: [] } },
    ]);
    expect(reconcileEndpoints(aService({ selector: {} }), { candidates: pods, existing: undefined }).actions).toEqual(
      [],
    );
    expect(reconcileEndpoints(aService({ type: "ExternalName" }), { candidates: pods, existing }).actions).toEqual([]);
  });

  test("more than 1000 addresses are cut, the ready ones kept, and it says so", () => {
    const pods = Array.from({ length: 1010 }, (_, at) => backend({ isReady: at % 2 === 0 }));
    const [action] = reconcileEndpoints(aService(), { candidates: pods, existing: undefined }).actions;
    const made = (action?.type === "create" ? action.object : undefined) as unknown as Endpoints;
    expect(made.metadata.annotations).toEqual({ "endpoints.kubernetes.io/over-capacity": "truncated" });
    expect(made.subsets?.[0]?.addresses).toHaveLength(505);
    expect(made.subsets?.[0]?.notReadyAddresses).toHaveLength(495);
  });
});

describe("EndpointSlices", () => {
  const decide = (service: Service, backends: readonly Pod[], existing: readonly EndpointSlice[] = []) =>
    reconcileEndpointSlices(service, {
      backends,
      nodes: [aNode({ name: "n1", labels: { "topology.kubernetes.io/zone": "z1" } })],
      existing,
    }).actions;
  let made = 0;
  const carryOut = (
    existing: readonly EndpointSlice[],
    actions: ReturnType<typeof decide>,
  ): readonly EndpointSlice[] => {
    let next = [...existing];
    for (const action of actions) {
      if (action.type === "create") {
        const draft = action.object as unknown as EndpointSlice;
        next.push({ ...draft, metadata: { ...draft.metadata, name: `web-${++made}`, uid: `slice-${made}` } });
      }
      if (action.type === "update")
        next = next.map((slice) =>
          slice.metadata.uid === action.object.metadata.uid ? (action.object as EndpointSlice) : slice,
        );
      if (action.type === "delete") next = next.filter(({ metadata }) => metadata.uid !== action.object.metadata.uid);
    }
    return next;
  };

  test("an endpoint tells whether it is ready, serving and terminating, and where it is", () => {
    const pods = [backend(), backend({ isReady: false }), backend(going)];
    const [action] = decide(aService(), pods);
    expect(action).toMatchObject({
      type: "create",
      object: {
        addressType: "IPv4",
        metadata: {
          generateName: "web-",
          labels: {
            team: "a",
            "kubernetes.io/service-name": "web",
            "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
          },
          ownerReferences: [{ kind: "Service", uid: "service-uid", controller: true }],
        },
        ports: [{ name: "http", port: 8080, protocol: "TCP" }],
        endpoints: [
          { conditions: { ready: true, serving: true, terminating: false }, nodeName: "n1", zone: "z1" },
          { conditions: { ready: false, serving: false, terminating: false } },
          { conditions: { ready: false, serving: true, terminating: true } },
        ],
      },
    });
  });

  test("without backends there is one empty slice, and it stays", () => {
    const slices = carryOut([], decide(aService(), []));
    expect(slices).toMatchObject([{ endpoints: [], ports: [] }]);
    expect(decide(aService(), [], slices)).toEqual([]);
    const filled = carryOut(slices, decide(aService(), [backend()], slices));
    expect(filled.map(({ endpoints }) => endpoints?.length)).toEqual([1]);
    expect(carryOut(filled, decide(aService(), [], filled))).toMatchObject([{ endpoints: [], ports: [] }]);
  });

  test("a Service that no longer selects has no slices", () => {
    const slices = carryOut([], decide(aService(), [backend()]));
    expect(decide(aService({ selector: {} }), [], slices).map(({ type }) => type)).toEqual(["delete"]);
  });

  test("both address families have slices of their own", () => {
    const both = backend({ status: { phase: "Running", podIPs: [{ ip: "10.9.9.9" }, { ip: "fd00::9" }] } });
    const slices = carryOut([], decide(aService({ ipFamilies: ["IPv4", "IPv6"] }), [both]));
    expect(slices.map(({ addressType, endpoints }) => [addressType, endpoints?.[0]?.addresses])).toEqual([
      ["IPv4", ["10.9.9.9"]],
      ["IPv6", ["fd00::9"]],
    ]);
  });

  test("through any coming and going every backend is in one slice, none over 100, and then nothing is left to do", () => {
    const wave = fc.record({
      come: fc.nat({ max: 150 }),
      goEvery: fc.integer({ min: 2, max: 6 }),
      other: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(wave, { maxLength: 6 }), (waves) => {
        let pods: Pod[] = [];
        let slices: readonly EndpointSlice[] = [];
        for (const { come, goEvery, other } of waves) {
          pods = pods.filter((_, at) => at % goEvery !== 0);
          pods.push(...Array.from({ length: come }, (_, at) => backend({ port: other && at % 2 === 0 ? 9090 : 8080 })));
          slices = carryOut(slices, decide(aService(), pods, slices));
          const listed = slices.flatMap(({ endpoints = [] }) => endpoints.flatMap(({ addresses }) => addresses)).sort();
          expect(listed).toEqual(pods.map(ipOf).sort());
          for (const { endpoints = [] } of slices) expect(endpoints.length).toBeLessThanOrEqual(sliceMaxEndpoints);
          expect(decide(aService(), pods, slices)).toEqual([]);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("one that comes or goes touches one slice", () => {
    const named = (name: string): Endpoint => ({ addresses: [name], conditions: {} });
    const many = Array.from({ length: 250 }, (_, at) => named(`${at}`));
    const { extra } = distribute([], many);
    expect(extra.map((slice) => slice.length)).toEqual([100, 100, 50]);
    const { filled } = distribute(extra, [...many.filter((_, at) => at !== 3), named("new")]);
    expect(filled.filter((slice, at) => JSON.stringify(slice) !== JSON.stringify(extra[at]))).toHaveLength(1);
    expect(filled.map((slice) => slice.length)).toEqual([100, 100, 50]);
  });
});
