import type { KubeObject } from "../../apimachinery/meta.js";
import type { ObjectRevision } from "../encoding/object-revision.js";
import type { RegistryCore } from "./core.js";
import { getObject } from "./get.js";
import type { Reads } from "./reads.js";

/** Reads for admission and authorization, from the watch cache. */
export function cachedReads(core: Pick<RegistryCore, "cache" | "storage">): Reads {
  return {
    get: (definition, namespace, name) =>
      isSegment(name) && (definition.scope === "Cluster" || isSegment(namespace))
        ? core.cache.resource(definition).get(namespace, name)?.object
        : undefined,
    list: (definition, namespace) => objects(core.cache.resource(definition).snapshot(namespace)),
    listByField: (definition, field, value) =>
      objects(core.cache.resource(definition).withField(field, value).values()),
    changes: (definition) => core.cache.resource(definition).changes,
    getFresh: async (definition, namespace, name) => (await getObject(core, definition, namespace, name))?.object,
  };
}

function* objects<T extends KubeObject>(revisions: Iterable<ObjectRevision<T>>): Iterable<T> {
  for (const { object } of revisions) yield object;
}

const isSegment = (text: string): boolean => text !== "" && !text.includes("/");
