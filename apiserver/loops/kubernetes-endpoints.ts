/**
 * The endpoints of the service `kubernetes`: every API server that is alive. Each keeps a key in the store that goes by
 * itself when it is not renewed, and each writes down whose keys it finds.
 */
import { isIP } from "node:net";
import { endpoints } from "../../api/core/endpoints.js";
import { endpointSlices } from "../../api/discovery/endpoint-slice.js";
import { StatusError } from "../../apimachinery/status.js";
import { equal } from "../../base/equal.js";
import { ensure } from "../registry/ensure.js";
import type { Registry } from "../registry/registry.js";
import { registryRoot } from "../storage/keys.js";
import type { Storage } from "../storage/storage.js";

export interface ApiServerAddress {
  readonly address: string;
  readonly port: number;
}

export interface KubernetesEndpointsOptions {
  readonly storage: Storage;
  readonly registry: Registry;
  readonly self: ApiServerAddress;
}

/** Servers renew every third of this. */
export const leaseSeconds = 30;
const leaseRoot = `${registryRoot}masterleases/`;
const metadata = { name: "kubernetes", namespace: "default" };

/** Says that this server is alive, and writes down which are. */
export async function publishEndpoints(options: KubernetesEndpointsOptions): Promise<void> {
  const { address } = options.self;
  if (isIP(address) === 0)
    throw new StatusError(
      "Invalid",
      `${JSON.stringify(address)} is no address: pods cannot be told where this server is`,
    );
  await renew(options);
  await writeEndpoints(options.registry, await alive(options.storage));
}

/** Says that this server goes. The last one leaves the endpoints as they are: it will be back, and there is no other. */
export async function withdrawEndpoints(options: KubernetesEndpointsOptions): Promise<void> {
  const { storage, registry, self } = options;
  const key = leaseKey(self);
  const found = await storage.get(key);
  if (found) await storage.delete(key, found.revision);
  const left = await alive(storage);
  if (left.length > 0) await writeEndpoints(registry, left);
}

async function renew({ storage, self }: KubernetesEndpointsOptions): Promise<void> {
  const key = leaseKey(self);
  const value = Buffer.from(JSON.stringify(self));
  const found = await storage.get(key);
  await storage.update(key, value, found?.revision ?? 0, { ttlSeconds: leaseSeconds });
}

const leaseKey = ({ address, port }: ApiServerAddress): string => `${leaseRoot}${address}:${port}`;

async function alive(storage: Storage): Promise<readonly ApiServerAddress[]> {
  const { items } = await storage.list(leaseRoot);
  return items.flatMap(({ key }) => {
    const at = key.lastIndexOf(":");
    const address = key.slice(leaseRoot.length, at);
    const port = Number(key.slice(at + 1));
    return isIP(address) !== 0 && Number.isInteger(port) ? [{ address, port }] : [];
  });
}

async function writeEndpoints(registry: Registry, servers: readonly ApiServerAddress[]): Promise<void> {
  const { subsets, slice } = endpointsOf(servers);
  const labels = { "endpointslice.kubernetes.io/skip-mirror": "true" };
  await ensure(
    registry,
    endpoints,
    { apiVersion: "v1", kind: "Endpoints", metadata: { ...metadata, labels }, subsets },
    (found, wanted) => (equal(found.subsets, wanted.subsets) ? found : { ...found, subsets: wanted.subsets ?? [] }),
  );
  await ensure(
    registry,
    endpointSlices,
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { ...metadata, labels: { "kubernetes.io/service-name": "kubernetes" } },
      ...slice,
    },
    (found, wanted) =>
      equal([found.endpoints, found.ports], [wanted.endpoints, wanted.ports])
        ? found
        : { ...found, endpoints: wanted.endpoints ?? [], ports: wanted.ports ?? [] },
  );
}

/** One subset a port, and a slice of the servers that have the lowest port; all in order. Pure. */
export function endpointsOf(servers: readonly ApiServerAddress[]) {
  const ports = [...new Set(servers.map(({ port }) => port))].sort((a, b) => a - b);
  const addressesAt = (wanted: number): readonly string[] =>
    servers
      .filter(({ port }) => port === wanted)
      .map(({ address }) => address)
      .sort();
  const portsOf = (port: number) => [{ name: "https", protocol: "TCP" as const, port }];
  const [first = 0] = ports;
  const addresses = addressesAt(first);
  return {
    subsets: ports.map((port) => ({ addresses: addressesAt(port).map((ip) => ({ ip })), ports: portsOf(port) })),
    slice: {
      addressType: isIP(addresses[0] ?? "") === 6 ? ("IPv6" as const) : ("IPv4" as const),
      endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
      ports: portsOf(first),
    },
  };
}
