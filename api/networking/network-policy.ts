import { type LabelSelector, labelSelector } from "../../apimachinery/label-selector.js";
import { ageColumn, defineResource, nameColumn, type ObjectOf } from "../../apimachinery/resource.js";
import {
  addRules,
  type Infer,
  int32,
  intOrString,
  list,
  object,
  oneOf,
  optional,
  ref,
  string,
} from "../../apimachinery/schema/schema.js";
import { formatLabelSelector } from "../../apimachinery/selector/label.js";
import {
  ipBlockRules,
  peerRules,
  policyPortRules,
  policyTypeDefaults,
  policyTypeRules,
} from "./network-policy-rules.js";

/** Which traffic the chosen pods may have; what no rule allows is not let through. */
export const networkPolicySpec = object("NetworkPolicySpec", {
  podSelector: ref<LabelSelector>(() => labelSelector, { default: {} }),
  /** The directions that the policy is about. */
  policyTypes: optional(list(oneOf(["Egress", "Ingress"]))),
  ingress: optional(list(ref<NetworkPolicyIngressRule>(() => networkPolicyIngressRule))),
  egress: optional(list(ref<NetworkPolicyEgressRule>(() => networkPolicyEgressRule))),
});
export interface NetworkPolicySpec extends Infer<typeof networkPolicySpec> {}
addRules(networkPolicySpec, { defaults: policyTypeDefaults, validate: policyTypeRules });

/** Traffic to the pods that is allowed. */
export const networkPolicyIngressRule = object("NetworkPolicyIngressRule", {
  from: optional(list(ref<NetworkPolicyPeer>(() => networkPolicyPeer))),
  ports: optional(list(ref<NetworkPolicyPort>(() => networkPolicyPort))),
});
export interface NetworkPolicyIngressRule extends Infer<typeof networkPolicyIngressRule> {}

/** Traffic from the pods that is allowed. */
export const networkPolicyEgressRule = object("NetworkPolicyEgressRule", {
  ports: optional(list(ref<NetworkPolicyPort>(() => networkPolicyPort))),
  to: optional(list(ref<NetworkPolicyPeer>(() => networkPolicyPeer))),
});
export interface NetworkPolicyEgressRule extends Infer<typeof networkPolicyEgressRule> {}

/** The other end of the traffic: pods, namespaces or addresses. */
export const networkPolicyPeer = object("NetworkPolicyPeer", {
  ipBlock: optional(ref<IPBlock>(() => ipBlock)),
  namespaceSelector: optional(ref<LabelSelector>(() => labelSelector)),
  podSelector: optional(ref<LabelSelector>(() => labelSelector)),
});
export interface NetworkPolicyPeer extends Infer<typeof networkPolicyPeer> {}
addRules(networkPolicyPeer, { validate: peerRules });

/** A range of addresses, less some parts of it. */
export const ipBlock = object("IPBlock", {
  cidr: string({ nonEmpty: true }),
  except: optional(list(string())),
});
export interface IPBlock extends Infer<typeof ipBlock> {}
addRules(ipBlock, { validate: ipBlockRules });

/** A port, or a range of them. */
export const networkPolicyPort = object("NetworkPolicyPort", {
  endPort: optional(int32()),
  port: optional(intOrString()),
  protocol: oneOf(["SCTP", "TCP", "UDP"], { default: "TCP" }),
});
export interface NetworkPolicyPort extends Infer<typeof networkPolicyPort> {}
addRules(networkPolicyPort, { validate: policyPortRules });

/** Says which traffic some pods may have. */
export const networkPolicies = defineResource({
  group: "networking.k8s.io",
  version: "v1",
  kind: "NetworkPolicy",
  plural: "networkpolicies",
  shortNames: ["netpol"],
  scope: "Namespaced",
  spec: networkPolicySpec,
  notBuilt: "effect",
  columns: [nameColumn, { name: "Pod-Selector", cell: ({ spec }) => formatLabelSelector(spec.podSelector) }, ageColumn],
});
export interface NetworkPolicy extends ObjectOf<typeof networkPolicies> {}
