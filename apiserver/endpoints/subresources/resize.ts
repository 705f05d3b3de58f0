import { isMirrorPod } from "../../../api/core/pod/mirror-pod.js";
import { type Pod, pods } from "../../../api/core/pod/pod.js";
import { podResizeErrors, withResources } from "../../../api/core/pod/resize-rules.js";
import { badRequest } from "../../../apimachinery/status.js";
import type { Change } from "../../registry/update.js";
import type { Answer, RequestContext } from "../../request.js";
import { isApply } from "../apply.js";
import { checkAddress, readObject } from "../body.js";
import { patchQuery, readPatch } from "../patch-body.js";
import { writeQuery } from "../query.js";
import type { SubresourceApi } from "../subresources.js";
import { get } from "../verbs/get.js";

/**
 * Changes what the containers of a pod that runs may use. Of what is written only their resources count; the agent of
 * the node says in the pod's conditions what becomes of it.
 */
export async function resizePod(context: RequestContext, api: SubresourceApi): Promise<Answer> {
  const { target, registry } = api;
  const { definition: _, ...address } = target;
  if (context.request.method === "GET") return get(context, target, api);
  if (context.request.method === "PUT") {
    const { options, fieldValidation } = writeQuery(context, "UpdateOptions");
    const pod = await readObject(context, pods, fieldValidation);
    checkAddress(pods, pod, address);
    const { revision } = await registry.update(
      pods,
      address,
      resize(() => pod),
      options,
    );
    return { type: "object", status: 200, revision };
  }
  if (isApply(context)) throw badRequest(noApply);
  const { options, fieldValidation } = patchQuery(context);
  const next = await readPatch(context, pods, fieldValidation);
  const { revision } = await registry.update(pods, address, resize(next), options);
  return { type: "object", status: 200, revision };
}

const noApply = "server-side apply to the subresource pods/resize is not implemented by this server yet";

const resize = (next: Change<Pod>["next"]): Change<Pod> => ({
  subresource: "resize",
  part: "main",
  rules: ({ spec }, old) => (old ? podResizeErrors(spec, old.spec) : []),
  async next(current) {
    if (isMirrorPod(current)) throw badRequest("static pods cannot be resized");
    const { metadata, spec } = await next(current);
    return { ...current, metadata, spec: withResources(current.spec, spec) };
  },
});
