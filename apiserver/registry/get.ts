import type { KubeObject } from "../../apimachinery/meta.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import { type ObjectRevision, revisionOf } from "../encoding/object-revision.js";
import { objectKey } from "../storage/keys.js";
import type { StoredValue } from "../storage/storage.js";
import type { RegistryCore } from "./core.js";
import { freshReadTimeoutMs, parseResourceVersion, tooLargeResourceVersion } from "./resource-version.js";

/** The object as every acknowledged write has left it, or with a version as the cache has it once it is that far. */
export async function getObject<T extends KubeObject>(
  core: Pick<RegistryCore, "cache" | "storage">,
  definition: ResourceDefinition<T>,
  namespace: string,
  name: string,
  resourceVersion?: string,
): Promise<ObjectRevision<T> | undefined> {
  if (name.includes("/") || (definition.scope === "Namespaced" && namespace.includes("/"))) return undefined;
  const version = parseResourceVersion(resourceVersion);
  if (version === undefined) {
    const stored = await core.storage.get(objectKey(definition, namespace, name));
    return stored && fromStored(core, definition, stored);
  }
  if (!(await core.cache.waitFor(version, freshReadTimeoutMs)))
    throw tooLargeResourceVersion(version, core.cache.revision);
  return core.cache.resource(definition).get(namespace, name);
}

/** The cache's own revision where it is the one that the store holds. Throws when the bytes are no object. */
export function fromStored<T extends KubeObject>(
  core: Pick<RegistryCore, "cache">,
  definition: ResourceDefinition<T>,
  { key, value, revision }: StoredValue,
): ObjectRevision<T> {
  const cached = core.cache.resource(definition).getByKey(key);
  return cached?.revision === revision ? cached : revisionOf(definition, key, value, revision);
}
