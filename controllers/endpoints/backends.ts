import type { Node } from "../../api/core/node/node.js";
import { isReady, isTerminal } from "../../api/core/pod/conditions.js";
import type { Pod } from "../../api/core/pod/pod.js";
import type { ObjectReference } from "../../api/core/reference.js";
import type { Service, ServicePort } from "../../api/core/service.js";

/** Which pods stand behind a Service, and on which of their ports. */

export type Family = "IPv4" | "IPv6";

export const headlessLabel = "service.kubernetes.io/headless";
export const isHeadless = ({ spec }: Service): boolean => spec.clusterIP === "None";

/** A Service whose endpoints are kept by hand, or that has none, is not ours. */
export const selects = ({ spec }: Service): boolean =>
  Object.keys(spec.selector ?? {}).length > 0 && spec.type !== "ExternalName";

export const isSelected = (
  { spec: { selector = {} } }: Service,
  labels: Readonly<Record<string, string>> = {},
): boolean => Object.entries(selector).every(([key, value]) => labels[key] === value);

export function podsOf(service: Service, candidates: readonly Pod[]): readonly Pod[] {
  if (!selects(service)) return [];
  return candidates.filter((pod) => !isTerminal(pod) && isSelected(service, pod.metadata.labels));
}

export const familiesOf = ({ spec }: Service): readonly Family[] => {
  if (spec.ipFamilies && spec.ipFamilies.length > 0) return spec.ipFamilies;
  const address = spec.clusterIP ?? "";
  return [address.includes(":") ? "IPv6" : "IPv4"];
};

const familyOf = (address: string): Family => (address.includes(":") ? "IPv6" : "IPv4");

export function addressOf({ status }: Pod, family: Family): string | undefined {
  const all = status?.podIPs?.map(({ ip }) => ip) ?? (status?.podIP ? [status.podIP] : []);
  return all.find((ip) => ip !== "" && familyOf(ip) === family);
}

export interface Readiness {
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
}

export function readinessOf(service: Service, pod: Pod): Readiness {
  const serving = isReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  return { ready: service.spec.publishNotReadyAddresses === true || (serving && !terminating), serving, terminating };
}

export interface BackendPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: ServicePort["protocol"];
  readonly appProtocol?: string;
}

/** The Service's ports as this pod serves them; a named port that the pod does not have is left out. */
export function portsOf({ spec: { ports = [] } }: Service, pod: Pod): readonly BackendPort[] {
  return ports.flatMap((servicePort) => {
    const port = numberOf(servicePort, pod);
    if (port === undefined) return [];
    const { name = "", protocol, appProtocol } = servicePort;
    return [{ name, port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}

function numberOf({ targetPort, port, protocol }: ServicePort, { spec }: Pod): number | undefined {
  if (targetPort === undefined || targetPort === 0 || targetPort === "") return port;
  if (typeof targetPort === "number") return targetPort;
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  for (const { ports = [] } of [...spec.containers, ...sidecars]) {
    const found = ports.find((each) => each.name === targetPort && (each.protocol ?? "TCP") === protocol);
    if (found) return found.containerPort;
  }
  return undefined;
}

export const targetOf = ({ metadata: { name, namespace, uid } }: Pod): ObjectReference => ({
  kind: "Pod",
  ...(namespace === undefined ? {} : { namespace }),
  name,
  uid,
});

/** A pod that asks for a name under this Service. */
export const hostnameOf = ({ metadata }: Service, { spec }: Pod): string | undefined =>
  spec.hostname && spec.subdomain === metadata.name ? spec.hostname : undefined;

export const zoneOf = (node: Node | undefined): string | undefined =>
  node?.metadata.labels?.["topology.kubernetes.io/zone"];
