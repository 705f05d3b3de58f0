/**
 * The full names of definitions, as Kubernetes' OpenAPI has them: `io.k8s.api.core.v1.PodSpec`. A definition belongs to
 * the package of machinery that all share, to the core group where that leads to it, else to the group that first does.
 */

import { fieldSelectorRequirement } from "../../api/authorization/access-attributes.js";
import { podTemplateSpec } from "../../api/core/pod/template.js";
import { topologySelectorTerm } from "../../api/storage/storage-class.js";
import { condition } from "../../apimachinery/condition.js";
import { deleteOptions } from "../../apimachinery/delete-options.js";
import { labelSelector } from "../../apimachinery/label-selector.js";
import { listSchemaOf } from "../../apimachinery/list-kind.js";
import { objectMeta } from "../../apimachinery/meta.js";
import {
  apiResourceList,
  listMeta,
  partialObjectMetadata,
  patchKind,
  statusKind,
  watchEvent,
} from "../../apimachinery/meta-kinds.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import { definitionsOf, type ObjectNode, type Scalar } from "../../apimachinery/schema/json-schema.js";
import type { Schema } from "../../apimachinery/schema/schema.js";

/** Definitions of the machinery, each with what it leads to. */
const machinery: readonly Schema<unknown>[] = [
  objectMeta,
  listMeta,
  deleteOptions,
  labelSelector,
  condition,
  fieldSelectorRequirement,
  statusKind,
  apiResourceList,
  watchEvent,
  patchKind,
  partialObjectMetadata,
];
/** Definitions of the core group that other groups' kinds may be the first to lead to. */
const core: readonly Schema<unknown>[] = [podTemplateSpec, topologySelectorTerm];

const metaPackage = "io.k8s.apimachinery.pkg.apis.meta.v1";
const corePackage = "io.k8s.api.core.v1";

/** Answers undefined for a definition that none of these kinds leads to. */
export function nameDefinitions(kinds: readonly ResourceDefinition[]): (definition: ObjectNode) => string | undefined {
  const names = new Map<ObjectNode, string>();
  const taken = new Set<string>();
  const claim = (prefix: string, schema: Schema<unknown>): void => {
    for (const node of definitionsOf(schema, names)) {
      const plain = `${prefix}.${node.name}`;
      let name = plain;
      for (let count = 2; taken.has(name); count++) name = `${plain}_${count}`;
      taken.add(name);
      names.set(node, name);
    }
  };
  for (const schema of machinery) claim(metaPackage, schema);
  for (const schema of core) claim(corePackage, schema);
  const inOrder = [...kinds.filter(({ group }) => group === ""), ...kinds.filter(({ group }) => group !== "")];
  for (const kind of inOrder) {
    claim(packageOf(kind), kind.schema);
    claim(packageOf(kind), listSchemaOf(kind));
  }
  return (definition) => names.get(definition);
}

export const scalarNames: Readonly<Record<Scalar, string>> = {
  Quantity: "io.k8s.apimachinery.pkg.api.resource.Quantity",
  Time: `${metaPackage}.Time`,
  MicroTime: `${metaPackage}.MicroTime`,
  IntOrString: "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
};

/** `io.k8s.api.rbac.v1`; for groups that are not Kubernetes' own the group's name from behind. */
export function packageOf({ group, version }: { readonly group: string; readonly version: string }): string {
  if (group === "" || !group.includes(".")) return `io.k8s.api.${group === "" ? "core" : group}.${version}`;
  const special = ownPackages.get(group);
  if (special) return `${special}.${version}`;
  if (group.endsWith(".k8s.io")) return `io.k8s.api.${group.split(".", 1)[0]}.${version}`;
  return `${group.split(".").reverse().join(".")}.${version}`;
}

const ownPackages: ReadonlyMap<string, string> = new Map([
  ["apiextensions.k8s.io", "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions"],
  ["apiregistration.k8s.io", "io.k8s.kube-aggregator.pkg.apis.apiregistration"],
  ["metrics.k8s.io", "io.k8s.metrics.pkg.apis.metrics"],
]);

/** The folder in which a package's definitions are written, by which their descriptions are found. */
export const folderOf = (name: string): string =>
  name.startsWith("io.k8s.apimachinery.") ? "apimachinery" : (name.split(".").at(-3) ?? "");
