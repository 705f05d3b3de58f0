import { reachOf } from "../agent/network/reach.js";
import { type ServiceProxy, startServiceProxy } from "../agent/network/service-proxy.js";
import { type ClusterRanges, firstAddress } from "./addresses.js";
import { identities, type Surroundings } from "./api-server.js";
import type { ClientFor } from "./cluster.js";

export interface ProxyOptions extends Surroundings {
  readonly ranges: ClusterRanges;
  readonly clientFor: ClientFor;
  /** The nodes of this process. */
  readonly nodes: readonly string[];
}

/** One proxy for all nodes of this process: they share the host's addresses. */
export async function serveServices({
  clientFor,
  nodes,
  ranges,
  clock,
  random,
  log,
}: ProxyOptions): Promise<ServiceProxy> {
  return startServiceProxy({
    client: await clientFor("kube-proxy", identities["kube-proxy"]),
    ...{ clock, random, nodes },
    log: log.with({ component: "proxy" }),
    nodePortAddresses: [hostLoopback],
    reach: reachOf(ranges.services),
  });
}

const hostLoopback = "127.0.0.1";

/** What pods are told of the API server: the cluster address where it is served, else where the server listens. */
export function apiServerFor(
  direct: { readonly host: string; readonly port: number },
  ranges: ClusterRanges,
  proxy: ServiceProxy | undefined,
): { readonly host: string; readonly port: number } {
  const address = firstAddress(ranges.services);
  const isServed = (): boolean => proxy?.serves("TCP", address, clusterPort) ?? false;
  return {
    get host() {
      return isServed() ? address : direct.host;
    },
    get port() {
      return isServed() ? clusterPort : direct.port;
    },
  };
}

const clusterPort = 443;
