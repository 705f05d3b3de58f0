import { pods } from "../../api/core/pod/pod.js";
import type { Reads } from "../registry/reads.js";
import type { Authorizer, Decision, ResourceAttributes } from "./authorizer.js";
import { nodeNameOf } from "./node-identity.js";
import { type PodReferences, podReferences } from "./pod-references.js";

/**
 * What a node's agent may do: read what pods bound to its node need, write its own Node, Lease, the status of its pods,
 * and events. What it may write into them is for admission (NodeRestriction) to say.
 */
export function createNodeAuthorizer(reads: Reads): Authorizer {
  return {
    authorize({ user, verb, resource }) {
      const node = nodeNameOf(user);
      if (node === undefined || !resource) return noOpinion;
      if (node === "") return refuse(`unknown node for user ${JSON.stringify(user.name)}`);
      const rule = rules.get(`${resource.group}/${resource.plural}/${resource.subresource}`);
      return rule ? rule({ node, verb, resource, reads }) : noOpinion;
    },
  };
}

interface Question {
  readonly node: string;
  readonly verb: string;
  readonly resource: ResourceAttributes;
  readonly reads: Reads;
}
type Rule = (question: Question) => Decision;

const noOpinion: Decision = { allowed: false, reason: "" };
const allow: Decision = { allowed: true, reason: "" };
const refuse = (reason: string): Decision => ({ allowed: false, reason });
const unrelated = (node: string): Decision => refuse(`no relationship found between node '${node}' and this object`);

const reading: ReadonlySet<string> = new Set(["get", "list", "watch"]);

/** Objects that some pod bound to the node refers to; one at a time, by name. */
const needed =
  (refersTo: (references: PodReferences, name: string) => boolean): Rule =>
  ({ node, verb, resource, reads }) => {
    if (!reading.has(verb)) return refuse("can only read resources of this type");
    if (resource.name === "") return refuse("can only read individual resources of this type");
    return isNeeded(reads, node, resource, refersTo) ? allow : unrelated(node);
  };

function isNeeded(
  reads: Reads,
  node: string,
  { namespace, name }: ResourceAttributes,
  refersTo: (references: PodReferences, name: string) => boolean,
): boolean {
  for (const pod of reads.listByField(pods, "spec.nodeName", node))
    if (pod.metadata.namespace === namespace && refersTo(podReferences(pod), name)) return true;
  return false;
}

const isServiceAccount = (references: PodReferences, name: string): boolean => references.serviceAccount === name;

const allowVerbs = (...verbs: readonly string[]): Rule => {
  const allowed = new Set(verbs);
  return ({ verb }) => (allowed.has(verb) ? allow : noOpinion);
};

/** A pod bound to the node, by name. */
function onOwnPod({ node, resource, reads }: Question): Decision {
  const pod = reads.get(pods, resource.namespace, resource.name);
  return pod?.spec.nodeName === node ? allow : unrelated(node);
}

const podRule: Rule = (question) => {
  const { node, verb, resource } = question;
  if (verb === "list" || verb === "watch")
    return resource.fields.get("spec.nodeName") === node
      ? allow
      : refuse(`can only list/watch pods with spec.nodeName field selector for this node`);
  if (verb === "create") return allow; // mirror pods, which NodeRestriction checks
  if (verb === "get" || verb === "delete") return onOwnPod(question);
  return noOpinion;
};

const podStatusRule: Rule = (question) =>
  question.verb === "update" || question.verb === "patch" || question.verb === "get" ? onOwnPod(question) : noOpinion;

/** Its own Node; a create names it only in the body, which NodeRestriction checks. */
const nodeRule: Rule = ({ node, verb, resource }) => {
  if (verb === "create") return resource.name === "" || resource.name === node ? allow : noOpinion;
  if (!["get", "list", "watch", "update", "patch"].includes(verb)) return noOpinion;
  return resource.name === node ? allow : refuse(`node '${node}' cannot ${verb} other nodes`);
};

const leaseRule: Rule = ({ node, verb, resource }) => {
  if (resource.namespace !== leaseNamespace)
    return refuse(`can only access leases in the "${leaseNamespace}" system namespace`);
  if (verb === "create") return resource.name === "" || resource.name === node ? allow : noOpinion;
  if (!["get", "update", "patch", "delete"].includes(verb)) return noOpinion;
  return resource.name === node
    ? allow
    : refuse(`can only access node lease with the same name as the requesting node`);
};

const leaseNamespace = "kube-node-lease";

const tokenRule: Rule = ({ node, verb, resource, reads }) => {
  if (verb !== "create") return refuse("only create is supported for this subresource");
  return isNeeded(reads, node, resource, isServiceAccount) ? allow : unrelated(node);
};

/** By `group/plural/subresource`; what is not here is not for nodes. */
const rules: ReadonlyMap<string, Rule> = new Map([
  ["/secrets/", needed(({ secrets }, name) => secrets.has(name))],
  ["/configmaps/", needed(({ configMaps }, name) => configMaps.has(name))],
  ["/serviceaccounts/", needed(isServiceAccount)],
  ["/serviceaccounts/token", tokenRule],
  ["/pods/", podRule],
  ["/pods/status", podStatusRule],
  ["/pods/eviction", ((question) => (question.verb === "create" ? onOwnPod(question) : noOpinion)) satisfies Rule],
  ["/nodes/", nodeRule],
  ["/nodes/status", nodeRule],
  ["coordination.k8s.io/leases/", leaseRule],
  ["authentication.k8s.io/tokenreviews/", allowVerbs("create")],
  ["authorization.k8s.io/subjectaccessreviews/", allowVerbs("create")],
  ["/services/", allowVerbs("get", "list", "watch")],
  ["node.k8s.io/runtimeclasses/", allowVerbs("get", "list", "watch")],
  ["/events/", allowVerbs("create", "patch", "update")],
  ["events.k8s.io/events/", allowVerbs("create", "patch", "update")],
]);
