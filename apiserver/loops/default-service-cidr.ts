/** The ServiceCIDR `kubernetes`: the range that this server gives cluster addresses from, for those who look it up. */
import { type ServiceCIDR, serviceCIDRs } from "../../api/networking/service-cidr.js";
import type { Condition } from "../../apimachinery/condition.js";
import { type Clock, toTime } from "../../base/clock.js";
import { equal } from "../../base/equal.js";
import { asSelf, ensure } from "../registry/ensure.js";
import type { Registry } from "../registry/registry.js";

export interface DefaultServiceCidrOptions {
  readonly registry: Registry;
  readonly serviceCidr: string;
  readonly clock: Clock;
}

const name = "kubernetes";
const ready = {
  type: "Ready",
  status: "True",
  reason: "Ready",
  message: "Cluster addresses come from this range",
} as const;

/** Writes it where it is missing. Answers the ranges of one that names others: they cannot be changed. */
export async function ensureServiceCidr(options: DefaultServiceCidrOptions): Promise<readonly string[] | undefined> {
  const { registry, serviceCidr, clock } = options;
  const cidrs = [serviceCidr];
  await ensure(registry, serviceCIDRs, {
    apiVersion: "networking.k8s.io/v1",
    kind: "ServiceCIDR",
    metadata: { name },
    spec: { cidrs },
  });
  const found = registry.reads.get(serviceCIDRs, "", name);
  if (!found) return undefined;
  if (!equal(found.spec.cidrs, cidrs)) return found.spec.cidrs;
  const condition = { ...ready, lastTransitionTime: toTime(clock.now()) };
  if (withReady(found, condition) === found) return undefined;
  const next = (current: ServiceCIDR): ServiceCIDR => withReady(current, condition);
  const at = { namespace: "", name };
  await registry.update(serviceCIDRs, at, { subresource: "status", part: "status", next }, asSelf);
  return undefined;
}

function withReady(object: ServiceCIDR, condition: Condition): ServiceCIDR {
  const { conditions = [] } = object.status ?? {};
  if (conditions.some(({ type, status }) => type === condition.type && status === condition.status)) return object;
  const others = conditions.filter(({ type }) => type !== condition.type);
  return { ...object, status: { ...object.status, conditions: [...others, condition] } };
}
