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
  /** From where the service is reached. */
  type: oneOf(["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"], { default: "ClusterIP" }),
  /** Labels of the pods behind it; without it others name its endpoints. */
  selector: optional(map(string(), { mapType: "atomic" })),
  /** What it listens on, and where that leads. */
  ports: optional(
    list(
      ref<ServicePort>(() => servicePort),
      { mapKeys: ["port", "protocol"], mergeKey: "port" },
    ),
  ),
  /** Given out by the server; `None` for a service without an address. */
  clusterIP: optional(string()),
  /** One for each IP family; the first is `clusterIP`. */
  clusterIPs: optional(list(string())),
  /** Addresses beside its own for which nodes take its traffic. */
  externalIPs: optional(list(string())),
  /** The DNS name that the service stands for. */
  externalName: optional(string()),
  /** ClientIP: one client always reaches the same pod, if it can. */
  sessionAffinity: oneOf(["ClientIP", "None"], { default: "None" }),
  /** How long a client stays with its pod. */
  sessionAffinityConfig: optional(ref<SessionAffinityConfig>(() => sessionAffinityConfig)),
  /** Local: only pods of the client's own node serve it. */
  internalTrafficPolicy: optional(oneOf(["Cluster", "Local"])),
  /** `Local` keeps traffic from outside on the node it reached. */
  externalTrafficPolicy: optional(oneOf(["Cluster", "Local"])),
  /** Where load balancers ask whether a node has pods of it. */
  healthCheckNodePort: optional(int32({ omitZero: true })),
  /** Families of its addresses. */
  ipFamilies: optional(list(oneOf(["IPv4", "IPv6"]))),
  /** Whether it has addresses of one family or of both. */
  ipFamilyPolicy: optional(oneOf(["SingleStack", "PreferDualStack", "RequireDualStack"])),
  /** Pods are found before they are ready. */
  publishNotReadyAddresses: optional(boolean()),
  /** A wish as to which backends are used: near ones. */
  trafficDistribution: optional(string()),
  /** Whether a load balancer gets node ports. */
  allocateLoadBalancerNodePorts: optional(boolean()),
  /** Which load balancer serves it. */
  loadBalancerClass: optional(string()),
  /** The address wanted of the load balancer. */
  loadBalancerIP: optional(string()),
  /** Whose traffic the load balancer lets through. */
  loadBalancerSourceRanges: optional(list(string())),
});
export interface ServiceSpec extends Infer<typeof serviceSpec> {}
addRules(serviceSpec, { defaults: serviceDefaults, validate: serviceRules });

/** A port of a service, and the port of the pods behind it. */
export const servicePort = object("ServicePort", {
  /** Unique within the service; needed where there are several. */
  name: optional(string()),
  /** TCP, UDP or SCTP. */
  protocol: oneOf(["TCP", "UDP", "SCTP"], { default: "TCP" }),
  /** What is spoken there, as a hint. */
  appProtocol: optional(string()),
  /** The port on the address of the service. */
  port: int32({ min: 1, max: 65535 }),
  /** Number or name of the pods' port; absent means `port`. */
  targetPort: optional(intOrString({ omitZero: true })),
  /** The port under which every node takes traffic for the service. */
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
