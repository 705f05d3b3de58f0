import type { Pod } from "../../api/core/pod/pod.js";

/** https://kubernetes.io/docs/tasks/network/customize-hosts-file-for-pods/ */
export function hostsFile({ metadata, spec }: Pod, ips: readonly string[]): string {
  const hostname = spec.hostnameOverride ?? spec.hostname ?? metadata.name;
  const full = spec.subdomain ? `${hostname}.${spec.subdomain}.${metadata.namespace}.svc.cluster.local\t` : "";
  return [
    "# Kubernetes-managed hosts file.",
    "127.0.0.1\tlocalhost",
    "::1\tlocalhost ip6-localhost ip6-loopback",
    "fe00::\tip6-localnet",
    "fe00::\tip6-mcastprefix",
    "fe00::1\tip6-allnodes",
    "fe00::2\tip6-allrouters",
    ...ips.map((ip) => `${ip}\t${full}${hostname}`),
    ...((spec.hostAliases ?? []).length > 0 ? ["", "# Entries added by HostAliases."] : []),
    ...(spec.hostAliases ?? []).map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join("\t")}`),
    "",
  ].join("\n");
}

/** The node's own where the pod adds nothing: undefined. https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-dns-config */
export function resolverFile({ spec: { dnsPolicy, dnsConfig } }: Pod, host: string): string | undefined {
  if (!dnsConfig) return undefined;
  const lines = dnsPolicy === "None" ? [] : host.split("\n").map((line) => line.trim().split(/\s+/));
  const of = (word: string): readonly string[] => lines.flatMap(([first, ...rest]) => (first === word ? rest : []));
  const { nameservers = [], searches = [], options = [] } = dnsConfig;
  const unique = (words: readonly string[]): readonly string[] => [...new Set(words)];
  const search = unique([...of("search"), ...searches]);
  const given = options.map(({ name, value }) => (value ? `${name}:${value}` : (name ?? "")));
  const named = new Set(given.map((option) => option.split(":")[0]));
  const option = [...of("options").filter((each) => !named.has(each.split(":")[0])), ...given];
  return [
    ...unique([...of("nameserver"), ...nameservers]).map((server) => `nameserver ${server}`),
    ...(search.length > 0 ? [`search ${search.join(" ")}`] : []),
    ...(option.length > 0 ? [`options ${option.join(" ")}`] : []),
    "",
  ].join("\n");
}
