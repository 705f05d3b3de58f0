import {
  addRules,
  type Infer,
  int32,
  list,
  object,
  oneOf,
  optional,
  ref,
  string,
} from "../../apimachinery/schema/schema.js";

/** The entry points of a load balancer. */
export const loadBalancerStatus = object("LoadBalancerStatus", {
  ingress: optional(list(ref<LoadBalancerIngress>(() => loadBalancerIngress))),
});
export interface LoadBalancerStatus extends Infer<typeof loadBalancerStatus> {}

/** One entry point of a load balancer. */
export const loadBalancerIngress = object("LoadBalancerIngress", {
  hostname: optional(string()),
  ip: optional(string()),
  ipMode: optional(string()),
  ports: optional(list(ref<PortStatus>(() => portStatus))),
});
export interface LoadBalancerIngress extends Infer<typeof loadBalancerIngress> {}
addRules(loadBalancerIngress, { defaults: ipModeDefault });

/** What became of one port of a load balancer. */
export const portStatus = object("PortStatus", {
  port: int32({ default: 0 }),
  protocol: oneOf(["TCP", "UDP", "SCTP"]),
  error: optional(string()),
});
export interface PortStatus extends Infer<typeof portStatus> {}

function ipModeDefault({ ip, ipMode }: LoadBalancerIngress): { readonly ipMode?: string } {
  return ip !== undefined && ipMode === undefined ? { ipMode: "VIP" } : {};
}
