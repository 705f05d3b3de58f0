import { BlockList, isIP } from "node:net";
import { endpoints } from "../../../api/core/endpoints.js";
import { type Node, nodes } from "../../../api/core/node/node.js";
import { services } from "../../../api/core/service.js";
import { badRequest, StatusError } from "../../../apimachinery/status.js";
import { parseIpv4, parseIpv4Block } from "../../../base/ipv4.js";
import { targetPod } from "../pod-location.js";
import type { SubresourceApi } from "../subresources.js";

/** Where a proxied request goes. */
export interface Location {
  readonly scheme: "http" | "https";
  readonly address: string;
  readonly port: number;
}

interface Named {
  readonly scheme: "http" | "https";
  readonly name: string;
  /** "" where none is given. */
  readonly port: string;
}

/** `NAME`, `NAME:PORT`, `SCHEME:NAME:PORT` (port may be empty); undefined for anything else. */
export function splitName(text: string): Named | undefined {
  const parts = text.split(":");
  const [scheme = "", name = "", port = ""] =
    parts.length === 1 ? ["", ...parts, ""] : parts.length === 2 ? ["", ...parts] : parts;
  if (parts.length > 3 || name === "" || !["", "http", "https"].includes(scheme)) return undefined;
  return { scheme: scheme === "https" ? "https" : "http", name, port };
}

export async function podLocation(api: SubresourceApi): Promise<Location> {
  const named = splitName(api.target.name);
  if (!named) throw badRequest(`invalid pod request ${JSON.stringify(api.target.name)}`);
  const { spec, status } = await targetPod({ ...api, target: { ...api.target, name: named.name } });
  const declared = spec.containers.find(({ ports = [] }) => ports.length > 0)?.ports?.[0]?.containerPort;
  const port = named.port === "" ? (declared ?? defaultPort(named.scheme)) : portNumber(named.port);
  if (port === undefined) throw badRequest(`invalid pod request ${JSON.stringify(api.target.name)}`);
  return { scheme: named.scheme, port, address: allowed(api, status?.podIP ?? "") };
}

export async function serviceLocation(api: SubresourceApi, dice: () => number): Promise<Location> {
  const named = splitName(api.target.name);
  if (!named) throw badRequest(`invalid service request ${JSON.stringify(api.target.name)}`);
  const { namespace } = api.target;
  const { spec } = (await api.registry.get(services, { namespace, name: named.name })).object;
  const { ports = [] } = spec;
  const wanted =
    named.port === ""
      ? ports.length === 1
        ? ports[0]
        : undefined
      : ports.find(({ port, name = "" }) => String(port) === named.port || name === named.port);
  if (!wanted && (named.port !== "" || ports.length > 0))
    throw unavailable(
      named.port === ""
        ? `no endpoints available for service ${JSON.stringify(api.target.name)}`
        : `no service port ${JSON.stringify(named.port)} found for service ${JSON.stringify(named.name)}`,
    );
  const subsets = api.registry.reads.get(endpoints, namespace, named.name)?.subsets ?? [];
  const choices = subsets.flatMap(({ addresses = [], ports: open = [] }) => {
    const port = open.find(({ name = "" }) => name === (wanted?.name ?? ""))?.port;
    return port === undefined ? [] : addresses.map(({ ip }) => ({ ip, port }));
  });
  const chosen = choices[Math.floor(dice() * choices.length)];
  if (!chosen) throw unavailable(`no endpoints available for service ${JSON.stringify(api.target.name)}`);
  return { scheme: named.scheme, port: chosen.port, address: allowed(api, chosen.ip) };
}

/** A node, and the port where it is another than its agent's. */
export async function nodeLocation(
  api: SubresourceApi,
): Promise<{ readonly node: Node; readonly elsewhere: Location | undefined }> {
  const named = splitName(api.target.name);
  if (!named) throw badRequest(`invalid node request ${JSON.stringify(api.target.name)}`);
  const { object: node } = await api.registry.get(nodes, { namespace: "", name: named.name });
  const own = node.status?.daemonEndpoints?.kubeletEndpoint?.Port;
  if (named.port === "" || Number(named.port) === own) return { node, elsewhere: undefined };
  const port = portNumber(named.port);
  const address = node.status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
  if (port === undefined || address === undefined)
    throw badRequest(`invalid node request ${JSON.stringify(api.target.name)}`);
  return { node, elsewhere: { scheme: named.scheme, address, port } };
}

const defaultPort = (scheme: string): number => (scheme === "https" ? 443 : 80);
const portNumber = (text: string): number | undefined =>
  /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
const unavailable = (message: string): StatusError => new StatusError("ServiceUnavailable", message, {});

/** Pods say where they are, and so do people in Endpoints: only where pods can be is believed. */
function allowed({ registry }: SubresourceApi, address: string): string {
  if (isIP(address) === 0) throw badRequest("address not allowed: it has none yet");
  if (!isInPodNetwork(address, registry.reads.list(nodes, "")))
    throw badRequest(`address not allowed: ${address} is not of the pod network`);
  return address;
}

/** In a node's range of pods, or a node's own address, which its pods may share. */
export function isInPodNetwork(address: string, all: Iterable<Node>): boolean {
  const wanted = parseIpv4(address);
  for (const { spec, status } of all) {
    if (status?.addresses?.some((one) => one.address === address)) return true;
    if (spec.podCIDRs ? spec.podCIDRs.some(holds) : spec.podCIDR !== undefined && holds(spec.podCIDR)) return true;
  }
  return false;

  function holds(cidr: string): boolean {
    if (wanted === undefined) return isInIpv6Range(address, cidr);
    const block = parseIpv4Block(cidr);
    return block !== undefined && wanted >= block.first && wanted < block.first + block.size;
  }
}

function isInIpv6Range(address: string, cidr: string): boolean {
  const [base = "", bits = ""] = cidr.split("/");
  if (isIP(base) !== 6) return false;
  const range = new BlockList();
  range.addSubnet(base, Number(bits), "ipv6");
  return range.check(address, "ipv6");
}
