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
  ingressClassName: optional(string({ keepEmpty: true })),
  /** Takes the requests that fit no rule. */
  defaultBackend: optional(ref<IngressBackend>(() => ingressBackend)),
  rules: optional(list(ref<IngressRule>(() => ingressRule))),
  tls: optional(list(ref<IngressTLS>(() => ingressTLS))),
});
export interface IngressSpec extends Infer<typeof ingressSpec> {}
addRules(ingressSpec, { validate: ingressRules });

/** What happens to requests for one host. */
export const ingressRule = object("IngressRule", {
  host: optional(string()),
  http: optional(ref<HTTPIngressRuleValue>(() => httpIngressRuleValue)),
});
export interface IngressRule extends Infer<typeof ingressRule> {}
addRules(ingressRule, { validate: hostRules });

/** Paths and where their requests go. */
export const httpIngressRuleValue = object("HTTPIngressRuleValue", {
  paths: list(
    ref<HTTPIngressPath>(() => httpIngressPath),
    { default: [] },
  ),
});
export interface HTTPIngressRuleValue extends Infer<typeof httpIngressRuleValue> {}
addRules(httpIngressRuleValue, { validate: pathListRules });

/** One path and where its requests go. */
export const httpIngressPath = object("HTTPIngressPath", {
  path: optional(string()),
  pathType: string({ default: "" }),
  backend: ref<IngressBackend>(() => ingressBackend, { default: {} }),
});
export interface HTTPIngressPath extends Infer<typeof httpIngressPath> {}
addRules(httpIngressPath, { validate: pathRules });

/** Where requests go: to a service, or to another object. */
export const ingressBackend = object("IngressBackend", {
  resource: optional(ref<TypedLocalObjectReference>(() => typedLocalObjectReference)),
  service: optional(ref<IngressServiceBackend>(() => ingressServiceBackend)),
});
export interface IngressBackend extends Infer<typeof ingressBackend> {}
addRules(ingressBackend, { validate: backendRules });

/** A service and one of its ports. */
export const ingressServiceBackend = object("IngressServiceBackend", {
  name: string({ default: "" }),
  port: optional(ref<ServiceBackendPort>(() => serviceBackendPort)),
});
export interface IngressServiceBackend extends Infer<typeof ingressServiceBackend> {}
addRules(ingressServiceBackend, { validate: serviceBackendRules });

/** A port of a service, by name or number. */
export const serviceBackendPort = object("ServiceBackendPort", {
  name: optional(string()),
  number: optional(int32({ omitZero: true })),
});
export interface ServiceBackendPort extends Infer<typeof serviceBackendPort> {}

/** The certificate for some hosts. */
export const ingressTLS = object("IngressTLS", {
  hosts: optional(list(string())),
  secretName: optional(string()),
});
export interface IngressTLS extends Infer<typeof ingressTLS> {}
addRules(ingressTLS, { validate: tlsRules });

/** Where an ingress can be reached. */
export const ingressStatus = object("IngressStatus", {
  loadBalancer: optional(ref<IngressLoadBalancerStatus>(() => ingressLoadBalancerStatus)),
});
export interface IngressStatus extends Infer<typeof ingressStatus> {}

/** The addresses of the load balancer in front. */
export const ingressLoadBalancerStatus = object("IngressLoadBalancerStatus", {
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
  hostname: optional(string()),
  ip: optional(string()),
  ports: optional(list(ref<IngressPortStatus>(() => ingressPortStatus))),
});
export interface IngressLoadBalancerIngress extends Infer<typeof ingressLoadBalancerIngress> {}

/** What became of one port of the load balancer. */
export const ingressPortStatus = object("IngressPortStatus", {
  error: optional(string()),
  port: int32({ default: 0 }),
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
