import type {
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from "./flow-schema.js";

/** A request as flow schemas tell requests apart. */
export interface FlowRequest {
  readonly user: { readonly name: string; readonly groups: readonly string[] };
  readonly verb: string;
  readonly path: string;
  /** Absent for paths beside the resources. */
  readonly resource:
    | {
        readonly group: string;
        readonly plural: string;
        readonly subresource: string;
        readonly namespace: string;
      }
    | undefined;
}

/** The first counts: by precedence, then by name. */
export const inOrderOfMatching = (schemas: Iterable<FlowSchema>): readonly FlowSchema[] =>
  [...schemas].sort(
    (a, b) => a.spec.matchingPrecedence - b.spec.matchingPrecedence || (a.metadata.name < b.metadata.name ? -1 : 1),
  );

/** Whether the schema is meant for the request. */
export const matchesFlow = ({ spec }: FlowSchema, request: FlowRequest): boolean =>
  (spec.rules ?? []).some((rules) => matchesRules(rules, request));

function matchesRules(
  { subjects, resourceRules = [], nonResourceRules = [] }: PolicyRulesWithSubjects,
  request: FlowRequest,
): boolean {
  if (!subjects.some((subject) => isSubject(subject, request.user))) return false;
  return request.resource
    ? resourceRules.some((rule) => isResource(rule, request))
    : nonResourceRules.some((rule) => isPath(rule, request));
}

function isSubject({ kind, user, group, serviceAccount }: Subject, { name, groups }: FlowRequest["user"]): boolean {
  switch (kind) {
    case "User":
      return user !== undefined && (user.name === "*" || user.name === name);
    case "Group":
      return group !== undefined && (group.name === "*" || groups.includes(group.name));
    case "ServiceAccount": {
      if (!serviceAccount) return false;
      const account = `system:serviceaccount:${serviceAccount.namespace}:`;
      return serviceAccount.name === "*" ? name.startsWith(account) : name === account + serviceAccount.name;
    }
    default:
      return false;
  }
}

function isResource(rule: ResourcePolicyRule, { verb, resource }: FlowRequest): boolean {
  if (!resource) return false;
  const { group, plural, subresource, namespace } = resource;
  return (
    holds(rule.verbs, verb) &&
    holds(rule.resources, subresource === "" ? plural : `${plural}/${subresource}`) &&
    holds(rule.apiGroups, group) &&
    (namespace === "" ? rule.clusterScope === true : holds(rule.namespaces ?? [], namespace))
  );
}

const isPath = ({ verbs, nonResourceURLs }: NonResourcePolicyRule, { verb, path }: FlowRequest): boolean =>
  holds(verbs, verb) && nonResourceURLs.some((wanted) => wanted === "*" || wanted === path || isBelow(path, wanted));

/** `/healthz` and `/healthz/*` are both meant for what lies below. */
function isBelow(path: string, wanted: string): boolean {
  const start = wanted.endsWith("*") ? wanted.slice(0, -1) : wanted;
  return path.startsWith(start.endsWith("/") ? start : `${start}/`);
}

/** A star stands for all where it stands alone. */
const holds = (wanted: readonly string[], value: string): boolean =>
  (wanted.length === 1 && wanted[0] === "*") || wanted.includes(value);
