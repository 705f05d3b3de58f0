import { badRequest } from "../../apimachinery/status.js";
import { type Attributes, type Authorizer, forbiddenError } from "../authz/authorizer.js";
import type { User } from "../request.js";

/**
 * The user that the caller wants to act as, by the Impersonate-* headers; the caller itself where there are none. Each
 * part (user, groups, uid, extra) needs the verb `impersonate` on the matching virtual resource.
 */
export function impersonate(
  caller: User,
  headers: Readonly<Record<string, string>>,
  path: string,
  authorizer: Authorizer,
): User {
  const asked = askedFor(headers);
  if (!asked) return caller;
  const check = (resource: Omit<NonNullable<Attributes["resource"]>, "version" | "fields">): void => {
    const attributes: Attributes = {
      user: caller,
      verb: "impersonate",
      path,
      resource: { ...resource, version: "v1", fields: new Map() },
    };
    const decision = authorizer.authorize(attributes);
    if (!decision.allowed) throw forbiddenError(attributes, decision.reason);
  };
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(asked.name);
  if (account?.[1] !== undefined && account[2] !== undefined)
    check({ group: "", plural: "serviceaccounts", subresource: "", namespace: account[1], name: account[2] });
  else check({ group: "", plural: "users", subresource: "", namespace: "", name: asked.name });
  for (const name of asked.groups) check({ group: "", plural: "groups", subresource: "", namespace: "", name });
  const authentication = { group: "authentication.k8s.io", namespace: "" };
  if (asked.uid !== "") check({ ...authentication, plural: "uids", subresource: "", name: asked.uid });
  for (const [key, values] of Object.entries(asked.extra))
    for (const name of values) check({ ...authentication, plural: "userextras", subresource: key, name });
  return { ...asked, groups: groupsOf(asked, account?.[1]) };
}

function askedFor(headers: Readonly<Record<string, string>>): User | undefined {
  const name = headers["impersonate-user"] ?? "";
  const uid = headers["impersonate-uid"] ?? "";
  const groups = valuesOf(headers["impersonate-group"]);
  const extra: Record<string, readonly string[]> = Object.create(null);
  for (const [header, value] of Object.entries(headers))
    if (header.startsWith(extraPrefix)) extra[decodeKey(header.slice(extraPrefix.length))] = valuesOf(value);
  if (name === "" && uid === "" && groups.length === 0 && Object.keys(extra).length === 0) return undefined;
  if (name === "") throw badRequest("requested impersonation without a user: the header Impersonate-User is missing");
  return { name, uid, groups, extra };
}

const extraPrefix = "impersonate-extra-";

/** Several headers of one name arrive joined by a comma. */
const valuesOf = (value: string | undefined): readonly string[] =>
  value === undefined
    ? []
    : value
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== "");

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** A service account belongs to its groups unless others were named; everyone is authenticated but the anonymous. */
function groupsOf({ name, groups }: User, accountNamespace: string | undefined): readonly string[] {
  const own =
    accountNamespace !== undefined && groups.length === 0
      ? ["system:serviceaccounts", `system:serviceaccounts:${accountNamespace}`]
      : groups;
  const implied = name === "system:anonymous" ? "system:unauthenticated" : "system:authenticated";
  return own.includes(implied) || own.includes("system:unauthenticated") ? own : [...own, implied];
}
