import type { Describer } from "./describer.js";

interface RoleRef {
  readonly kind?: string;
  readonly name?: string;
}
interface Subject extends RoleRef {
  readonly namespace?: string;
}

/** Role bindings and cluster role bindings. */
export const describeRoleBinding: Describer = (layout, binding) => {
  const role = (binding.roleRef ?? {}) as RoleRef;
  layout.line(0, `Name:\t${binding.metadata.name}`);
  layout.map(0, "Labels", binding.metadata.labels);
  layout.annotations(0, binding);
  layout.line(0, "Role:");
  layout.line(1, `Kind:\t${role.kind ?? ""}`);
  layout.line(1, `Name:\t${role.name ?? ""}`);
  layout.line(0, "Subjects:");
  layout.line(1, "Kind\tName\tNamespace");
  layout.line(1, "----\t----\t---------");
  for (const { kind, name, namespace } of (binding.subjects ?? []) as readonly Subject[]) {
    layout.line(1, `${kind ?? ""}\t${name ?? ""}\t${namespace ?? ""}`);
  }
};
