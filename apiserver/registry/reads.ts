import type { KubeObject } from "../../apimachinery/meta.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";

/** What admission and authorization read: the caches, synchronously; objects are shared and frozen. */
export interface Reads {
  get<T extends KubeObject>(definition: ResourceDefinition<T>, namespace: string, name: string): T | undefined;
  /** Namespace "" means all. */
  list<T extends KubeObject>(definition: ResourceDefinition<T>, namespace: string): Iterable<T>;
  /** Those in all namespaces whose selectable field has this value, from the cache's index (`spec.nodeName` of pods). */
  listByField<T extends KubeObject>(definition: ResourceDefinition<T>, field: string, value: string): Iterable<T>;
  /** Another number whenever the cache took in a change of the kind: tells when what was derived from it is outdated. */
  changes(definition: ResourceDefinition): number;
  /** A read that reflects every acknowledged write, for the rare decision that a stale cache would get wrong. */
  getFresh<T extends KubeObject>(
    definition: ResourceDefinition<T>,
    namespace: string,
    name: string,
  ): Promise<T | undefined>;
}
