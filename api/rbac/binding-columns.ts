import type { KubeObject } from "../../apimachinery/meta.js";
import { ageColumn, type Column, nameColumn } from "../../apimachinery/resource.js";
import type { RoleRef, Subject } from "./role-binding.js";

interface BindingLike extends KubeObject {
  readonly subjects?: readonly Subject[];
  readonly roleRef: RoleRef;
}

const subjectsOf =
  (kind: string) =>
  ({ subjects = [] }: BindingLike): string =>
    subjects
      .filter((subject) => subject.kind === kind)
      .map(({ name, namespace = "" }) => (kind === "ServiceAccount" ? `${namespace}/${name}` : name))
      .join(", ");

/** What `kubectl get rolebindings` and `clusterrolebindings` show. */
export const bindingColumns: readonly Column<BindingLike>[] = [
  nameColumn,
  { name: "Role", cell: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}` },
  ageColumn,
  { name: "Users", priority: 1, cell: subjectsOf("User") },
  { name: "Groups", priority: 1, cell: subjectsOf("Group") },
  { name: "ServiceAccounts", priority: 1, cell: subjectsOf("ServiceAccount") },
];
