import type { KubeObject } from "../../apimachinery/meta.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import type { Reads } from "../registry/reads.js";
import type { User } from "../request.js";
import { RbacAuthorizer } from "./rbac.js";

const metadata = (name: string, namespace?: string) => ({ name, ...(namespace === undefined ? {} : { namespace }) });
const everybody = { kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: "everybody" };
const stored: Readonly<Record<string, readonly object[]>> = {
  clusterroles: [],
  clusterrolebindings: [],
  roles: [
    { metadata: metadata("reader", "bound"), rules: [{ verbs: ["get"], apiGroups: [""], resources: ["configmaps"] }] },
  ],
  rolebindings: [
    {
      kind: "RoleBinding",
      metadata: metadata("readers", "bound"),
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" },
      subjects: [everybody],
    },
  ],
};
const all = <T extends KubeObject>({ plural }: ResourceDefinition<T>): readonly T[] =>
  (stored[plural] ?? []) as readonly T[];
const reads: Reads = {
  get: (definition, namespace, name) =>
    all(definition).find(({ metadata: it }) => it.name === name && (it.namespace ?? "") === namespace),
  list: (definition) => all(definition),
  listByField: () => [],
  changes: () => 1,
  getFresh: async () => undefined,
};
const user = (name: string, groups: readonly string[] = ["everybody"]): User => ({ name, uid: "", groups, extra: {} });
const ask = (rbac: RbacAuthorizer, who: User, namespace: string): boolean =>
  rbac.authorize({
    user: who,
    verb: "get",
    path: "",
    resource: {
      group: "",
      version: "v1",
      plural: "configmaps",
      subresource: "",
      namespace,
      name: "a",
      fields: new Map(),
    },
  }).allowed;

describe("what a user holds", () => {
  it("is kept for namespaces in which somebody holds something, and for the cluster", () => {
    const rbac = new RbacAuthorizer(reads);
    for (let round = 0; round < 2; round++) expect(ask(rbac, user("alice"), "bound")).toBe(true);
    expect(rbac.heldEntries).toBe(2);
  });

  it("is not kept for namespaces that a caller made up", () => {
    const rbac = new RbacAuthorizer(reads);
    for (let round = 0; round < 100; round++)
      expect(ask(rbac, user("stranger"), `${round}${"n".repeat(100)}`)).toBe(false);
    expect(rbac.heldEntries).toBe(1);
  });

  it("is not kept under very long names, which count all the same", () => {
    const rbac = new RbacAuthorizer(reads);
    expect(ask(rbac, user("a".repeat(2_000)), "bound")).toBe(true);
    expect(ask(rbac, user("bob", ["everybody", ..."g".repeat(1_000)]), "bound")).toBe(true);
    expect(rbac.heldEntries).toBe(0);
  });
});
