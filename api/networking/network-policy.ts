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
  /** Pods of this namespace that the policy holds for; an empty one means all. */
  podSelector: ref<LabelSelector>(() => labelSelector, { default: {} }),
  /** Ingress, Egress or both. Absent means Ingress, and Egress too where there are `egress` rules. */
  policyTypes: optional(list(oneOf(["Egress", "Ingress"]))),
  /** What may reach them; none closes them to everything, if the policy is about Ingress. */
  ingress: optional(list(ref<NetworkPolicyIngressRule>(() => networkPolicyIngressRule))),
  /** What they may reach; none lets them reach nothing, if the policy is about Egress. */
  egress: optional(list(ref<NetworkPolicyEgressRule>(() => networkPolicyEgressRule))),
});
export interface NetworkPolicySpec extends Infer<typeof networkPolicySpec> {}
addRules(networkPolicySpec, { defaults: policyTypeDefaults, validate: policyTypeRules });

/** Traffic to the pods that is allowed. */
export const networkPolicyIngressRule = object("NetworkPolicyIngressRule", {
  /** Who may come; none given means everybody. */
  from: optional(list(ref<NetworkPolicyPeer>(() => networkPolicyPeer))),
  /** To which ports; none given means all. */
  ports: optional(list(ref<NetworkPolicyPort>(() => networkPolicyPort))),
});
export interface NetworkPolicyIngressRule extends Infer<typeof networkPolicyIngressRule> {}

/** Traffic from the pods that is allowed. */
export const networkPolicyEgressRule = object("NetworkPolicyEgressRule", {
  /** To which ports; none given means all. */
  ports: optional(list(ref<NetworkPolicyPort>(() => networkPolicyPort))),
  /** Where they may go; none given means everywhere. */
  to: optional(list(ref<NetworkPolicyPeer>(() => networkPolicyPeer))),
});
export interface NetworkPolicyEgressRule extends Infer<typeof networkPolicyEgressRule> {}

/** The other end of the traffic: pods, namespaces or addresses. */
export const networkPolicyPeer = object("NetworkPolicyPeer", {
  /** For peers outside the cluster; stands alone, without selectors. */
  ipBlock: optional(ref<IPBlock>(() => ipBlock)),
  /** Namespaces whose pods are meant; an empty one means all. With `podSelector`, only those pods of them. */
  namespaceSelector: optional(ref<LabelSelector>(() => labelSelector)),
  /** Pods that are meant, of the policy's namespace unless `namespaceSelector` is given. */
  podSelector: optional(ref<LabelSelector>(() => labelSelector)),
});
export interface NetworkPolicyPeer extends Infer<typeof networkPolicyPeer> {}
addRules(networkPolicyPeer, { validate: peerRules });

/** A range of addresses, less some parts of it. */
export const ipBlock = object("IPBlock", {
  /** The range: `10.0.0.0/8` or `fd00::/8`. */
  cidr: string({ nonEmpty: true }),
  /** Ranges within `cidr` that are left out. */
  except: optional(list(string())),
});
export interface IPBlock extends Infer<typeof ipBlock> {}
addRules(ipBlock, { validate: ipBlockRules });

/** A port, or a range of them. */
export const networkPolicyPort = object("NetworkPolicyPort", {
  /** The last port of a range that begins with `port`, which must then be a number. */
  endPort: optional(int32()),
  /** Number, or name of a container's port; absent means all ports of the protocol. */
  port: optional(intOrString()),
  /** TCP (the default), UDP or SCTP. */
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
