import { nodes } from "../../api/core/node/node.js";
import { type Service, services } from "../../api/core/service.js";
import { endpointSlices } from "../../api/discovery/endpoint-slice.js";
import type { Clock, Timer } from "../../base/clock.js";
import { Lifecycle } from "../../base/lifecycle.js";
import type { Logger } from "../../base/log.js";
import type { Random } from "../../base/random.js";
import type { Client } from "../../client/client.js";
import { createRecorder } from "../../client/events.js";
import { createInformers } from "../../client/informer/informers.js";
import { keyOf } from "../../client/informer/store.js";
import { ListenerSet } from "./listener-set.js";
import { type NameSource, nameSource } from "./name-source.js";
import type { AddressReach } from "./reach.js";
import { type ProxyHost, serviceListeners, serviceNameLabel } from "./service-listeners.js";

export interface ServiceProxyOptions {
  /** Of a component that may read services, endpointslices and nodes. */
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** The nodes that this host is: one process serves them all. */
  readonly nodes: readonly string[];
  /** Addresses besides the nodes' own on which node ports are served. */
  readonly nodePortAddresses: readonly string[];
  /** Makes cluster addresses this host's own. */
  readonly reach: AddressReach;
}

export interface ServiceProxy {
  /** Whether this address is served now. */
  serves(protocol: "TCP" | "UDP", address: string, port: number): boolean;
  /** Resolves when everything known at the start is served, or cannot be. */
  readonly synced: Promise<void>;
  /** What it knows of Services, as names. */
  readonly names: NameSource;
  /** Breaks off what is under way. */
  stop(): Promise<void>;
}

/**
 * Serves the cluster addresses and node ports of Services by sockets of this process. An event only wakes a Service;
 * what its sockets should be is decided anew from the caches.
 */
export function startServiceProxy(options: ServiceProxyOptions): ServiceProxy {
  const { client, clock, random, log, reach } = options;
  const lifecycle = new Lifecycle((part, error) =>
    log.error("part of the proxy failed", { part, error: String(error) }),
  );
  const informers = createInformers(client, { clock, log, random });
  lifecycle.onStop(() => informers.stop());
  // Without it every service says that its address is none of this host's.
  const reached = reach
    .open()
    .catch((error: unknown) => log.error("cluster addresses cannot be served", { error: String(error) }));
  lifecycle.onStop(async () => {
    await reached;
    await reach.close().catch((error: unknown) => log.warn("a route was left behind", { error: String(error) }));
  });
  const seen = {
    services: informers.for(services),
    slices: informers.for(endpointSlices),
    nodes: informers.for(nodes),
  };
  seen.slices.addIndex(serviceNameLabel, ({ metadata: { namespace, labels } }) => [
    `${namespace}/${labels?.[serviceNameLabel]}`,
  ]);
  const recorder = createRecorder({ client, component: "kube-proxy", clock, random, log, lifecycle });
  const listeners = new ListenerSet<Service>({
    clock,
    log,
    warn: (service, message) => recorder.record({ about: service, type: "Warning", reason: "PortNotServed", message }),
  });
  lifecycle.onStop(() => listeners.close());

  let host: ProxyHost = { nodes: new Set(options.nodes), addresses: [] };
  const dirty = new Set<string>();
  let pending: Timer | undefined;
  const decide = (key: string): void => {
    const service = seen.services.getByKey(key);
    if (!service) listeners.remove(key);
    else listeners.want(key, service, serviceListeners(service, seen.slices.byIndex(serviceNameLabel, key), host));
  };
  const work = (): void => {
    pending = undefined;
    if (lifecycle.signal.aborted) return;
    const keys = [...dirty].slice(0, slice);
    for (const key of keys) {
      dirty.delete(key);
      decide(key);
    }
    if (dirty.size > 0) pending = clock.after(0, work);
  };
  const wake = (key: string): void => {
    dirty.add(key);
    if (seen.services.isSynced && seen.slices.isSynced && seen.nodes.isSynced) pending ??= clock.after(settleMs, work);
  };
  lifecycle.onStop(() => pending?.cancel());
  seen.services.onEvent(({ object }) => wake(keyOf(object)));
  seen.slices.onEvent(({ object: { metadata } }) =>
    wake(`${metadata.namespace}/${metadata.labels?.[serviceNameLabel]}`),
  );
  const lookAtNodes = (): void => {
    const next = hostOf(options, (name) => seen.nodes.get("", name)?.status?.addresses ?? []);
    if (sameAddresses(host, next)) return;
    host = next;
    for (const service of seen.services.list()) if (hasNodePorts(service)) wake(keyOf(service));
  };
  seen.nodes.onEvent(({ object }) => {
    if (host.nodes.has(object.metadata.name)) lookAtNodes();
  });
  const synced = (async () => {
    await Promise.all([reached, informers.synced(lifecycle.signal)]);
    lookAtNodes();
    for (const service of seen.services.list()) decide(keyOf(service));
    dirty.clear();
    await listeners.settled();
  })();
  lifecycle.run("first look", () => synced);
  return {
    synced,
    names: nameSource({ informers, clock, slices: true }),
    serves: (protocol, address, port) => listeners.serves({ protocol, address, port }),
    stop: () => lifecycle.stop(),
  };
}

/** Changes that come together are looked at once. */
const settleMs = 1;
const slice = 200;

const hasNodePorts = ({ spec }: Service): boolean => (spec.ports ?? []).some(({ nodePort }) => nodePort);

function hostOf(
  { nodes: names, nodePortAddresses }: ServiceProxyOptions,
  addressesOf: (node: string) => readonly { readonly type: string; readonly address: string }[],
): ProxyHost {
  const own = names.flatMap((node) =>
    addressesOf(node).flatMap(({ type, address }) => (type === "InternalIP" ? [{ address, node }] : [])),
  );
  const others = nodePortAddresses.filter((address) => own.every((each) => each.address !== address));
  return { nodes: new Set(names), addresses: [...own, ...others.map((address) => ({ address }))] };
}

const sameAddresses = (a: ProxyHost, b: ProxyHost): boolean =>
  JSON.stringify(a.addresses) === JSON.stringify(b.addresses);
