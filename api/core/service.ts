import { type Condition, condition } from "../../apimachinery/condition.js";
import { connectVerbs, defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import {
  addRules,
  boolean,
  type Infer,
  int32,
  intOrString,
  list,
  map,
  object,
  oneOf,
  optional,
  ref,
  string,
} from "../../apimachinery/schema/schema.js";
import { type LoadBalancerStatus, loadBalancerStatus } from "./load-balancer-status.js";
import { serviceColumns } from "./service-columns.js";
import { portDefaults, serviceDefaults, serviceRules, serviceUpdateErrors } from "./service-rules.js";

/** Under which addresses and ports which pods are reached. */
export const serviceSpec = object("ServiceSpec", {
  /**
   * ClusterIP (the default): an address within the cluster. NodePort adds a port on each node, LoadBalancer also a load
   * balancer; ExternalName is only a DNS name.
   */
  type: oneOf(["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"], { default: "ClusterIP" }),
  /** Labels of the pods that take its traffic; without it, endpoints are written by hand. */
  selector: optional(map(string(), { mapType: "atomic" })),
  /** Ports that it takes traffic on, and where that leads. */
  ports: optional(
    list(
      ref<ServicePort>(() => servicePort),
      { mapKeys: ["port", "protocol"], mergeKey: "port" },
    ),
  ),
  /**
   * Address within the cluster, given by the server unless asked for; `None` makes DNS answer with the pods' addresses.
   */
  clusterIP: optional(string()),
  /** One for each IP family; the first is `clusterIP`. */
  clusterIPs: optional(list(string())),
  /** Addresses beside its own for which nodes take its traffic. */
  externalIPs: optional(list(string())),
  /** The DNS name that the service stands for. */
  externalName: optional(string()),
  /** None (the default) spreads connections; ClientIP sends one client to the same pod each time. */
  sessionAffinity: oneOf(["ClientIP", "None"], { default: "None" }),
  /** Settings of `sessionAffinity`; only for ClientIP. */
  sessionAffinityConfig: optional(ref<SessionAffinityConfig>(() => sessionAffinityConfig)),
  /** Cluster (the default) uses all endpoints for traffic from inside; Local only those on the client's node. */
  internalTrafficPolicy: optional(oneOf(["Cluster", "Local"])),
  /**
   * Cluster (the default) spreads traffic from outside over all nodes; Local keeps it on the node it reached, and with
   * it the client's address.
   */
  externalTrafficPolicy: optional(oneOf(["Cluster", "Local"])),
  /**
   * Port of each node that tells load balancers whether it has endpoints; given where `externalTrafficPolicy` is Local.
   */
  healthCheckNodePort: optional(int32({ omitZero: true })),
  /** IPv4, IPv6 or both in the order wanted; the cluster's where absent. */
  ipFamilies: optional(list(oneOf(["IPv4", "IPv6"]))),
  /** SingleStack (the default), PreferDualStack (both where the cluster has both) or RequireDualStack. */
  ipFamilyPolicy: optional(oneOf(["SingleStack", "PreferDualStack", "RequireDualStack"])),
  /** True counts pods as endpoints before they are ready; false where absent. */
  publishNotReadyAddresses: optional(boolean()),
  /** A wish as to which backends are used: near ones. */
  trafficDistribution: optional(string()),
  /** False spares node ports for load balancers that reach pods directly; true where absent. */
  allocateLoadBalancerNodePorts: optional(boolean()),
  /** Class of the load balancer to use, fixed once set; the cluster's default where absent. */
  loadBalancerClass: optional(string()),
  /** The address wanted of the load balancer. */
  loadBalancerIP: optional(string()),
  /** Client ranges (CIDR) that the load balancer lets through; all where empty. */
  loadBalancerSourceRanges: optional(list(string())),
});
export interface ServiceSpec extends Infer<typeof serviceSpec> {}
addRules(serviceSpec, { defaults: serviceDefaults, validate: serviceRules });

/** A port of a service, and the port of the pods behind it. */
export const servicePort = object("ServicePort", {
  /** Unique within the service; needed where there are several. */
  name: optional(string()),
  /** TCP (the default), UDP or SCTP. */
  protocol: oneOf(["TCP", "UDP", "SCTP"], { default: "TCP" }),
  /** What is spoken there, as a hint. */
  appProtocol: optional(string()),
  /** Port on the service's address, 1 to 65535. */
  port: int32({ min: 1, max: 65535 }),
  /** Port of the pods, by number or by the container port's name; the same as `port` where absent. */
  targetPort: optional(intOrString({ omitZero: true })),
  /** Port of every node that leads here; given by the server for NodePort and LoadBalancer unless asked for. */
  nodePort: optional(int32({ omitZero: true })),
});
export interface ServicePort extends Infer<typeof servicePort> {}
addRules(servicePort, { defaults: portDefaults });

/** How long a client stays with the same pod. */
export const sessionAffinityConfig = object("SessionAffinityConfig", {
  /** Applies where `sessionAffinity` is ClientIP. */
  clientIP: optional(ref<ClientIPConfig>(() => clientIPConfig)),
});
export interface SessionAffinityConfig extends Infer<typeof sessionAffinityConfig> {}

/** Stickiness by the client's address. */
export const clientIPConfig = object("ClientIPConfig", {
  /** Seconds without traffic after which a client is forgotten: 1 to 86400, 10800 where nothing is said. */
  timeoutSeconds: optional(int32()),
});
export interface ClientIPConfig extends Infer<typeof clientIPConfig> {}

/** Where a service is reached from outside. */
export const serviceStatus = object("ServiceStatus", {
  /** What controllers report of the service. */
  conditions: optional(
    list(
      ref<Condition>(() => condition),
      { mapKeys: ["type"], mergeKey: "type" },
    ),
  ),
  /** Where the load balancer takes traffic; empty until there is one. */
  loadBalancer: optional(ref<LoadBalancerStatus>(() => loadBalancerStatus)),
});
export interface ServiceStatus extends Infer<typeof serviceStatus> {}

/** A stable name and address for a changing set of pods. */
export const services = defineResource({
  group: "",
  version: "v1",
  kind: "Service",
  plural: "services",
  shortNames: ["svc"],
  categories: ["all"],
  scope: "Namespaced",
  spec: serviceSpec,
  status: serviceStatus,
  nameRule: "dns-1035-label",
  subresources: { status: true, others: { proxy: connectVerbs } },
  countsGeneration: false,
  allowCreateOnUpdate: true,
  validate: ({ spec }, old) => (old ? serviceUpdateErrors(spec, old.spec) : []),
  selectableFields: {
    "spec.clusterIP": ({ spec }) => spec.clusterIP ?? "",
    "spec.type": ({ spec }) => spec.type,
  },
  columns: serviceColumns,
});
export interface Service extends ObjectOf<typeof services> {}
