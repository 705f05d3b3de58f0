import { type FlowSchema, flowSchemas } from "../api/flowcontrol/flow-schema.js";
import { type FlowRequest, inOrderOfMatching, matchesFlow } from "../api/flowcontrol/matching.js";
import { priorityLevelConfigurations } from "../api/flowcontrol/priority-level-configuration.js";
import { anonymous } from "./authn/authenticator.js";
import type { Reads } from "./registry/reads.js";
import type { RequestInfo, User } from "./request.js";
import { isLongRunning } from "./stages/request-info.js";

/** Headers of an answer that tell which flow schema its request belongs to, and which priority level that names. */
export type FlowHeaders = Readonly<Record<string, string>>;

export const noHeaders: FlowHeaders = {};

/**
 * Sorts requests by the flow schemas in the cache. What one user's requests of one kind belong to is worked out once, and
 * kept until a schema or a level changes. Long answers but watches belong to none.
 */
export class FlowControl {
  readonly #reads: Reads;
  #seen = { schemas: -1, levels: -1 };
  #schemas: readonly { readonly schema: FlowSchema; readonly headers: FlowHeaders }[] = [];
  readonly #known = new Map<string, FlowHeaders>();

  constructor(reads: Reads) {
    this.#reads = reads;
  }

  headersFor(user: User, info: RequestInfo): FlowHeaders {
    if (info.verb !== "watch" && isLongRunning(info)) return noHeaders;
    this.#refresh();
    const { verb, path, resource } = info;
    const what = resource ? `${resource.group}/${resource.plural}/${resource.subresource} ${resource.namespace}` : path;
    const key = `${user.name}\n${user.groups.join("\n")}\n${verb} ${what}`;
    // What a stranger writes is not kept.
    if (user.name === anonymous.name || key.length > keyMaxCharacters)
      return this.#find({ user, verb, path, resource });
    let headers = this.#known.get(key);
    if (!headers) {
      headers = this.#find({ user, verb, path, resource });
      if (this.#known.size >= knownMaxEntries) this.#known.clear();
      this.#known.set(key, headers);
    }
    return headers;
  }

  /** How many answers it keeps. */
  get knownEntries(): number {
    return this.#known.size;
  }

  #find(request: FlowRequest): FlowHeaders {
    return this.#schemas.find(({ schema }) => matchesFlow(schema, request))?.headers ?? noHeaders;
  }

  #refresh(): void {
    const schemas = this.#reads.changes(flowSchemas);
    const levels = this.#reads.changes(priorityLevelConfigurations);
    if (schemas === this.#seen.schemas && levels === this.#seen.levels) return;
    this.#seen = { schemas, levels };
    this.#known.clear();
    // A schema whose level is not there counts for nothing.
    this.#schemas = inOrderOfMatching(this.#reads.list(flowSchemas, "")).flatMap((schema) => {
      const level = this.#reads.get(priorityLevelConfigurations, "", schema.spec.priorityLevelConfiguration.name);
      if (!level) return [];
      const headers = {
        "x-kubernetes-pf-flowschema-uid": schema.metadata.uid,
        "x-kubernetes-pf-prioritylevel-uid": level.metadata.uid,
      };
      return [{ schema, headers }];
    });
  }
}

const knownMaxEntries = 10_000;
/** Whoever has a very long name or path is sorted anew each time. */
const keyMaxCharacters = 512;
