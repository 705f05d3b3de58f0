import { builtins } from "../../api/catalogue.js";
import { groupResourceOf } from "../../apimachinery/resource.js";
import { userRoles } from "./user-roles.js";

/** Kinds within a namespace that Kubernetes' own roles leave out: secrets to look at, and what only controllers write. */
const notSeen = [
  "csistoragecapacities.storage.k8s.io",
  "leases.coordination.k8s.io",
  "podtemplates",
  "rolebindings.rbac.authorization.k8s.io",
  "roles.rbac.authorization.k8s.io",
  "secrets",
];
const notEdited = [
  ...notSeen.filter((resource) => resource !== "leases.coordination.k8s.io" && resource !== "secrets"),
  "controllerrevisions.apps",
  "endpoints",
  "endpointslices.discovery.k8s.io",
  "events.events.k8s.io",
  "limitranges",
  "resourcequotas",
];

const namespaced = builtins.filter(({ scope, virtual }) => scope === "Namespaced" && !virtual);

function without(role: string, verb: string): readonly string[] {
  const rules = userRoles.find(({ name }) => name === role)?.rules ?? [];
  return namespaced
    .filter(
      ({ group, plural }) =>
        !rules.some(
          ({ apiGroups = [], resources = [], verbs }) =>
            apiGroups.includes(group) && resources.includes(plural) && verbs.includes(verb),
        ),
    )
    .map(groupResourceOf)
    .sort();
}

describe("the roles of people", () => {
  it("let them look at all kinds of a namespace but these", () => {
    expect(without("view", "list")).toEqual(notSeen);
  });

  it("let them edit all kinds of a namespace but these", () => {
    expect(without("edit", "create")).toEqual([...notEdited].sort());
    expect(without("edit", "delete")).toEqual([...notEdited].sort());
  });

  it("let those who administer a namespace hand out its rights too", () => {
    const rights = ["rolebindings.rbac.authorization.k8s.io", "roles.rbac.authorization.k8s.io"];
    expect(without("admin", "create")).toEqual(notEdited.filter((each) => !rights.includes(each)).sort());
  });
});
