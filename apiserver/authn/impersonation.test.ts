import { StatusError } from "../../apimachinery/status.js";
import type { Attributes } from "../authz/authorizer.js";
import type { User } from "../request.js";
import { impersonate } from "./impersonation.js";

const caller: User = { name: "alice", uid: "", groups: [], extra: {} };
const listPods: Attributes = {
  user: caller,
  verb: "list",
  path: "/api/v1/namespaces/a/pods",
  resource: { group: "", version: "v1", plural: "pods", subresource: "", namespace: "a", name: "", fields: new Map() },
};

/** `impersonate groups x`, `impersonate-on:user-info:list pods`. */
const rightOf = ({ verb, resource }: Attributes): string =>
  [verb, [resource?.plural, resource?.subresource].filter(Boolean).join("/"), resource?.name].filter(Boolean).join(" ");

function act(
  headers: Readonly<Record<string, string>>,
  rights: readonly string[],
  { as = caller, raw = [] as string[] } = {},
) {
  const authorize = (wish: Attributes) => ({ allowed: rights.includes(rightOf(wish)), reason: "" });
  const rawHeaders = [...Object.entries(headers).flat(), ...raw];
  const joined = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  try {
    return impersonate(as, { headers: joined, rawHeaders }, () => ({ ...listPods, user: as }), { authorize });
  } catch (error) {
    return error instanceof StatusError ? error.message : String(error);
  }
}

describe("whoever acts as another", () => {
  it("is itself without a word of it", () => {
    expect(act({ accept: "x" }, [])).toBe(caller);
    expect(act({ "Impersonate-User": "" }, [])).toBe(caller);
  });

  it("needs the right to each part", () => {
    const headers = {
      "Impersonate-User": "bob",
      "Impersonate-Uid": "7",
      "Impersonate-Group": "a",
      "Impersonate-Extra-Acme.io%2fTeam": "x",
    };
    const parts = [
      "impersonate users bob",
      "impersonate uids 7",
      "impersonate groups a",
      "impersonate userextras/acme.io/team x",
    ];
    expect(act(headers, parts)).toEqual({
      name: "bob",
      uid: "7",
      groups: ["a", "system:authenticated"],
      extra: { "acme.io/team": ["x"] },
    });
    const first =
      'pods is forbidden: User "alice" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "a"';
    for (const part of parts)
      expect(
        act(
          headers,
          parts.filter((other) => other !== part),
        ),
      ).toBe(first);
  });

  it("takes each header for one value, commas and all", () => {
    const groups = { "Impersonate-User": "bob", "Impersonate-Group": "cn=a,dc=b" };
    const rights = ["impersonate users bob", "impersonate groups cn=a,dc=b", "impersonate groups c"];
    const user = act(groups, rights, { raw: ["impersonate-group", "c"] });
    expect(user).toMatchObject({ groups: ["cn=a,dc=b", "c", "system:authenticated"] });
    expect(act(groups, ["impersonate users bob", "impersonate groups cn=a", "impersonate groups dc=b"])).toMatch(
      /forbidden/,
    );
  });

  it.each<[Readonly<Record<string, string>>, string]>([
    [{ "Impersonate-Group": "a" }, 'UID:"", Groups:[]string{"a"}, Extra:map[string][]string(nil)}'],
    [{ "Impersonate-Uid": "7" }, 'UID:"7", Groups:[]string(nil), Extra:map[string][]string(nil)}'],
    [{ "Impersonate-Extra-Team": "x" }, 'Groups:[]string(nil), Extra:map[string][]string{"team":[]string{"x"}}}'],
  ])("names a user, not only %j", (headers, asked) => {
    expect(act(headers, [])).toMatch(/^requested &user.DefaultInfo\{Name:"", /);
    expect(act(headers, [])).toContain(`${asked} without impersonating a user name`);
  });

  it("may be allowed to do this one thing as one of a kind", () => {
    const asBob = { "Impersonate-User": "bob", "Impersonate-Group": "a" };
    const allowed = [
      "impersonate-on:user-info:list pods",
      "impersonate:user-info users bob",
      "impersonate:user-info groups a",
    ];
    expect(act(asBob, allowed)).toMatchObject({ name: "bob", groups: ["a", "system:authenticated"] });
    expect(act(asBob, allowed.slice(0, 2))).toContain(
      'groups.authentication.k8s.io "a" is forbidden: User "alice" cannot impersonate:user-info resource "groups" in API group "authentication.k8s.io"',
    );
    expect(act({ "Impersonate-User": "system:serviceaccount:a:robot" }, allowed)).toContain(
      "impersonate-on:serviceaccount:list",
    );
  });

  it.each([
    [
      "system:serviceaccount:a:robot",
      ["impersonate-on:serviceaccount:list pods", "impersonate:serviceaccount serviceaccounts robot"],
      ["system:serviceaccounts", "system:serviceaccounts:a", "system:authenticated"],
    ],
    [
      "system:node:n1",
      ["impersonate-on:arbitrary-node:list pods", "impersonate:arbitrary-node nodes n1"],
      ["system:nodes", "system:authenticated"],
    ],
    ["system:node:n1", ["impersonate users system:node:n1"], ["system:authenticated"]],
    ["system:anonymous", ["impersonate users system:anonymous"], ["system:unauthenticated"]],
  ])("belongs to the groups of %s", (name, rights, groups) => {
    expect(act({ "Impersonate-User": name }, rights)).toMatchObject({ name, groups });
  });

  it("may be an account that acts as the node of its own pod alone", () => {
    const rights = ["impersonate-on:associated-node:list pods", "impersonate:associated-node nodes *"];
    const as: User = {
      ...caller,
      name: "system:serviceaccount:a:robot",
      extra: { "authentication.kubernetes.io/node-name": ["n1"] },
    };
    expect(act({ "Impersonate-User": "system:node:n1" }, rights, { as })).toMatchObject({
      groups: ["system:nodes", "system:authenticated"],
    });
    expect(act({ "Impersonate-User": "system:node:n2" }, rights, { as })).toContain(
      "impersonate-on:arbitrary-node:list",
    );
    expect(act({ "Impersonate-User": "system:node:n1" }, rights)).toContain("impersonate-on:arbitrary-node:list");
  });

  it.each([
    [{ "Impersonate-Group": "system:masters" }, "impersonating the system:masters group is not allowed"],
    [{ "Impersonate-Extra-Team": "x" }, 'extra.key: Invalid value: "team": must be a domain-prefixed path'],
  ])("is constrained in %j, if it is", (headers, problem) => {
    const rights = ["impersonate-on:user-info:list pods", "impersonate:user-info users bob"];
    expect(act({ "Impersonate-User": "bob", ...headers }, rights)).toContain(problem);
  });
});
