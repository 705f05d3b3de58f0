import { services } from "../../api/core/service.js";
import type { AnyObject, Api } from "../api.js";
import type { Describer } from "./describer.js";
import { type Layout, selectorText } from "./layout.js";

interface Backend {
  readonly service?: { readonly name: string; readonly port?: { readonly number?: number; readonly name?: string } };
  readonly resource?: { readonly apiGroup?: string; readonly kind: string; readonly name: string };
}
interface IngressSpec {
  readonly ingressClassName?: string;
  readonly defaultBackend?: Backend;
  readonly tls?: readonly { readonly hosts?: readonly string[]; readonly secretName?: string }[];
  readonly rules?: readonly {
    readonly host?: string;
    readonly http?: { readonly paths?: readonly { readonly path?: string; readonly backend: Backend }[] };
  }[];
}

export const describeIngress: Describer = async (layout, ingress, { api }) => {
  const spec = (ingress.spec ?? {}) as IngressSpec;
  const { metadata } = ingress;
  const { ingress: points = [] } = (
    (ingress.status ?? {}) as {
      readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] };
    }
  ).loadBalancer ?? { ingress: [] };
  layout.line(0, `Name:\t${metadata.name}`);
  layout.map(0, "Labels", metadata.labels);
  layout.line(0, `Namespace:\t${metadata.namespace}`);
  layout.line(0, `Address:\t${points.map(({ ip, hostname }) => ip ?? hostname ?? "").join(",")}`);
  layout.line(0, `Ingress Class:\t${spec.ingressClassName || "<none>"}`);
  const first = spec.defaultBackend;
  layout.line(0, `Default backend:\t${first ? await backendText(api, first, metadata.namespace) : "<default>"}`);
  if (spec.tls?.length) {
    layout.line(0, "TLS:");
    for (const { hosts = [], secretName } of spec.tls)
      layout.line(1, `${secretName ? secretName : "SNI routes"} ${secretName ? "terminates " : ""}${hosts.join(",")}`);
  }
  layout.line(0, "Rules:\n  Host\tPath\tBackends");
  layout.line(1, "----\t----\t--------");
  const rules = (spec.rules ?? []).filter(({ http }) => http);
  for (const { host, http } of rules) {
    layout.line(1, `${host || "*"}\t`);
    for (const { path = "", backend } of http?.paths ?? [])
      layout.line(1, `\t${path}\t ${await backendText(api, backend, metadata.namespace)}`);
  }
  if (rules.length === 0)
    layout.line(1, `*\t*\t${first ? await backendText(api, first, metadata.namespace) : "<default>"}`);
  layout.annotations(0, ingress);
};

async function backendText(api: Api, { service, resource }: Backend, namespace: string | undefined): Promise<string> {
  if (resource) return `APIGroup: ${resource.apiGroup ?? "<none>"}, Kind: ${resource.kind}, Name: ${resource.name}`;
  if (!service) return "";
  const port = service.port?.number ?? service.port?.name ?? "";
  const live = await api.find(services, service.name, namespace);
  return `${service.name}:${port} (${live ? await addressesOf(api, live, port) : `<error: services ${JSON.stringify(service.name)} not found>`})`;
}

const addressesShownMax = 3;

/** Of the port that a number or a name of the service's means. */
async function addressesOf(api: Api, { metadata, spec }: AnyObject, wanted: number | string): Promise<string> {
  const { ports: served = [] } = (spec ?? {}) as {
    readonly ports?: readonly { readonly name?: string; readonly port: number }[];
  };
  const chosen = served.find(({ name, port }) => port === wanted || name === wanted);
  const { endpointSlices } = await import("../../api/discovery/endpoint-slice.js");
  const { items } = await api.list(endpointSlices, metadata.namespace, {
    labelSelector: `kubernetes.io/service-name=${metadata.name}`,
  });
  const found = items.flatMap((slice) => {
    const { endpoints = [], ports: all = [] } = slice as unknown as Slice;
    const ports = all.filter(({ name = "" }) => name === (chosen?.name ?? ""));
    return endpoints
      .filter(({ conditions }) => conditions?.ready !== false)
      .flatMap(({ addresses = [] }) => addresses.flatMap((address) => ports.map(({ port }) => `${address}:${port}`)));
  });
  if (found.length === 0) return "";
  const more = found.length - addressesShownMax;
  return `${found.slice(0, addressesShownMax).join(",")}${more > 0 ? ` + ${more} more...` : ""}`;
}

interface Slice {
  readonly addressType?: string;
  readonly endpoints?: readonly {
    readonly addresses?: readonly string[];
    readonly conditions?: { readonly ready?: boolean };
    readonly hostname?: string;
    readonly targetRef?: { readonly kind?: string; readonly name?: string };
    readonly nodeName?: string;
    readonly zone?: string;
  }[];
  readonly ports?: readonly { readonly name?: string; readonly port?: number; readonly protocol?: string }[];
}

export const describeEndpointSlice: Describer = (layout, slice) => {
  const { addressType, endpoints = [], ports = [] } = slice as unknown as Slice;
  layout.line(0, `Name:\t${slice.metadata.name}`);
  layout.line(0, `Namespace:\t${slice.metadata.namespace}`);
  layout.map(0, "Labels", slice.metadata.labels);
  layout.annotations(0, slice);
  layout.line(0, `AddressType:\t${addressType ?? ""}`);
  if (ports.length === 0) layout.line(0, "Ports: <unset>");
  else {
    layout.line(0, "Ports:\n  Name\tPort\tProtocol");
    layout.line(1, "----\t----\t--------");
    for (const { name, port, protocol } of ports)
      layout.line(1, `${name || "<unset>"}\t${port ?? "<unset>"}\t${protocol ?? ""}`);
  }
  if (endpoints.length === 0) layout.line(0, "Endpoints: <none>");
  else layout.line(0, "Endpoints:");
  for (const { addresses = [], conditions, hostname, targetRef, nodeName, zone } of endpoints) {
    layout.line(1, `- Addresses:\t${addresses.join(", ") || "<none>"}`);
    layout.line(2, "Conditions:");
    layout.line(3, `Ready:\t${conditions?.ready ?? "<unset>"}`);
    layout.line(2, `Hostname:\t${hostname ?? "<unset>"}`);
    if (targetRef) layout.line(2, `TargetRef:\t${targetRef.kind}/${targetRef.name}`);
    layout.line(2, `NodeName:\t${nodeName ?? "<unset>"}`);
    layout.line(2, `Zone:\t${zone ?? "<unset>"}`);
  }
};

interface Subset {
  readonly addresses?: readonly { readonly ip: string }[];
  readonly notReadyAddresses?: readonly { readonly ip: string }[];
  readonly ports?: readonly { readonly name?: string; readonly port: number; readonly protocol?: string }[];
}

export const describeEndpoints: Describer = (layout, endpoints) => {
  layout.line(0, `Name:\t${endpoints.metadata.name}`);
  layout.line(0, `Namespace:\t${endpoints.metadata.namespace}`);
  layout.map(0, "Labels", endpoints.metadata.labels);
  layout.annotations(0, endpoints);
  layout.line(0, "Subsets:");
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of (endpoints.subsets ?? []) as readonly Subset[]) {
    layout.line(1, `Addresses:\t${addresses.map(({ ip }) => ip).join(",") || "<none>"}`);
    layout.line(1, `NotReadyAddresses:\t${notReadyAddresses.map(({ ip }) => ip).join(",") || "<none>"}`);
    if (ports.length > 0) {
      layout.line(1, "Ports:\n    Name\tPort\tProtocol");
      layout.line(2, "----\t----\t--------");
      for (const { name, port, protocol } of ports) layout.line(2, `${name || "<unset>"}\t${port}\t${protocol ?? ""}`);
    }
    layout.line(0);
  }
};

interface Peer {
  readonly podSelector?: unknown;
  readonly namespaceSelector?: unknown;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}
interface PolicyRule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly { readonly port?: number | string; readonly protocol?: string }[];
}

export const describeNetworkPolicy: Describer = (layout, policy) => {
  const {
    podSelector,
    policyTypes = [],
    ingress,
    egress,
  } = (policy.spec ?? {}) as {
    readonly podSelector?: unknown;
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly PolicyRule[];
    readonly egress?: readonly PolicyRule[];
  };
  const { metadata } = policy;
  layout.line(0, `Name:\t${metadata.name}`);
  layout.line(0, `Namespace:\t${metadata.namespace}`);
  layout.line(0, `Created on:\t${goTime(metadata.creationTimestamp)}`);
  layout.map(0, "Labels", metadata.labels);
  layout.annotations(0, policy);
  layout.line(0, "Spec:");
  const selected = selectorText(podSelector);
  layout.line(
    1,
    `PodSelector:     ${selected === "<none>" ? "<none> (Allowing the specific traffic to all pods in this namespace)" : selected}`,
  );
  if (policyTypes.includes("Ingress")) {
    layout.line(1, "Allowing ingress traffic:");
    writeRules(layout, ingress, "From", "ingress");
  } else layout.line(1, "Not affecting ingress traffic");
  if (policyTypes.includes("Egress")) {
    layout.line(1, "Allowing egress traffic:");
    writeRules(layout, egress, "To", "egress");
  } else layout.line(1, "Not affecting egress traffic");
  layout.line(1, `Policy Types: ${policyTypes.join(", ")}`);
};

function writeRules(
  layout: Layout,
  rules: readonly PolicyRule[] | undefined,
  title: "From" | "To",
  direction: string,
): void {
  if (!rules?.length) {
    layout.line(2, `<none> (Selected pods are isolated for ${direction} connectivity)`);
    return;
  }
  rules.forEach(({ ports = [], from, to }, index) => {
    if (ports.length === 0) layout.line(2, "To Port: <any> (traffic allowed to all ports)");
    for (const { port, protocol = "TCP" } of ports) layout.line(2, `To Port: ${port ?? "<any>"}/${protocol}`);
    const peers = (title === "From" ? from : to) ?? [];
    if (peers.length === 0)
      layout.line(2, `${title}: <any> (traffic not restricted by ${title === "From" ? "source" : "destination"})`);
    for (const { ipBlock, namespaceSelector, podSelector } of peers) {
      layout.line(2, `${title}:`);
      if (ipBlock) {
        layout.line(3, "IPBlock:");
        layout.line(4, `CIDR: ${ipBlock.cidr}`);
        layout.line(4, `Except: ${(ipBlock.except ?? []).join(", ")}`);
        continue;
      }
      if (namespaceSelector) layout.line(3, `NamespaceSelector: ${selectorText(namespaceSelector)}`);
      if (podSelector) layout.line(3, `PodSelector: ${selectorText(podSelector)}`);
    }
    if (index < rules.length - 1) layout.line(2, "----------");
  });
}

/** `2006-01-02 15:04:05 +0000 UTC`. */
const goTime = (written = ""): string => `${written.replace("T", " ").replace("Z", "")} +0000 UTC`;
