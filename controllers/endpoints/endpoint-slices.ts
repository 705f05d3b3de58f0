import { type Node, nodes } from "../../api/core/node/node.js";
import { type Pod, pods } from "../../api/core/pod/pod.js";
import { type Service, services } from "../../api/core/service.js";
import { type Endpoint, type EndpointSlice, endpointSlices } from "../../api/discovery/endpoint-slice.js";
import { equal } from "../../base/equal.js";
import { index } from "../framework/cache.js";
import { controllerReference } from "../framework/claim.js";
import { defineController, watch } from "../framework/controller.js";
import { type Action, create, nothing, type Plan, remove, update } from "../framework/plan.js";
import {
  addressOf,
  type BackendPort,
  type Family,
  familiesOf,
  headlessLabel,
  hostnameOf,
  isHeadless,
  podsOf,
  portsOf,
  readinessOf,
  selects,
  targetOf,
  zoneOf,
} from "./backends.js";
import { distribute } from "./distribute.js";
import { servicesOf } from "./wake.js";

export const serviceNameLabel = "kubernetes.io/service-name";
export const managedByLabel = "endpointslice.kubernetes.io/managed-by";
export const managedBy = "endpointslice-controller.k8s.io";

const bySlices = index(endpointSlices, "service", ({ metadata: { namespace, labels } }) =>
  labels?.[managedByLabel] === managedBy ? [`${namespace}/${labels[serviceNameLabel]}`] : [],
);

/** Keeps the EndpointSlices of every Service that selects pods. */
export const endpointSliceController = defineController({
  name: "endpointslice",
  component: "endpoint-slice-controller",
  reconciles: services,
  watches: [
    watch(pods, servicesOf),
    watch(endpointSlices, ({ metadata: { namespace, labels } }) =>
      labels?.[managedByLabel] === managedBy ? [`${namespace}/${labels[serviceNameLabel]}`] : [],
    ),
  ],
  reads: [nodes],
  indexes: [bySlices],
  observe: (service, cache) => {
    const { namespace = "", name } = service.metadata;
    const backends = selects(service) ? podsOf(service, cache.list(pods, namespace)) : [];
    const nodeNames = new Set(backends.map(({ spec }) => spec.nodeName ?? ""));
    return {
      backends,
      nodes: [...nodeNames].map((node) => cache.get(nodes, "", node)).filter((node) => node !== undefined),
      existing: cache.byIndex(endpointSlices, bySlices.name, `${namespace}/${name}`),
    };
  },
  reconcile: reconcileEndpointSlices,
});

export interface SliceSurroundings {
  readonly backends: readonly Pod[];
  /** Nodes that these pods are on. */
  readonly nodes: readonly Node[];
  readonly existing: readonly EndpointSlice[];
}

export function reconcileEndpointSlices(service: Service, surroundings: SliceSurroundings): Plan<never> {
  if (service.metadata.deletionTimestamp !== undefined) return nothing;
  const { existing } = surroundings;
  if (!selects(service)) return { actions: existing.map((slice) => remove(endpointSlices, slice)) };
  const families = familiesOf(service);
  const stray = existing.filter(({ addressType }) => !families.some((family) => family === addressType));
  return {
    actions: [
      ...families.flatMap((family) => reconcileFamily(service, family, surroundings)),
      ...stray.map((slice) => remove(endpointSlices, slice)),
    ],
  };
}

function reconcileFamily(
  service: Service,
  family: Family,
  { backends, nodes: known, existing }: SliceSurroundings,
): readonly Action[] {
  const groups = groupsOf(service, family, backends, known);
  const slices = existing.filter(({ addressType }) => addressType === family);
  const actions: Action[] = [];
  let kept = 0;
  for (const { ports, endpoints } of groups.values()) {
    const mine = slices.filter((slice) => equal(slice.ports ?? [], ports));
    const { filled, extra } = distribute(
      mine.map((slice) => slice.endpoints ?? []),
      endpoints,
    );
    for (const [at, slice] of mine.entries()) {
      const wanted = filled[at] ?? [];
      if (wanted.length === 0) continue;
      kept += 1;
      actions.push(...refresh(service, slice, wanted));
    }
    kept += extra.length;
    actions.push(...extra.map((wanted) => draft(service, family, ports, wanted)));
    const emptied = mine.filter((_, at) => (filled[at] ?? []).length === 0);
    actions.push(...emptied.map((slice) => remove(endpointSlices, slice)));
  }
  const unused = slices.filter(({ ports = [] }) => ![...groups.values()].some((group) => equal(group.ports, ports)));
  if (kept > 0) return [...actions, ...unused.map((slice) => remove(endpointSlices, slice))];
  // Nobody serves: one empty slice says so.
  const [placeholder, ...others] = unused.toSorted((a, b) => (a.ports ?? []).length - (b.ports ?? []).length);
  const rest = others.map((slice) => remove(endpointSlices, slice));
  if (!placeholder) return [...actions, draft(service, family, [], []), ...rest];
  if ((placeholder.ports ?? []).length > 0) {
    return [...actions, draft(service, family, [], []), remove(endpointSlices, placeholder), ...rest];
  }
  return [...actions, ...refresh(service, placeholder, []), ...rest];
}

interface Group {
  readonly ports: readonly BackendPort[];
  readonly endpoints: Endpoint[];
}

/** Pods that serve the same port numbers share slices. */
function groupsOf(
  service: Service,
  family: Family,
  backends: readonly Pod[],
  known: readonly Node[],
): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>();
  const nodesByName = new Map(known.map((node) => [node.metadata.name, node]));
  for (const pod of backends) {
    const address = addressOf(pod, family);
    if (address === undefined) continue;
    const ports = portsOf(service, pod);
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    groups.set(key, group);
    group.endpoints.push(endpointOf(service, pod, address, nodesByName.get(pod.spec.nodeName ?? "")));
  }
  return groups;
}

function endpointOf(service: Service, pod: Pod, address: string, node: Node | undefined): Endpoint {
  const zone = zoneOf(node);
  const hostname = hostnameOf(service, pod);
  return {
    addresses: [address],
    conditions: { ...readinessOf(service, pod) },
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: targetOf(pod),
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    ...(zone === undefined ? {} : { zone }),
  };
}

function labelsOf(service: Service): Record<string, string> {
  const { [headlessLabel]: _, ...labels } = service.metadata.labels ?? {};
  return {
    ...labels,
    ...(isHeadless(service) ? { [headlessLabel]: "" } : {}),
    [serviceNameLabel]: service.metadata.name,
    [managedByLabel]: managedBy,
  };
}

function refresh(service: Service, slice: EndpointSlice, wanted: readonly Endpoint[]): readonly Action[] {
  const labels = labelsOf(service);
  if (equal(slice.endpoints ?? [], wanted) && equal(slice.metadata.labels, labels)) return [];
  return [update(endpointSlices, { ...slice, metadata: { ...slice.metadata, labels }, endpoints: wanted })];
}

const draft = (
  service: Service,
  addressType: Family,
  ports: readonly BackendPort[],
  endpoints: readonly Endpoint[],
): Action =>
  create(endpointSlices, {
    metadata: {
      generateName: `${service.metadata.name}-`,
      ...(service.metadata.namespace === undefined ? {} : { namespace: service.metadata.namespace }),
      labels: labelsOf(service),
      ownerReferences: [controllerReference(services, service)],
    },
    addressType,
    endpoints,
    ports,
  });
