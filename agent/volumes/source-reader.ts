import type { ConfigMap } from "../../api/core/config-map.js";
import type { Pod } from "../../api/core/pod/pod.js";
import type { Secret } from "../../api/core/secret.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import { StatusError } from "../../apimachinery/status.js";
import type { Client } from "../../client/client.js";

/** Reads objects of a pod's namespace; what can never change is asked for once a pod. */
export class SourceReader<T extends ConfigMap | Secret> {
  readonly #client: Client;
  readonly #definition: ResourceDefinition<T>;
  /** Immutable ones, by uid of the pod, then by name. */
  readonly #known = new Map<string, Map<string, T>>();

  constructor(client: Client, definition: ResourceDefinition<T>) {
    this.#client = client;
    this.#definition = definition;
  }

  /** Undefined: there is none. */
  async read({ metadata: { uid, namespace = "" } }: Pod, name: string): Promise<T | undefined> {
    const known = this.#known.get(uid)?.get(name);
    if (known) return known;
    const found = await orMissing(this.#client.get(this.#definition, { namespace, name }));
    if (found?.immutable) this.#known.set(uid, (this.#known.get(uid) ?? new Map<string, T>()).set(name, found));
    return found;
  }

  forget(uid: string): void {
    this.#known.delete(uid);
  }
}

async function orMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof StatusError && error.reason === "NotFound") return undefined;
    throw error;
  }
}
