import { type EndpointAddress, type EndpointSubset, type Endpoints, endpoints } from "../../api/core/endpoints.js";
import { type Service, services } from "../../api/core/service.js";
import { type Endpoint, type EndpointSlice, endpointSlices } from "../../api/discovery/endpoint-slice.js";
import { equal } from "../../base/equal.js";
import { keyOf } from "../../client/informer/store.js";
import { index } from "../framework/cache.js";
import { controllerReference } from "../framework/claim.js";
import { defineController, watch } from "../framework/controller.js";
import { type Action, create, event, type Plan, remove, update } from "../framework/plan.js";
import type { BackendPort, Family } from "./backends.js";
import { distribute } from "./distribute.js";
import { managedByLabel, serviceNameLabel } from "./endpoint-slices.js";

export const mirroredBy = "endpointslicemirroring-controller.k8s.io";
const skipLabel = "endpointslice.kubernetes.io/skip-mirror";
const leaderAnnotation = "control-plane.alpha.kubernetes.io/leader";
const annotationsLeftOut = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  "endpoints.kubernetes.io/last-change-trigger-time",
]);
const subsetAddressesMax = 1000;

const ownerKeys = ({ metadata: { namespace, labels } }: EndpointSlice): readonly string[] =>
  labels?.[managedByLabel] === mirroredBy ? [`${namespace}/${labels[serviceNameLabel]}`] : [];
const bySlices = index(endpointSlices, "mirrored", ownerKeys);

/** Endpoints that people keep by hand, for a Service without a selector, stand in EndpointSlices too. */
export const endpointSliceMirroring = defineController({
  name: "endpointslicemirroring",
  component: "endpoint-slice-mirroring-controller",
  reconciles: endpoints,
  watches: [watch(services, (service) => [keyOf(service)]), watch(endpointSlices, ownerKeys)],
  indexes: [bySlices],
  observe: (object, cache) => ({
    service: cache.get(services, object.metadata.namespace ?? "", object.metadata.name),
    existing: cache.byIndex(endpointSlices, bySlices.name, keyOf(object)),
  }),
  reconcile: reconcileMirror,
  reconcileAbsent: (key, cache) =>
    cache.byIndex(endpointSlices, bySlices.name, key).map((slice) => remove(endpointSlices, slice)),
});

export interface MirrorSurroundings {
  readonly service: Service | undefined;
  /** The slices that mirror it so far. */
  readonly existing: readonly EndpointSlice[];
}

export function reconcileMirror(object: Endpoints, { service, existing }: MirrorSurroundings): Plan<never> {
  const { groups, leftOut } = isMirrored(object, service) ? groupsOf(object) : { groups: [], leftOut: 0 };
  const wanted = metadataOf(object);
  const kept = new Set<EndpointSlice>();
  const actions: Action[] = [];
  for (const { family, ports, backends } of groups) {
    const mine = existing.filter((slice) => slice.addressType === family && equal(slice.ports ?? [], ports));
    const { filled, extra } = distribute(
      mine.map((slice) => slice.endpoints ?? []),
      backends,
    );
    for (const [at, slice] of mine.entries()) {
      const held = filled[at] ?? [];
      if (held.length === 0) continue;
      kept.add(slice);
      if (isCurrent(slice, held, wanted)) continue;
      actions.push(update(endpointSlices, { ...slice, metadata: { ...slice.metadata, ...wanted }, endpoints: held }));
    }
    actions.push(...extra.map((held) => draft(object, wanted, { addressType: family, ports, endpoints: held })));
  }
  actions.push(...existing.filter((slice) => !kept.has(slice)).map((slice) => remove(endpointSlices, slice)));
  if (leftOut > 0 && actions.length > 0) actions.push(tooMany(object, leftOut));
  return { actions };
}

const isMirrored = ({ metadata }: Endpoints, service: Service | undefined): boolean =>
  service !== undefined &&
  Object.keys(service.spec.selector ?? {}).length === 0 &&
  service.metadata.deletionTimestamp === undefined &&
  metadata.deletionTimestamp === undefined &&
  metadata.labels?.[skipLabel] !== "true" &&
  metadata.annotations?.[leaderAnnotation] === undefined;

interface Group {
  readonly family: Family;
  readonly ports: readonly BackendPort[];
  readonly backends: Endpoint[];
}

/** Addresses of one family that serve the same ports share slices. */
function groupsOf({ subsets = [] }: Endpoints): { readonly groups: readonly Group[]; readonly leftOut: number } {
  const groups = new Map<string, Group>();
  let leftOut = 0;
  for (const subset of subsets) {
    const all = backendsOf(subset);
    leftOut += Math.max(0, all.length - subsetAddressesMax);
    const ports = portsOf(subset);
    for (const backend of all.slice(0, subsetAddressesMax)) {
      const family = backend.addresses[0]?.includes(":") ? "IPv6" : "IPv4";
      const key = JSON.stringify([family, ports]);
      const group = groups.get(key) ?? { family, ports, backends: [] };
      groups.set(key, group);
      group.backends.push(backend);
    }
  }
  return { groups: [...groups.values()], leftOut };
}

const backendsOf = ({ addresses = [], notReadyAddresses = [] }: EndpointSubset): readonly Endpoint[] => [
  ...addresses.map((address) => backendOf(address, true)),
  ...notReadyAddresses.map((address) => backendOf(address, false)),
];

const backendOf = ({ ip, ...rest }: EndpointAddress, ready: boolean): Endpoint => ({
  addresses: [ip],
  conditions: { ready },
  ...rest,
});

const portsOf = ({ ports = [] }: EndpointSubset): readonly BackendPort[] =>
  ports.map(({ name = "", port, protocol, appProtocol }) => ({
    name,
    port,
    protocol,
    ...(appProtocol === undefined ? {} : { appProtocol }),
  }));

type Marks = Readonly<Record<"labels" | "annotations", Readonly<Record<string, string>>>>;

const metadataOf = ({ metadata: { name, labels, annotations = {} } }: Endpoints): Marks => ({
  labels: { ...labels, [serviceNameLabel]: name, [managedByLabel]: mirroredBy },
  annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => !annotationsLeftOut.has(key))),
});

const isCurrent = (
  { endpoints: held = [], metadata: { labels = {}, annotations = {} } }: EndpointSlice,
  wanted: readonly Endpoint[],
  marks: Marks,
): boolean => equal(held, wanted) && equal(labels, marks.labels) && equal(annotations, marks.annotations);

const draft = (
  object: Endpoints,
  marks: Marks,
  slice: Required<Pick<EndpointSlice, "addressType" | "ports" | "endpoints">>,
): Action =>
  create(endpointSlices, {
    metadata: {
      generateName: `${object.metadata.name}-`,
      ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }),
      ...marks,
      ownerReferences: [controllerReference(endpoints, object)],
    },
    ...slice,
  });

const tooMany = (object: Endpoints, leftOut: number): Action =>
  event(
    object,
    "Warning",
    "TooManyAddressesToMirror",
    `${subsetAddressesMax} addresses of a subset are mirrored at most; ${leftOut} were left out`,
  );
