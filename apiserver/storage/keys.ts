/**
 * Where objects lie in the store: `/registry/<plural>/...` for the core group, `/registry/<group>/<plural>/...` for the
 * others, then the namespace where there is one, then the name. Neither may hold a slash; names are checked before they
 * come here.
 */

import type { ResourceRef } from "../../apimachinery/resource.js";
import { assert } from "../../base/assert.js";

export const registryRoot = "/registry/";

type Place = Pick<ResourceRef, "group" | "plural" | "scope">;

/** `/registry/apps/deployments/` */
export const resourcePrefix = ({ group, plural }: Pick<ResourceRef, "group" | "plural">): string =>
  group === "" ? `${registryRoot}${plural}/` : `${registryRoot}${group}/${plural}/`;

/** `/registry/apps/deployments/default/`; all namespaces for "". */
export function collectionPrefix(resource: Place, namespace: string): string {
  assert(!namespace.includes("/"), "a namespace in a key holds no slash");
  return resource.scope === "Namespaced" && namespace !== ""
    ? `${resourcePrefix(resource)}${namespace}/`
    : resourcePrefix(resource);
}

/** `/registry/apps/deployments/default/web` */
export function objectKey(resource: Place, namespace: string, name: string): string {
  assert(name !== "" && !name.includes("/"), "a name in a key is not empty and holds no slash");
  assert(resource.scope === "Cluster" || namespace !== "", "the key of a namespaced object has a namespace");
  return collectionPrefix(resource, namespace) + name;
}
