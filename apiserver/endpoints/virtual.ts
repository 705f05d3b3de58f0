import type { KubeObject } from "../../apimachinery/meta.js";
import type { Answer, RequestContext } from "../request.js";
import { bindByName } from "./subresources/binding.js";
import type { EndpointApi } from "./target.js";

/** A resource that is never stored: what is POSTed is answered at once (reviews, bindings). */
export interface VirtualEndpoint {
  /** `bindings`, `selfsubjectaccessreviews.authorization.k8s.io`. */
  readonly resource: string;
  /** `object` is decoded, has its defaults and is valid by its schema. */
  handle(context: RequestContext, object: KubeObject, api: EndpointApi): Promise<Answer>;
}

/** What the registry itself serves; whoever starts the API adds the reviews. */
export const registryVirtuals: readonly VirtualEndpoint[] = [{ resource: "bindings", handle: bindByName }];
