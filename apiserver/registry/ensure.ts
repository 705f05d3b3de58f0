/** Objects that the server itself keeps in the cluster. */
import type { KubeObject } from "../../apimachinery/meta.js";
import type { DraftOf, ResourceDefinition } from "../../apimachinery/resource.js";
import { decode } from "../../apimachinery/schema/decode.js";
import { applyDefaults } from "../../apimachinery/schema/defaults.js";
import { StatusError } from "../../apimachinery/status.js";
import type { User } from "../request.js";
import type { Registry } from "./registry.js";

/** The server itself. */
export const self: User = { name: "system:apiserver", uid: "", groups: ["system:masters"], extra: {} };

/** As whom the server itself writes. */
export const asSelf = { user: self, manager: "kube-apiserver" } as const;

/** Creates what is missing. `complete` gives the object with what it lacks, or itself. */
export async function ensure<T extends KubeObject>(
  registry: Registry,
  definition: ResourceDefinition<T>,
  draft: DraftOf<T>,
  complete?: (found: T, wanted: T) => T,
): Promise<void> {
  const wanted = objectFrom(definition, draft);
  const { namespace = "", name } = wanted.metadata;
  const found = registry.reads.get(definition, namespace, name);
  if (found && (!complete || complete(found, wanted) === found)) return;
  if (found && complete) {
    const next = (current: T): T => complete(current, wanted);
    await registry.update(definition, { namespace, name }, { subresource: "", part: "main", next }, asSelf);
    return;
  }
  try {
    await registry.create(definition, namespace, wanted, asSelf);
  } catch (error) {
    // Another API server may be starting as well.
    if (!(error instanceof StatusError && error.reason === "AlreadyExists")) throw error;
  }
}

/** As a request's body would be read: decoded, with defaults. */
function objectFrom<T extends KubeObject>({ schema }: ResourceDefinition<T>, draft: DraftOf<T>): T {
  return applyDefaults(schema, decode(schema, draft, { strict: "Strict" }).value);
}
