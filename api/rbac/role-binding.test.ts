import type { KubeObject } from "../../apimachinery/meta.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import { decode } from "../../apimachinery/schema/decode.js";
import { applyDefaults } from "../../apimachinery/schema/defaults.js";
import { fieldErrorMessage } from "../../apimachinery/status.js";
import { validateObject } from "../../apimachinery/validate-object.js";
import { clusterRoleBindings } from "./cluster-role-binding.js";
import { roles } from "./role.js";
import { roleBindings } from "./role-binding.js";

function read<T extends KubeObject>(definition: ResourceDefinition<T>, fields: object): T {
  const metadata = { name: "web", ...(definition.scope === "Namespaced" ? { namespace: "default" } : {}) };
  return applyDefaults(
    definition.schema,
    decode(definition.schema, { metadata, ...fields }, { strict: "Strict" }).value,
  );
}
function errorsOf<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  fields: object,
  old?: object,
): readonly string[] {
  const before = old && read(definition, old);
  return validateObject(definition, read(definition, fields), before).map(fieldErrorMessage);
}
describe("roles and bindings", () => {
  it.each<[object, string]>([
    [
      { rules: [{ apiGroups: [""], resources: ["pods"] }] },
      "rules[0].verbs: Required value: verbs must contain at least one value",
    ],
    [
      { rules: [{ verbs: ["get"], resources: ["pods"] }] },
      "rules[0].apiGroups: Required value: resource rules must supply at least one api group",
    ],
    [
      { rules: [{ verbs: ["get"], nonResourceURLs: ["/x"] }] },
      'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
    ],
  ])("refuse the role %j", (fields, message) => {
    expect(errorsOf(roles, fields)).toContain(message);
  });

  const roleRef = { kind: "ClusterRole", name: "view" };
  it("fill in API groups", () => {
    const binding = read(roleBindings, {
      roleRef,
      subjects: [
        { kind: "User", name: "u" },
        { kind: "ServiceAccount", name: "s", namespace: "n" },
      ],
    });
    expect(binding.roleRef.apiGroup).toBe("rbac.authorization.k8s.io");
    expect(binding.subjects?.map(({ apiGroup }) => apiGroup)).toEqual(["rbac.authorization.k8s.io", undefined]);
    expect(errorsOf(roleBindings, { roleRef, subjects: [{ kind: "User", name: "u" }] })).toEqual([]);
  });

  it.each<[object, string]>([
    [{ roleRef, subjects: [{ kind: "ServiceAccount", name: "s" }] }, "subjects[0].namespace: Required value"],
    [
      { roleRef, subjects: [{ kind: "Robot", name: "s" }] },
      'subjects[0].kind: Unsupported value: "Robot": supported values: "Group", "ServiceAccount", "User"',
    ],
    [
      { roleRef: { kind: "Role", name: "view" } },
      'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
    ],
    [{}, "roleRef.name: Required value"],
  ])("refuse the binding %j", (fields, message) => {
    expect(errorsOf(clusterRoleBindings, fields)).toContain(message);
  });

  it("may leave the namespace of a service account to the binding's own", () => {
    expect(errorsOf(roleBindings, { roleRef, subjects: [{ kind: "ServiceAccount", name: "s" }] })).toEqual([]);
  });

  it("never change the role that a binding grants", () => {
    expect(errorsOf(clusterRoleBindings, { roleRef: { ...roleRef, name: "edit" } }, { roleRef })).toEqual([
      'roleRef: Invalid value: {"kind":"ClusterRole","name":"edit","apiGroup":"rbac.authorization.k8s.io"}: cannot change roleRef',
    ]);
  });
});
