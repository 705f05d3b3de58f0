import type { ResourceDefinition } from "../../apimachinery/resource.js";
import type { Clock } from "../../base/clock.js";
import type { Kinds } from "../registry/kinds.js";
import type { Registry } from "../registry/registry.js";
import type { Answer, RequestContext } from "../request.js";

/** What endpoints work with. */
export interface EndpointApi {
  readonly registry: Registry;
  readonly kinds: Kinds;
  readonly clock: Clock;
}

/** The resource that a request's path names, found to be there. */
export interface Target {
  readonly definition: ResourceDefinition;
  /** "" for cluster-scoped resources and for lists of all namespaces. */
  readonly namespace: string;
  /** "" for collections. */
  readonly name: string;
}

/** One verb of the API. */
export type VerbEndpoint = (context: RequestContext, target: Target, api: EndpointApi) => Promise<Answer>;
