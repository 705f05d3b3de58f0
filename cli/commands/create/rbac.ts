import { clusterRoles } from "../../../api/rbac/cluster-role.js";
import { clusterRoleBindings } from "../../../api/rbac/cluster-role-binding.js";
import { roles } from "../../../api/rbac/role.js";
import { roleBindings } from "../../../api/rbac/role-binding.js";
import { CliError } from "../../errors.js";
import { array, list, text } from "../../flags.js";
import type { Session } from "../../session.js";
import { type Draft, defineGenerator } from "./generator.js";

const ruleFlags = {
  verb: list("Verb; may be repeated."),
  resource: list("resource[.group][/subresource]; may be repeated."),
  "resource-name": array("Only objects of this name; may be repeated."),
};

export const role = defineGenerator({
  name: "role",
  usage: "NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename]",
  summary: "Create a role with rules for resources of a namespace.",
  examples: ["navctl create role reader --verb=get,list,watch --resource=pods,deployments.apps"],
  flags: ruleFlags,
  target: roles,
  make: async (_, { session, flags }) => ({ rules: await resourceRules(session, flags) }),
});

export const clusterRole = defineGenerator({
  name: "clusterrole",
  usage: "NAME --verb=verb --resource=resource.group [--non-resource-url=url]",
  summary: "Create a role with rules for the whole cluster.",
  flags: {
    ...ruleFlags,
    "non-resource-url": list("Path that is no resource."),
    "aggregation-rule": text("Labels of the roles to gather (key=value, several parted by commas)."),
  },
  target: clusterRoles,
  async make(_, { session, flags }) {
    const labels = flags["aggregation-rule"];
    if (labels) {
      if (
        flags.verb.length + flags.resource.length + flags["non-resource-url"].length + flags["resource-name"].length >
        0
      ) {
        throw new CliError(
          "aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames",
        );
      }
      const matchLabels = Object.fromEntries(labels.split(",").map((pair) => pair.split("=", 2)));
      return { aggregationRule: { clusterRoleSelectors: [{ matchLabels }] } };
    }
    const urls = flags["non-resource-url"];
    if (urls.some((url) => url !== "*" && !url.startsWith("/")))
      throw new CliError("nonResourceURL should start with /");
    if (flags.verb.length === 0) throw new CliError("at least one verb must be specified");
    return {
      rules: [
        ...(flags.resource.length > 0 || urls.length === 0 ? await resourceRules(session, flags) : []),
        ...(urls.length > 0 ? [{ nonResourceURLs: urls, verbs: flags.verb }] : []),
      ],
    };
  },
});

interface RuleFlags {
  readonly verb: readonly string[];
  readonly resource: readonly string[];
  readonly "resource-name": readonly string[];
}

const resourceVerbs: ReadonlySet<string> = new Set([
  ...["*", "get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"],
  ...["use", "bind", "impersonate", "escalate", "approve", "sign", "attest"],
]);

/** One rule a group, so that a name never means a resource of another group. */
async function resourceRules(session: Session, flags: RuleFlags): Promise<Draft[]> {
  if (flags.verb.length === 0) throw new CliError("at least one verb must be specified");
  if (flags.resource.length === 0) throw new CliError("at least one resource must be specified");
  const names = flags["resource-name"];
  for (const verb of flags.verb)
    if (!resourceVerbs.has(verb)) session.note(`Warning: '${verb}' is not a standard resource verb`);
  const verbs = flags.verb.includes("*") ? ["*"] : [...new Set(flags.verb)];
  const byGroup = new Map<string, string[]>();
  const discovery = await session.discovery();
  for (const written of flags.resource) {
    const [word = "", subresource] = written.split("/", 2);
    const { group, plural } = word === "*" ? { group: "", plural: "*" } : await discovery.resolve(word);
    const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
    byGroup.set(group, [...(byGroup.get(group) ?? []), resource]);
  }
  return [...byGroup].map(([group, resources]) => ({
    apiGroups: [group],
    resources,
    ...(names.length > 0 ? { resourceNames: names } : {}),
    verbs,
  }));
}

export const subjectFlags = {
  user: array("User; may be repeated."),
  group: array("Group; may be repeated."),
  serviceaccount: array("Service account as namespace:name; may be repeated."),
};
const apiGroup = "rbac.authorization.k8s.io";

export const roleBinding = defineGenerator({
  name: "rolebinding",
  usage: "NAME (--clusterrole=NAME | --role=NAME) [--user=user] [--group=group] [--serviceaccount=namespace:name]",
  summary: "Give a role in a namespace to users, groups and service accounts.",
  flags: { ...subjectFlags, role: text("Role."), clusterrole: text("Cluster role.") },
  target: roleBindings,
  failing: "rolebinding:",
  make(_, { flags }) {
    if ((flags.role === undefined) === (flags.clusterrole === undefined)) {
      throw new CliError("exactly one of clusterrole or role must be specified");
    }
    const kind = flags.role === undefined ? "ClusterRole" : "Role";
    return { roleRef: { apiGroup, kind, name: flags.role ?? flags.clusterrole }, ...subjects(flags) };
  },
});

export const clusterRoleBinding = defineGenerator({
  name: "clusterrolebinding",
  usage: "NAME --clusterrole=NAME [--user=user] [--group=group] [--serviceaccount=namespace:name]",
  summary: "Give a cluster role to users, groups and service accounts.",
  flags: { ...subjectFlags, clusterrole: text("Cluster role.") },
  target: clusterRoleBindings,
  failing: "clusterrolebinding:",
  make(_, { flags }) {
    if (!flags.clusterrole) throw new CliError('required flag(s) "clusterrole" not set');
    return { roleRef: { apiGroup, kind: "ClusterRole", name: flags.clusterrole }, ...subjects(flags) };
  },
});

export function subjects(flags: {
  readonly user: readonly string[];
  readonly group: readonly string[];
  readonly serviceaccount: readonly string[];
}): Draft {
  const list = [
    ...flags.user.map((name) => ({ apiGroup, kind: "User", name })),
    ...flags.group.map((name) => ({ apiGroup, kind: "Group", name })),
    ...flags.serviceaccount.map((written) => {
      const [namespace = "", name = "", ...more] = written.split(":");
      if (namespace === "" || name === "" || more.length > 0) {
        throw new CliError("serviceaccount must be <namespace>:<name>");
      }
      return { kind: "ServiceAccount", name, namespace };
    }),
  ];
  return list.length > 0 ? { subjects: list } : {};
}
