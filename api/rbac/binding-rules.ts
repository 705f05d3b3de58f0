import { dnsSubdomain, pathSegment } from "../../apimachinery/names.js";
import { invalid, invalidFor, notSupported, required } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import { under } from "../../apimachinery/schema/validate.js";
import { equal } from "../../base/equal.js";
import type { RoleRef, Subject } from "./role-binding.js";

/** Whom a binding names, and which role it grants them. */

interface Binding {
  readonly subjects?: readonly Subject[];
  readonly roleRef: RoleRef;
}

const rbacGroup = "rbac.authorization.k8s.io";

// Users and groups belong to this API group, service accounts to the core one.
export function subjectDefaults({ kind, apiGroup }: Subject): { readonly apiGroup?: string } {
  return apiGroup === undefined && (kind === "User" || kind === "Group") ? { apiGroup: rbacGroup } : {};
}

export function bindingErrors(
  { subjects = [], roleRef }: Binding,
  old: Binding | undefined,
  namespaced: boolean,
): FieldError[] {
  const errors = under("roleRef", roleRefErrors(roleRef, namespaced));
  errors.push(...subjects.flatMap((subject, index) => under(`subjects[${index}]`, subjectErrors(subject, namespaced))));
  if (old && !equal(roleRef, old.roleRef)) errors.push(invalid("roleRef", roleRef, "cannot change roleRef"));
  return errors;
}

function roleRefErrors({ apiGroup, kind, name }: RoleRef, namespaced: boolean): FieldError[] {
  const kinds = namespaced ? ["Role", "ClusterRole"] : ["ClusterRole"];
  return [
    ...(apiGroup === rbacGroup ? [] : [notSupported("apiGroup", apiGroup, [rbacGroup])]),
    ...(kinds.includes(kind) ? [] : [notSupported("kind", kind, kinds)]),
    ...(name === "" ? [required("name")] : invalidFor("name", name, pathSegment(name))),
  ];
}

function subjectErrors({ kind, apiGroup = "", name, namespace = "" }: Subject, namespaced: boolean): FieldError[] {
  const errors = name === "" ? [required("name")] : [];
  switch (kind) {
    case "ServiceAccount":
      if (name !== "") errors.push(...invalidFor("name", name, dnsSubdomain(name)));
      if (apiGroup !== "") errors.push(notSupported("apiGroup", apiGroup, [""]));
      // Within a namespace it is the binding's own.
      if (namespace === "" && !namespaced) errors.push(required("namespace"));
      return errors;
    case "User":
    case "Group":
      return apiGroup === rbacGroup ? errors : [...errors, notSupported("apiGroup", apiGroup, [rbacGroup])];
    default:
      return [...errors, notSupported("kind", kind, ["ServiceAccount", "User", "Group"])];
  }
}
