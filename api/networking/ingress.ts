import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
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
import { type TypedLocalObjectReference, typedLocalObjectReference } from "../core/reference.js";
import { ingressColumns } from "./ingress-columns.js";
import {
  backendRules,
  classErrors,
  hostRules,
  ingressRules,
  pathListRules,
  pathRules,
  serviceBackendRules,
  tlsRules,
} from "./ingress-rules.js";

/** Which requests from outside go to which service. */
export const ingressSpec = object("IngressSpec", {
  /** The class whose controller serves this ingress; absent takes the cluster's default class. */
  ingressClassName: optional(string({ keepEmpty: true })),
  /** Takes the requests that fit no rule. */
  defaultBackend: optional(ref<IngressBackend>(() => ingressBackend)),
  /** By host and path, where requests go; what fits none takes `defaultBackend`. */
  rules: optional(list(ref<IngressRule>(() => ingressRule))),
  /** Certificates for hosts that are served over TLS, at port 443. */
  tls: optional(list(ref<IngressTLS>(() => ingressTLS))),
});
export interface IngressSpec extends Infer<typeof ingressSpec> {}
addRules(ingressSpec, { validate: ingressRules });

/** What happens to requests for one host. */
export const ingressRule = object("IngressRule", {
  /** A DNS name without port, or `*.` and a domain for any one label before it; absent means every host. */
  host: optional(string()),
  /** Where the host's requests go by path; absent sends all to `defaultBackend`. */
  http: optional(ref<HTTPIngressRuleValue>(() => httpIngressRuleValue)),
});
export interface IngressRule extends Infer<typeof ingressRule> {}
addRules(ingressRule, { validate: hostRules });

/** Paths and where their requests go. */
export const httpIngressRuleValue = object("HTTPIngressRuleValue", {
  /** At least one; the longest path that fits a request wins. */
  paths: list(
    ref<HTTPIngressPath>(() => httpIngressPath),
    { default: [] },
  ),
});
export interface HTTPIngressRuleValue extends Infer<typeof httpIngressRuleValue> {}
addRules(httpIngressRuleValue, { validate: pathListRules });

/** One path and where its requests go. */
export const httpIngressPath = object("HTTPIngressPath", {
  /** Path that requests are compared with; begins with a slash. May be empty only with ImplementationSpecific. */
  path: optional(string()),
  /** Exact: the whole path; Prefix: whole segments of it; ImplementationSpecific: up to the controller. */
  pathType: string({ default: "" }),
  /** Takes the requests that fit. */
  backend: ref<IngressBackend>(() => ingressBackend, { default: {} }),
});
export interface HTTPIngressPath extends Infer<typeof httpIngressPath> {}
addRules(httpIngressPath, { validate: pathRules });

/** Where requests go: to a service, or to another object. */
export const ingressBackend = object("IngressBackend", {
  /** An object of this namespace that the controller knows to serve; instead of `service`. */
  resource: optional(ref<TypedLocalObjectReference>(() => typedLocalObjectReference)),
  /** A service of this namespace; instead of `resource`. */
  service: optional(ref<IngressServiceBackend>(() => ingressServiceBackend)),
});
export interface IngressBackend extends Infer<typeof ingressBackend> {}
addRules(ingressBackend, { validate: backendRules });

/** A service and one of its ports. */
export const ingressServiceBackend = object("IngressServiceBackend", {
  /** Name of the service. */
  name: string({ default: "" }),
  /** Which of the service's ports. */
  port: optional(ref<ServiceBackendPort>(() => serviceBackendPort)),
});
export interface IngressServiceBackend extends Infer<typeof ingressServiceBackend> {}
addRules(ingressServiceBackend, { validate: serviceBackendRules });

/** A port of a service, by name or number. */
export const serviceBackendPort = object("ServiceBackendPort", {
  /** Name of the port; instead of `number`. */
  name: optional(string()),
  /** Number of the port, 1 to 65535; instead of `name`. */
  number: optional(int32({ omitZero: true })),
});
export interface ServiceBackendPort extends Infer<typeof serviceBackendPort> {}

/** The certificate for some hosts. */
export const ingressTLS = object("IngressTLS", {
  /** Names that the certificate is for. */
  hosts: optional(list(string())),
  /** Secret of this namespace with `tls.crt` and `tls.key`. */
  secretName: optional(string()),
});
export interface IngressTLS extends Infer<typeof ingressTLS> {}
addRules(ingressTLS, { validate: tlsRules });

/** Where an ingress can be reached. */
export const ingressStatus = object("IngressStatus", {
  /** Where the ingress is reached from outside. */
  loadBalancer: optional(ref<IngressLoadBalancerStatus>(() => ingressLoadBalancerStatus)),
});
export interface IngressStatus extends Infer<typeof ingressStatus> {}

/** The addresses of the load balancer in front. */
export const ingressLoadBalancerStatus = object("IngressLoadBalancerStatus", {
  /** One entry for each entrance. */
  ingress: optional(
    list(
      ref<IngressLoadBalancerIngress>(() => ingressLoadBalancerIngress),
      { listType: "atomic" },
    ),
  ),
});
export interface IngressLoadBalancerStatus extends Infer<typeof ingressLoadBalancerStatus> {}

/** One address of the load balancer. */
export const ingressLoadBalancerIngress = object("IngressLoadBalancerIngress", {
  /** DNS name of the entrance. */
  hostname: optional(string()),
  /** Address of the entrance. */
  ip: optional(string()),
  /** Which ports are open there, and which could not be opened. */
  ports: optional(list(ref<IngressPortStatus>(() => ingressPortStatus))),
});
export interface IngressLoadBalancerIngress extends Infer<typeof ingressLoadBalancerIngress> {}

/** What became of one port of the load balancer. */
export const ingressPortStatus = object("IngressPortStatus", {
  /** Why the port does not work, as one word that may have a domain before it; absent if it does. */
  error: optional(string()),
  /** Number of the port. */
  port: int32({ default: 0 }),
  /** TCP, UDP or SCTP. */
  protocol: oneOf(["TCP", "UDP", "SCTP"]),
});
export interface IngressPortStatus extends Infer<typeof ingressPortStatus> {}

/** Leads HTTP requests from outside to services, by host and path. */
export const ingresses = defineResource({
  group: "networking.k8s.io",
  version: "v1",
  kind: "Ingress",
  plural: "ingresses",
  shortNames: ["ing"],
  scope: "Namespaced",
  spec: ingressSpec,
  status: ingressStatus,
  subresources: { status: true },
  notBuilt: "controller",
  prepare: (ingress, old) => (old ? ingress : { ...ingress, status: { loadBalancer: {} } }),
  validate: ({ metadata, spec }, old) => (old ? [] : classErrors(metadata.annotations, spec.ingressClassName)),
  columns: ingressColumns,
});
export interface Ingress extends ObjectOf<typeof ingresses> {}
