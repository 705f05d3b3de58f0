import { groupResourceOf } from "../../apimachinery/resource.js";
import { parseFieldSelector } from "../../apimachinery/selector/field.js";
import { StatusError } from "../../apimachinery/status.js";
import type { RequestInfo, User } from "../request.js";

/** What someone wants to do, as authorizers judge it. */
export interface Attributes {
  readonly user: User;
  readonly verb: string;
  readonly path: string;
  /** Absent for non-resource paths. */
  readonly resource: ResourceAttributes | undefined;
}
export interface ResourceAttributes {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly subresource: string;
  readonly namespace: string;
  /** Of the path, or of a field selector `metadata.name=...`. */
  readonly name: string;
  /** What a list, watch or deletecollection is narrowed to: the `field=value` requirements of its field selector. */
  readonly fields: ReadonlyMap<string, string>;
}

/** `reason` explains either: to whoever asked by a review, and behind the message of a refusal. */
export interface Decision {
  readonly allowed: boolean;
  readonly reason: string;
}

/** One way of granting. None can forbid what another grants. */
export interface Authorizer {
  authorize(attributes: Attributes): Decision;
}

/** Allowed as soon as one of them allows; the reasons of those that do not are kept. */
export const anyOf = (authorizers: readonly Authorizer[]): Authorizer => ({
  authorize(attributes) {
    const reasons: string[] = [];
    for (const authorizer of authorizers) {
      const decision = authorizer.authorize(attributes);
      if (decision.allowed) return decision;
      if (decision.reason !== "") reasons.push(decision.reason);
    }
    return { allowed: false, reason: reasons.join(", ") };
  },
});

/** Members of `system:masters` may do everything, whatever roles say. */
export const mastersAuthorizer: Authorizer = {
  authorize: ({ user }) => ({ allowed: user.groups.includes("system:masters"), reason: "" }),
};

const narrowedVerbs: ReadonlySet<string> = new Set(["list", "watch", "deletecollection"]);

/** What a request wants to do. A namespace's own object counts as lying in that namespace. */
export function attributesOf(user: User, { verb, path, resource }: RequestInfo, query: URLSearchParams): Attributes {
  if (!resource) return { user, verb, path, resource: undefined };
  const { group, version, plural, subresource, name } = resource;
  const fields = narrowedVerbs.has(verb) ? fieldsOf(query.get("fieldSelector")) : noFields;
  const namespace = group === "" && plural === "namespaces" ? name : resource.namespace;
  return {
    user,
    verb,
    path,
    resource: {
      group,
      version,
      plural,
      subresource,
      namespace,
      name: name === "" ? (fields.get("metadata.name") ?? "") : name,
      fields,
    },
  };
}

const noFields: ReadonlyMap<string, string> = new Map();

/** All requirements of a selector must hold, so the `field=value` ones narrow it whatever the others say. */
function fieldsOf(selector: string | null): ReadonlyMap<string, string> {
  if (!selector) return noFields;
  const { requirements } = parseFieldSelector(selector);
  return new Map(requirements.filter(({ operator }) => operator === "=").map(({ field, value }) => [field, value]));
}

/** 403 in Kubernetes' words. */
export function forbiddenError({ user, verb, path, resource }: Attributes, reason: string): StatusError {
  const because = reason === "" ? "" : `: ${reason}`;
  if (!resource)
    return new StatusError(
      "Forbidden",
      `forbidden: ${notHtml(`User ${JSON.stringify(user.name)} cannot ${verb} path ${JSON.stringify(path)}`)}${because}`,
      {},
    );
  const { group, plural, subresource, namespace, name } = resource;
  const what = subresource === "" ? plural : `${plural}/${subresource}`;
  const where = namespace === "" ? "at the cluster scope" : `in the namespace ${JSON.stringify(namespace)}`;
  const subject = name === "" ? groupResourceOf(resource) : `${groupResourceOf(resource)} ${JSON.stringify(name)}`;
  return new StatusError(
    "Forbidden",
    `${subject} is forbidden: ${notHtml(`User ${JSON.stringify(user.name)} cannot ${verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)} ${where}`)}${because}`,
    { ...(name === "" ? {} : { name }), ...(group === "" ? {} : { group }), kind: plural },
  );
}

const notHtml = (text: string): string => text.replace(/[&<>]/g, (sign) => entities[sign] ?? sign);
const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
