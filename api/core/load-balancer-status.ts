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
  /** Entry points that take traffic for the service or ingress. */
  ingress: optional(list(ref<LoadBalancerIngress>(() => loadBalancerIngress))),
});
export interface LoadBalancerStatus extends Infer<typeof loadBalancerStatus> {}

/** One entry point of a load balancer. */
export const loadBalancerIngress = object("LoadBalancerIngress", {
  /** DNS name of the entry point, for load balancers that have one. */
  hostname: optional(string()),
  /** Address of the entry point, for load balancers that have one. */
  ip: optional(string()),
  /**
   * VIP (the default with an `ip`): packets reach nodes with this address as destination. Proxy: they come addressed to
   * the node or pod.
   */
  ipMode: optional(string()),
  /** Ports of the entry point, with what failed for each. */
  ports: optional(list(ref<PortStatus>(() => portStatus))),
});
export interface LoadBalancerIngress extends Infer<typeof loadBalancerIngress> {}
addRules(loadBalancerIngress, { defaults: ipModeDefault });

/** What became of one port of a load balancer. */
export const portStatus = object("PortStatus", {
  /** Number of the port. */
  port: int32({ default: 0 }),
  /** TCP, UDP or SCTP. */
  protocol: oneOf(["TCP", "UDP", "SCTP"]),
  /** Why the port does not work, as one CamelCase word; absent when it does. */
  error: optional(string()),
});
export interface PortStatus extends Infer<typeof portStatus> {}

function ipModeDefault({ ip, ipMode }: LoadBalancerIngress): { readonly ipMode?: string } {
  return ip !== undefined && ipMode === undefined ? { ipMode: "VIP" } : {};
}
