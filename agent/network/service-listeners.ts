import type { Service, ServicePort } from "../../api/core/service.js";
import type { Endpoint, EndpointSlice } from "../../api/discovery/endpoint-slice.js";

/**
 * On which sockets a Service is served on this host, and by which backends: ready ones, or where there are none those
 * that end but still serve. Where nobody serves there is no socket, so that clients are refused at once.
 * https://kubernetes.io/docs/reference/networking/virtual-ips/
 */
export function serviceListeners(service: Service, slices: readonly EndpointSlice[], host: ProxyHost): ServicePlan {
  if (!isServed(service)) return { listeners: [], refusals: [] };
  const { spec, metadata } = service;
  const affinityMs = spec.sessionAffinity === "ClientIP" ? affinitySeconds(service) * 1000 : undefined;
  const listeners: WantedListener[] = [];
  const refusals: string[] = [];
  const externalIPs = spec.externalIPs ?? [];
  if (externalIPs.length > 0)
    refusals.push(
      `externalIPs (${externalIPs.join(", ")}) are not served: the service is reached by its cluster IP and node ports`,
    );
  for (const port of spec.ports ?? []) {
    const { protocol } = port;
    if (protocol === "SCTP") {
      refusals.push(`port ${port.port}: SCTP is not forwarded`);
      continue;
    }
    const candidates = candidatesOf(slices, port);
    const route = `${metadata.uid}/${port.name ?? ""}/${protocol}`;
    const add = (address: string, number: number, backends: readonly Backend[]): void => {
      if (backends.length > 0)
        listeners.push({ protocol, address, port: number, route, backends, ...(affinityMs ? { affinityMs } : {}) });
    };
    const onHost = (endpoint: Endpoint): boolean => host.nodes.has(endpoint.nodeName ?? "");
    const all = usable(candidates);
    if (spec.clusterIP && isIpv4(spec.clusterIP))
      add(spec.clusterIP, port.port, spec.internalTrafficPolicy === "Local" ? usable(candidates, onHost) : all);
    if (!port.nodePort) continue;
    for (const { address, node } of host.addresses) {
      const near = (endpoint: Endpoint): boolean =>
        node === undefined ? onHost(endpoint) : endpoint.nodeName === node;
      add(address, port.nodePort, spec.externalTrafficPolicy === "Local" ? usable(candidates, near) : all);
    }
  }
  return { listeners, refusals };
}

/** The nodes that this host is. */
export interface ProxyHost {
  readonly nodes: ReadonlySet<string>;
  /** Where node ports are served; an address without a node stands for all of them. */
  readonly addresses: readonly { readonly address: string; readonly node?: string }[];
}

export interface Backend {
  readonly address: string;
  readonly port: number;
}

export interface WantedListener {
  readonly protocol: "TCP" | "UDP";
  readonly address: string;
  readonly port: number;
  /** Listeners of one service port share it, and with it turns and session affinity. */
  readonly route: string;
  /** Never empty. */
  readonly backends: readonly Backend[];
  /** How long a client stays with its backend after it was last heard of. */
  readonly affinityMs?: number;
}

export interface ServicePlan {
  readonly listeners: readonly WantedListener[];
  /** What the Service asks for and this proxy does not do. */
  readonly refusals: readonly string[];
}

/** By which label slices name their service. */
export const serviceNameLabel = "kubernetes.io/service-name";
export const listenerKey = ({ protocol, address, port }: Omit<WantedListener, "backends" | "route">): string =>
  `${protocol} ${address}:${port}`;
export const backendKey = ({ address, port }: Backend): string => `${address}:${port}`;

/** Another proxy's, or one without an address: https://kubernetes.io/docs/reference/labels-annotations-taints/ */
const isServed = ({ metadata: { labels = {} }, spec }: Service): boolean =>
  spec.type !== "ExternalName" &&
  spec.clusterIP !== "None" &&
  !("service.kubernetes.io/service-proxy-name" in labels) &&
  !("service.kubernetes.io/headless" in labels);

const defaultAffinitySeconds = 10_800;
const affinitySeconds = ({ spec }: Service): number =>
  spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? defaultAffinitySeconds;

interface Candidate {
  readonly endpoint: Endpoint;
  readonly backend: Backend;
}

function candidatesOf(slices: readonly EndpointSlice[], { name = "", protocol }: ServicePort): readonly Candidate[] {
  return slices.flatMap(({ addressType, endpoints = [], ports = [] }) => {
    const port = ports.find((each) => each.name === name && each.protocol === protocol)?.port;
    if (addressType !== "IPv4" || port === undefined) return [];
    return endpoints.flatMap((endpoint) => {
      const [address] = endpoint.addresses;
      return address === undefined ? [] : [{ endpoint, backend: { address, port } }];
    });
  });
}

/** Absent conditions mean the usual: ready, serving when ready, not ending. */
function usable(
  candidates: readonly Candidate[],
  near: (endpoint: Endpoint) => boolean = () => true,
): readonly Backend[] {
  const reachable = candidates.filter(({ endpoint }) => near(endpoint));
  const ready = reachable.filter(({ endpoint: { conditions } }) => conditions.ready ?? true);
  const chosen =
    ready.length > 0
      ? ready
      : reachable.filter(
          ({ endpoint: { conditions } }) =>
            (conditions.serving ?? conditions.ready ?? true) && (conditions.terminating ?? false),
        );
  return [...new Map(chosen.map(({ backend }) => [backendKey(backend), backend])).values()];
}

const isIpv4 = (address: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(address);
