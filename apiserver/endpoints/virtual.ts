import type { KubeObject } from "../../apimachinery/meta.js";
import { badRequest } from "../../apimachinery/status.js";
import { unstoredRevision } from "../encoding/object-revision.js";
import type { ObjectAddress } from "../registry/registry.js";
import type { Answer, RequestContext } from "../request.js";
import { objectKey } from "../storage/keys.js";
import type { Selection } from "../storage/watch-cache-selection.js";
import { listQuery, refuseUnsupported } from "./query.js";
import { bindByName } from "./subresources/binding.js";
import type { EndpointApi, Target } from "./target.js";

/** A resource that is never stored. */
export type VirtualEndpoint = AnsweredEndpoint | ReadEndpoint;

/** What is POSTed is answered at once (reviews, bindings). */
export interface AnsweredEndpoint {
  /** `bindings`, `selfsubjectaccessreviews.authorization.k8s.io`. */
  readonly resource: string;
  /** `object` is decoded, has its defaults and is valid by its schema. */
  handle(context: RequestContext, object: KubeObject, api: EndpointApi): Promise<Answer>;
}

/** What is read is made for its reader (metrics). */
export interface ReadEndpoint {
  readonly resource: string;
  /** Throws NotFound. */
  get(address: ObjectAddress, api: EndpointApi, signal: AbortSignal): Promise<KubeObject>;
  /** All that match. */
  list(selection: Selection, api: EndpointApi, signal: AbortSignal): Promise<readonly KubeObject[]>;
}

/** What the registry itself serves; whoever starts the API adds the reviews. */
export const registryVirtuals: readonly VirtualEndpoint[] = [{ resource: "bindings", handle: bindByName }];

/** A get or a list of what is never stored, as if it were. */
export async function readVirtual(
  endpoint: ReadEndpoint,
  { request: { query }, info, signal }: RequestContext,
  { definition, namespace, name }: Target,
  api: EndpointApi,
): Promise<Answer> {
  const revisionFor = (object: KubeObject) =>
    unstoredRevision(definition, objectKey(definition, object.metadata.namespace ?? "", object.metadata.name), object);
  if (info.verb === "get") {
    refuseUnsupported(query);
    return { type: "object", status: 200, revision: revisionFor(await endpoint.get({ namespace, name }, api, signal)) };
  }
  const { selection, continue: token } = listQuery(query, definition, namespace);
  if (token !== undefined) throw badRequest("continue key is not valid: lists of this resource come in one piece");
  const objects = await endpoint.list(selection, api, signal);
  return { type: "list", definition, items: objects.map(revisionFor), metadata: { resourceVersion: "" } };
}
