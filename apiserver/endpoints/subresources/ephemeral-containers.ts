import { ephemeralUpdateErrors } from "../../../api/core/pod/ephemeral-rules.js";
import { isMirrorPod } from "../../../api/core/pod/mirror-pod.js";
import { type Pod, pods } from "../../../api/core/pod/pod.js";
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
 * Puts containers into a pod that runs, to look at it. Of what is written only they count.
 * https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/
 */
export async function ephemeralContainers(context: RequestContext, api: SubresourceApi): Promise<Answer> {
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
      putIn(() => pod),
      options,
    );
    return { type: "object", status: 200, revision };
  }
  if (isApply(context)) throw badRequest(noApply);
  const { options, fieldValidation } = patchQuery(context);
  const next = await readPatch(context, pods, fieldValidation);
  const { revision } = await registry.update(pods, address, putIn(next), options);
  return { type: "object", status: 200, revision };
}

const noApply = "server-side apply to the subresource pods/ephemeralcontainers is not implemented by this server yet";

const putIn = (next: Change<Pod>["next"]): Change<Pod> => ({
  subresource: "ephemeralcontainers",
  part: "main",
  rules: ({ spec }, old) => (old ? ephemeralUpdateErrors(spec, old.spec) : []),
  async next(current) {
    if (isMirrorPod(current)) throw badRequest("static pods do not support ephemeral containers");
    const { metadata, spec } = await next(current);
    const { ephemeralContainers: __, ...rest } = current.spec;
    const { ephemeralContainers: wanted } = spec;
    return { ...current, metadata, spec: wanted === undefined ? rest : { ...rest, ephemeralContainers: wanted } };
  },
});
