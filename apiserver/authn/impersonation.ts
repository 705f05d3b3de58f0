import { dnsLabel, dnsSubdomain, domainPrefixedPath } from "../../apimachinery/names.js";
import { badRequest, type StatusError } from "../../apimachinery/status.js";
import { goSyntax } from "../../base/go-text.js";
import { type Attributes, type Authorizer, forbiddenError } from "../authz/authorizer.js";
import type { ApiRequest, User } from "../request.js";

/**
 * The user that the caller acts as, by the Impersonate-* headers; the caller itself where there are none. Either the caller
 * may do this one thing as such a user (the constrained modes), or be it altogether (the verb `impersonate` on each part).
 * What is told to who may do neither is what the first mode that applies says.
 * https://kep.k8s.io/5284
 */
export function impersonate(
  caller: User,
  request: Pick<ApiRequest, "headers" | "rawHeaders">,
  asked: () => Attributes,
  authorizer: Authorizer,
): User {
  const wanted = wantedUser(request);
  if (!wanted) return caller;
  const attributes = asked();
  const refusal = (wish: Attributes, why = ""): StatusError | undefined => {
    const decision = why === "" ? authorizer.authorize(wish) : { allowed: false, reason: why };
    return decision.allowed ? undefined : forbiddenError(wish, decision.reason);
  };
  let first: StatusError | undefined;
  for (const mode of modes.filter(({ suits }) => suits(wanted, caller))) {
    const problem = problemsOf(mode, wanted, attributes, refusal).next().value;
    if (!problem) return { ...wanted, groups: groupsOf(wanted, mode) };
    first ??= problem;
  }
  throw first ?? forbiddenError(attributes, "");
}

interface Mode {
  /** "" for the one without constraint. */
  readonly name: string;
  readonly suits: (wanted: User, caller: User) => boolean;
}

const modes: readonly Mode[] = [
  {
    name: "associated-node",
    suits: (wanted, { name, extra }) => {
      const [node, ...others] = extra["authentication.kubernetes.io/node-name"] ?? [];
      const isTheirs = node !== undefined && others.length === 0 && node === nodeOf(wanted.name);
      return isOnlyNamed(wanted) && isTheirs && accountOf(name) !== undefined;
    },
  },
  { name: "arbitrary-node", suits: (wanted) => isOnlyNamed(wanted) && nodeOf(wanted.name) !== undefined },
  { name: "serviceaccount", suits: (wanted) => isOnlyNamed(wanted) && accountOf(wanted.name) !== undefined },
  { name: "user-info", suits: ({ name }) => nodeOf(name) === undefined && accountOf(name) === undefined },
  { name: "", suits: () => true },
];

const isOnlyNamed = ({ uid, groups, extra }: User): boolean =>
  uid === "" && groups.length === 0 && Object.keys(extra).length === 0;

type Refusal = (wish: Attributes, why?: string) => StatusError | undefined;

/** What stands against it, one after the other as it is looked at. */
function* problemsOf(
  { name: mode }: Mode,
  wanted: User,
  attributes: Attributes,
  refusal: Refusal,
): Iterator<StatusError> {
  const verb = mode === "" ? "impersonate" : `impersonate:${mode}`;
  const wish = (plural: string, name: string, subresource = "", namespace = ""): Attributes => {
    const group = mode === "" && legacyCore.has(plural) ? "" : "authentication.k8s.io";
    const resource = { group, version: "v1", plural, subresource, namespace, name, fields: new Map<string, string>() };
    return { user: attributes.user, verb, path: attributes.path, resource };
  };
  const found = (wished: Attributes, why = ""): StatusError[] => {
    const problem = refusal(wished, why);
    return problem ? [problem] : [];
  };
  if (mode !== "") yield* found({ ...attributes, verb: `impersonate-on:${mode}:${attributes.verb}` });
  yield* found(nameWish(mode, wanted.name, wish));
  if (wanted.uid !== "") yield* found(wish("uids", wanted.uid));
  if (mode !== "") {
    if (wanted.groups.includes(""))
      yield* found(wish("groups", ""), "impersonating the empty string group is not allowed");
    if (wanted.groups.includes(masters))
      yield* found(wish("groups", masters), `impersonating the ${masters} group is not allowed`);
    const problem = Object.entries(wanted.extra)
      .map(extraProblem)
      .find((text) => text !== "");
    if (problem !== undefined) yield* found(wish("userextras", ""), problem);
  }
  for (const name of wanted.groups) yield* found(wish("groups", name));
  for (const [key, values] of Object.entries(wanted.extra))
    for (const value of values) yield* found(wish("userextras", value, key));
}

const legacyCore: ReadonlySet<string> = new Set(["users", "groups", "serviceaccounts"]);
const masters = "system:masters";

function nameWish(
  mode: string,
  name: string,
  wish: (plural: string, name: string, subresource?: string, namespace?: string) => Attributes,
): Attributes {
  const account = accountOf(name);
  if (account) return wish("serviceaccounts", account.name, "", account.namespace);
  const node = mode === "" ? undefined : nodeOf(name);
  if (node === undefined) return wish("users", name);
  return wish("nodes", mode === "associated-node" ? "*" : node);
}

function extraProblem([key, values]: readonly [string, readonly string[]]): string {
  if (key === "") return "impersonating the empty string key in extra is not allowed";
  const [problem] = domainPrefixedPath(key);
  if (problem !== undefined)
    return `impersonating an invalid key in extra is not allowed: extra.key: Invalid value: ${JSON.stringify(key)}: ${problem}`;
  return values.includes("") ? "impersonating the empty string value in extra is not allowed" : "";
}

const accountPrefix = "system:serviceaccount:";

function accountOf(user: string): { readonly namespace: string; readonly name: string } | undefined {
  if (!user.startsWith(accountPrefix)) return undefined;
  const [namespace = "", name = "", ...rest] = user.slice(accountPrefix.length).split(":");
  const isOne = rest.length === 0 && dnsLabel(namespace).length === 0 && dnsSubdomain(name).length === 0;
  return isOne ? { namespace, name } : undefined;
}

const nodePrefix = "system:node:";

function nodeOf(user: string): string | undefined {
  const name = user.startsWith(nodePrefix) ? user.slice(nodePrefix.length) : "";
  return name === "" || dnsSubdomain(name).length > 0 ? undefined : name;
}

/** Service accounts and, constrained, nodes belong to their groups unless others were named. */
function groupsOf({ name, groups }: User, { name: mode }: Mode): readonly string[] {
  const account = accountOf(name);
  const isNode = mode !== "" && nodeOf(name) !== undefined;
  const own =
    account && groups.length === 0
      ? ["system:serviceaccounts", `system:serviceaccounts:${account.namespace}`]
      : isNode
        ? ["system:nodes"]
        : groups;
  const implied = name === "system:anonymous" ? "system:unauthenticated" : "system:authenticated";
  return own.includes(implied) || own.includes("system:unauthenticated") ? own : [...own, implied];
}

function wantedUser({ headers, rawHeaders }: Pick<ApiRequest, "headers" | "rawHeaders">): User | undefined {
  let isAsked = false;
  for (const name in headers) isAsked ||= name.startsWith("impersonate-");
  if (!isAsked) return undefined;
  const valuesOf = (name: string): readonly string[] => {
    const joined = headers[name];
    return rawHeaders ? rawValues(rawHeaders, name) : joined === undefined ? [] : [joined];
  };
  const [name = ""] = valuesOf("impersonate-user");
  const [uid = ""] = valuesOf("impersonate-uid");
  const groups = valuesOf("impersonate-group");
  const extra: Record<string, readonly string[]> = Object.create(null);
  for (const header of Object.keys(headers))
    if (header.startsWith(extraPrefix)) extra[decodeKey(header.slice(extraPrefix.length))] = valuesOf(header);
  const wanted: User = { name, uid, groups, extra };
  if (name !== "") return wanted;
  if (isOnlyNamed(wanted)) return undefined;
  throw badRequest(`requested ${shown(wanted)} without impersonating a user name`);
}

const extraPrefix = "impersonate-extra-";

/** Names and values take turns. */
const rawValues = (raw: readonly string[], name: string): readonly string[] =>
  raw.filter((_, index) => index % 2 === 1 && raw[index - 1]?.toLowerCase() === name);

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** As Go prints what was asked for. */
function shown({ uid, groups, extra }: User): string {
  const list = (values: readonly string[]): string =>
    values.length === 0 ? "[]string(nil)" : `[]string{${values.map(goSyntax).join(", ")}}`;
  const entries = Object.entries(extra).map(([key, values]) => `${goSyntax(key)}:${list(values)}`);
  const map = entries.length === 0 ? "(nil)" : `{${entries.join(", ")}}`;
  return `&user.DefaultInfo{Name:"", UID:${goSyntax(uid)}, Groups:${list(groups)}, Extra:map[string][]string${map}}`;
}
