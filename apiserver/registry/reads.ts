import type { KubeObject } from "../../apimachinery/meta.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";

/** What admission and authorization read: the caches, synchronously; objects are shared and frozen. */
export interface Reads {
  get<T extends KubeObject>(definition: ResourceDefinition<T>, namespace: string, name: string): T | undefined;
  /** Namespace "" means all. */
  list<T extends KubeObject>(definition: ResourceDefinition<T>, namespace: string): Iterable<T>;
  /** A read that reflects every acknowledged write, for the rare decision that a stale cache would get wrong. */
  getFresh<T extends KubeObject>(
    definition: ResourceDefinition<T>,
    namespace: string,
    name: string,
  ): Promise<T | undefined>;
}
