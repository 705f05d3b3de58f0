import { endpointSlices } from "../../api/discovery/endpoint-slice.js";
import type { AnyObject } from "../api.js";
import type { Describer } from "./describer.js";

interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly targetPort?: number | string;
  readonly protocol?: string;
  readonly nodePort?: number;
}
interface ServiceView {
  readonly spec?: {
    readonly type?: string;
    readonly selector?: Readonly<Record<string, string>>;
    readonly ipFamilyPolicy?: string;
    readonly ipFamilies?: readonly string[];
    readonly clusterIP?: string;
    readonly clusterIPs?: readonly string[];
    readonly externalIPs?: readonly string[];
    readonly externalName?: string;
    readonly ports?: readonly ServicePort[];
    readonly sessionAffinity?: string;
    readonly externalTrafficPolicy?: string;
    readonly internalTrafficPolicy?: string;
    readonly healthCheckNodePort?: number;
    readonly loadBalancerSourceRanges?: readonly string[];
  };
}
interface SliceView {
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[];
  readonly endpoints?: readonly {
    readonly addresses: readonly string[];
    readonly conditions?: { readonly ready?: boolean };
  }[];
}

export const describeService: Describer = async (layout, service, { api }) => {
  const { spec = {} } = service as unknown as ServiceView;
  const { metadata } = service;
  layout.line(0, `Name:\t${metadata.name}`);
  layout.line(0, `Namespace:\t${metadata.namespace}`);
  layout.map(0, "Labels", metadata.labels);
  layout.annotations(0, service);
  layout.field(
    0,
    "Selector",
    Object.entries(spec.selector ?? {})
      .sort()
      .map(([key, value]) => `${key}=${value}`)
      .join(","),
  );
  layout.line(0, `Type:\t${spec.type ?? ""}`);
  layout.given(0, "IP Family Policy", spec.ipFamilyPolicy);
  layout.field(0, "IP Families", spec.ipFamilies?.join(","));
  layout.line(0, `IP:\t${spec.clusterIP ?? ""}`);
  layout.field(0, "IPs", spec.clusterIPs?.join(","));
  layout.given(0, "External IPs", spec.externalIPs?.join(","));
  layout.given(0, "External Name", spec.externalName);
  const labelSelector = `kubernetes.io/service-name=${metadata.name}`;
  const { items } = await api.list(endpointSlices, metadata.namespace, { labelSelector });
  for (const port of spec.ports ?? []) {
    const { name = "<unset>", protocol = "TCP" } = port;
    layout.line(0, `Port:\t${name}\t${port.port}/${protocol}`);
    layout.line(0, `TargetPort:\t${port.targetPort ?? ""}/${protocol}`);
    if (port.nodePort) layout.line(0, `NodePort:\t${name}\t${port.nodePort}/${protocol}`);
    layout.line(0, `Endpoints:\t${endpointsText(items, port)}`);
  }
  layout.line(0, `Session Affinity:\t${spec.sessionAffinity ?? ""}`);
  layout.given(0, "External Traffic Policy", spec.externalTrafficPolicy);
  layout.given(0, "Internal Traffic Policy", spec.internalTrafficPolicy);
  if (spec.healthCheckNodePort) layout.line(0, `HealthCheck NodePort:\t${spec.healthCheckNodePort}`);
  layout.given(0, "LoadBalancer Source Ranges", spec.loadBalancerSourceRanges?.join(","));
};

const endpointsShown = 3;

function endpointsText(slices: readonly AnyObject[], { name = "" }: ServicePort): string {
  const addresses = slices.flatMap((slice) => {
    const { ports = [], endpoints = [] } = slice as unknown as SliceView;
    const port = ports.find((one) => (one.name ?? "") === name)?.port;
    if (port === undefined) return [];
    return endpoints
      .filter(({ conditions }) => conditions?.ready ?? true)
      .flatMap((endpoint) =>
        endpoint.addresses.map((address) => `${address.includes(":") ? `[${address}]` : address}:${port}`),
      );
  });
  if (addresses.length === 0) return "";
  const more = addresses.length - endpointsShown;
  return addresses.slice(0, endpointsShown).join(",") + (more > 0 ? ` + ${more} more...` : "");
}
