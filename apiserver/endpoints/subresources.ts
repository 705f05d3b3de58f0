import type { Answer, RequestContext } from "../request.js";
import { decideSigningRequest } from "./subresources/approval.js";
import { bindPod } from "./subresources/binding.js";
import { ephemeralContainers } from "./subresources/ephemeral-containers.js";
import { evictPod } from "./subresources/eviction.js";
import { finalizeNamespace } from "./subresources/finalize.js";
import { resizePod } from "./subresources/resize.js";
import type { EndpointApi, Target } from "./target.js";

/** A subresource that a definition names among its `others`. */
export interface SubresourceEndpoint {
  /** `pods`, `deployments.apps`. */
  readonly resource: string;
  /** `log` */
  readonly name: string;
  /** HTTP methods that it answers; others get 405. */
  readonly methods: readonly string[];
  handle(context: RequestContext, api: SubresourceApi): Promise<Answer>;
}

export interface SubresourceApi extends EndpointApi {
  /** The object whose subresource it is. */
  readonly target: Target;
}

/** What the registry itself serves; whoever starts the API adds those that reach beyond it (log, exec, token). */
export const registrySubresources: readonly SubresourceEndpoint[] = [
  { resource: "pods", name: "binding", methods: ["POST"], handle: bindPod },
  { resource: "pods", name: "eviction", methods: ["POST"], handle: evictPod },
  { resource: "namespaces", name: "finalize", methods: ["PUT"], handle: finalizeNamespace },
  {
    resource: "certificatesigningrequests.certificates.k8s.io",
    name: "approval",
    methods: ["GET", "PUT", "PATCH"],
    handle: decideSigningRequest,
  },
  { resource: "pods", name: "ephemeralcontainers", methods: ["GET", "PUT", "PATCH"], handle: ephemeralContainers },
  { resource: "pods", name: "resize", methods: ["GET", "PUT", "PATCH"], handle: resizePod },
];
