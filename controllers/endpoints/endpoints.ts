import { type EndpointAddress, type EndpointSubset, type Endpoints, endpoints } from "../../api/core/endpoints.js";
import { type Pod, pods } from "../../api/core/pod/pod.js";
import { type Service, services } from "../../api/core/service.js";
import { equal } from "../../base/equal.js";
import { keyOf } from "../../client/informer/store.js";
import { defineController, watch } from "../framework/controller.js";
import { create, nothing, type Plan, remove, update } from "../framework/plan.js";
import {
  addressOf,
  type BackendPort,
  familiesOf,
  headlessLabel,
  hostnameOf,
  isHeadless,
  podsOf,
  portsOf,
  readinessOf,
  selects,
  targetOf,
} from "./backends.js";
import { servicesOf } from "./wake.js";

/** Keeps the Endpoints of every Service that selects pods. */
export const endpointsController = defineController({
  name: "endpoints",
  component: "endpoint-controller",
  reconciles: services,
  watches: [watch(pods, servicesOf), watch(endpoints, (object) => [keyOf(object)])],
  observe: (service, cache) => ({
    candidates: selects(service) ? cache.list(pods, service.metadata.namespace) : [],
    existing: cache.get(endpoints, service.metadata.namespace ?? "", service.metadata.name),
  }),
  reconcile: reconcileEndpoints,
  reconcileAbsent: (key, cache) => {
    const left = cache.informer(endpoints).getByKey(key);
    return left?.metadata.labels?.[managedByLabel] === managedBy ? [remove(endpoints, left)] : [];
  },
});

const managedByLabel = "endpoints.kubernetes.io/managed-by";
const managedBy = "endpoint-controller";
const overCapacityAnnotation = "endpoints.kubernetes.io/over-capacity";
const addressesMax = 1000;

export function reconcileEndpoints(
  service: Service,
  { candidates, existing }: { readonly candidates: readonly Pod[]; readonly existing: Endpoints | undefined },
): Plan<never> {
  if (!selects(service) || service.metadata.deletionTimestamp !== undefined) return nothing;
  const { subsets, truncated } = withinCapacity(subsetsOf(service, candidates));
  const labels = {
    ...service.metadata.labels,
    [managedByLabel]: managedBy,
    ...(isHeadless(service) ? { [headlessLabel]: "" } : {}),
  };
  if (!existing) {
    const { name, namespace } = service.metadata;
    const annotations = truncated ? { annotations: { [overCapacityAnnotation]: "truncated" } } : {};
    const metadata = { name, ...(namespace === undefined ? {} : { namespace }), labels, ...annotations };
    return { actions: [create(endpoints, { metadata, ...(subsets.length > 0 ? { subsets } : {}) })] };
  }
  const { [overCapacityAnnotation]: _, ...others } = existing.metadata.annotations ?? {};
  const annotations = truncated ? { ...others, [overCapacityAnnotation]: "truncated" } : others;
  const isCurrent =
    equal(existing.subsets ?? [], subsets) &&
    equal(existing.metadata.labels ?? {}, labels) &&
    equal(existing.metadata.annotations ?? {}, annotations);
  if (isCurrent) return nothing;
  return {
    actions: [update(endpoints, { ...existing, metadata: { ...existing.metadata, labels, annotations }, subsets })],
  };
}

/** Pods that serve the same ports share a subset; everything in an order of its own, so that equal means equal. */
function subsetsOf(service: Service, candidates: readonly Pod[]): readonly EndpointSubset[] {
  const groups = new Map<
    string,
    { readonly ports: readonly BackendPort[]; ready: EndpointAddress[]; not: EndpointAddress[] }
  >();
  const family = familiesOf(service)[0] ?? "IPv4";
  for (const pod of podsOf(service, candidates)) {
    const address = endpointAddress(service, pod, addressOf(pod, family));
    const { ready, terminating } = readinessOf(service, pod);
    if (!address || (terminating && !service.spec.publishNotReadyAddresses)) continue;
    const ports = portsOf(service, pod);
    if (ports.length === 0 && !(isHeadless(service) && (service.spec.ports ?? []).length === 0)) continue;
    const sorted = ports.toSorted((a, b) => (portKey(a) < portKey(b) ? -1 : 1));
    const key = sorted.map(portKey).join();
    const group = groups.get(key) ?? { ports: sorted, ready: [], not: [] };
    groups.set(key, group);
    (ready ? group.ready : group.not).push(address);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { ports, ready, not }]) => ({
      ...(ready.length > 0 ? { addresses: ready.toSorted(byAddress) } : {}),
      ...(not.length > 0 ? { notReadyAddresses: not.toSorted(byAddress) } : {}),
      ...(ports.length > 0 ? { ports: ports.map(withoutEmptyName) } : {}),
    }));
}

const portKey = ({ name, port, protocol, appProtocol = "" }: BackendPort): string =>
  `${name}/${protocol}/${String(port).padStart(5, "0")}/${appProtocol}`;

const withoutEmptyName = ({ name, ...rest }: BackendPort) => (name === "" ? rest : { name, ...rest });

function endpointAddress(service: Service, pod: Pod, ip: string | undefined): EndpointAddress | undefined {
  if (ip === undefined) return undefined;
  const hostname = hostnameOf(service, pod);
  return {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: targetOf(pod),
  };
}

const byAddress = (a: EndpointAddress, b: EndpointAddress): number =>
  a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : (a.targetRef?.uid ?? "") < (b.targetRef?.uid ?? "") ? -1 : 1;

/** One object holds so many addresses and no more, the ready ones first. */
function withinCapacity(subsets: readonly EndpointSubset[]): {
  readonly subsets: readonly EndpointSubset[];
  readonly truncated: boolean;
} {
  const count = subsets.reduce(
    (sum, { addresses = [], notReadyAddresses = [] }) => sum + addresses.length + notReadyAddresses.length,
    0,
  );
  if (count <= addressesMax) return { subsets, truncated: false };
  let left = addressesMax;
  const take = (all: readonly EndpointAddress[] = []): readonly EndpointAddress[] => {
    const taken = all.slice(0, left);
    left -= taken.length;
    return taken;
  };
  const ready = subsets.map(({ addresses }) => take(addresses));
  const not = subsets.map(({ notReadyAddresses }) => take(notReadyAddresses));
  const cut = subsets.map(({ ports }, at): EndpointSubset => {
    const addresses = ready[at] ?? [];
    const notReadyAddresses = not[at] ?? [];
    return {
      ...(addresses.length > 0 ? { addresses } : {}),
      ...(notReadyAddresses.length > 0 ? { notReadyAddresses } : {}),
      ...(ports ? { ports } : {}),
    };
  });
  return { subsets: cut.filter(({ addresses, notReadyAddresses }) => addresses || notReadyAddresses), truncated: true };
}
