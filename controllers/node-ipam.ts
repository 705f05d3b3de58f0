import { type Node, nodes } from "../api/core/node/node.js";
import { assert } from "../base/assert.js";
import { formatIpv4, parseIpv4Block } from "../base/ipv4.js";
import { type Controller, defineSweep } from "./framework/controller.js";
import { type Action, event, type Plan, patch } from "./framework/plan.js";

export interface NodeIpamOptions {
  /** The range that nodes share out, `10.244.0.0/16`. */
  readonly podCidr: string;
  /** Prefix length of a node's part: 24 unless said. */
  readonly nodeCidrMaskSize?: number;
}

/** Every node has a part of the pod range of its own. One key for all nodes: no part is given out twice. */
export function nodeIpam({ podCidr, nodeCidrMaskSize = 24 }: NodeIpamOptions): Controller {
  const range = parseRange(podCidr, nodeCidrMaskSize);
  return defineSweep({
    name: "node-ipam",
    component: "cidrAllocator",
    watches: [nodes],
    observe: (cache) => cache.list(nodes),
    reconcile: (all) => reconcilePodCidrs(all, range),
  });
}

export interface Range {
  readonly first: number;
  readonly count: number;
  readonly maskSize: number;
}

export function reconcilePodCidrs(all: readonly Node[], range: Range): Plan {
  const waiting = all
    .filter(({ metadata, spec }) => !spec.podCIDR && cidrsOf(spec).length === 0 && !metadata.deletionTimestamp)
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  if (waiting.length === 0) return { actions: [] };
  const taken = new Set<number>();
  for (const { spec } of all) for (const index of partsOf(spec, range)) taken.add(index);
  const actions: Action[] = [];
  let next = 0;
  for (const node of waiting) {
    while (next < range.count && taken.has(next)) next += 1;
    if (next >= range.count) {
      actions.push(
        event(node, "Normal", "CIDRNotAvailable", `Node ${node.metadata.name} status is now: CIDRNotAvailable`),
      );
      continue;
    }
    const podCIDR = cidrAt(next, range);
    taken.add(next);
    actions.push(
      patch(nodes, node, {
        patchType: "merge",
        exact: true,
        body: { spec: { podCIDR, podCIDRs: [podCIDR] } },
      }),
    );
  }
  return { actions };
}

/** Throws on what is no IPv4 range or holds no part of that size. */
export function parseRange(cidr: string, maskSize: number): Range {
  const parsed = parseIpv4Block(cidr);
  assert(parsed, `the pod range ${JSON.stringify(cidr)} is not an IPv4 range such as 10.244.0.0/16`);
  assert(
    maskSize >= parsed.bits && maskSize <= 30,
    `the pod range ${cidr} cannot be shared out in parts of /${maskSize}`,
  );
  return { first: parsed.first, count: 2 ** (maskSize - parsed.bits), maskSize };
}

const cidrsOf = ({ podCIDR, podCIDRs }: Node["spec"]): readonly string[] =>
  podCIDRs && podCIDRs.length > 0 ? podCIDRs : podCIDR ? [podCIDR] : [];

const cidrAt = (index: number, { first, maskSize }: Range): string =>
  `${formatIpv4(first + index * 2 ** (32 - maskSize))}/${maskSize}`;

/** The parts that a node has; kept by its spec, since a sweep is over all nodes whenever one of them changes. */
function partsOf(spec: Node["spec"], range: Range): readonly number[] {
  const known = parts.get(spec);
  if (known?.range === range) return known.indexes;
  const indexes = cidrsOf(spec).flatMap((cidr) => indexesOf(cidr, range));
  parts.set(spec, { range, indexes });
  return indexes;
}

const parts = new WeakMap<Node["spec"], { readonly range: Range; readonly indexes: readonly number[] }>();

/** Every part that a given range touches. */
function indexesOf(cidr: string, { first, count, maskSize }: Range): readonly number[] {
  const parsed = parseIpv4Block(cidr);
  if (!parsed) return [];
  const size = 2 ** (32 - maskSize);
  const from = Math.max(0, Math.floor((parsed.first - first) / size));
  const to = Math.min(count - 1, Math.floor((parsed.first + parsed.size - 1 - first) / size));
  return from > to ? [] : Array.from({ length: to - from + 1 }, (_, at) => from + at);
}
