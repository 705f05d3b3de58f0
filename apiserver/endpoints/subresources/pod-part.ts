import { isMirrorPod } from "../../../api/core/pod/mirror-pod.js";
import { type Pod, pods } from "../../../api/core/pod/pod.js";
import type { KubeObject } from "../../../apimachinery/meta.js";
import type { FieldError } from "../../../apimachinery/schema/schema.js";
import { badRequest } from "../../../apimachinery/status.js";
import { withoutAbsent } from "../../registry/object-parts.js";
import type { Change } from "../../registry/update.js";
import type { Answer, RequestContext } from "../../request.js";
import { applyingChange, isApply, readConfiguration } from "../apply.js";
import { checkAddress, readObject } from "../body.js";
import { patchQuery, readPatch } from "../patch-body.js";
import { writeQuery } from "../query.js";
import type { SubresourceApi } from "../subresources.js";
import { get } from "../verbs/get.js";

/** A part of a running pod's spec that has a subresource of its own. */
export interface PodPart {
  readonly subresource: string;
  /** What to answer for the mirror of a static pod. */
  readonly staticPods: string;
  readonly errors: (spec: Pod["spec"], old: Pod["spec"]) => readonly FieldError[];
  /** The stored spec with the part as it was written; of all else nothing counts. */
  readonly merge: (current: Pod["spec"], written: Pod["spec"]) => Pod["spec"];
  /** What of an applied spec is the part, and so its applier's. Absent: nothing is applied to it. */
  readonly applied?: (spec: Pod["spec"]) => object;
}

/** Reads, replaces and patches the pod of which one part alone is taken over. */
export const podPartEndpoint =
  (part: PodPart) =>
  async (context: RequestContext, api: SubresourceApi): Promise<Answer> => {
    const { target, registry } = api;
    const { definition: _, ...address } = target;
    if (context.request.method === "GET") return get(context, target, api);
    if (context.request.method === "PUT") {
      const { options, fieldValidation } = writeQuery(context, "UpdateOptions");
      const pod = await readObject(context, pods, fieldValidation);
      checkAddress(pods, pod, address);
      const change = changeOf(part, () => pod);
      const { revision } = await registry.update(pods, address, change, options);
      return { type: "object", status: 200, revision };
    }
    if (isApply(context)) return apply(context, api, part);
    const { options, fieldValidation } = patchQuery(context);
    const next = await readPatch(context, pods, fieldValidation);
    const { revision } = await registry.update(pods, address, changeOf(part, next), options);
    return { type: "object", status: 200, revision };
  };

async function apply(context: RequestContext, api: SubresourceApi, part: PodPart): Promise<Answer> {
  const { definition: _, ...address } = api.target;
  const path = `pods/${part.subresource}`;
  if (!part.applied)
    throw badRequest(`server-side apply to the subresource ${path} is not implemented by this server yet`);
  const { options, fieldValidation } = patchQuery(context);
  const { kind, apiVersion, ...config } = (await readConfiguration(context, pods, address, fieldValidation)) as Pod;
  const { name, namespace, uid, resourceVersion } = config.metadata;
  const metadata = withoutAbsent({ name, namespace, uid, resourceVersion });
  const own = { kind, apiVersion, metadata, spec: part.applied(config.spec ?? {}) } as object as KubeObject;
  const { next } = applyingChange(context, api, pods, own, part.subresource);
  const change = changeOf(part, async (current) => (await next(current)) as Pod);
  const { revision } = await api.registry.update(pods, address, change, { ...options, isApplied: true });
  return { type: "object", status: 200, revision };
}

const changeOf = ({ subresource, staticPods, errors, merge }: PodPart, next: Change<Pod>["next"]): Change<Pod> => ({
  subresource,
  part: "main",
  rules: ({ spec }, old) => (old ? errors(spec, old.spec) : []),
  async next(current) {
    if (isMirrorPod(current)) throw badRequest(staticPods);
    const { metadata, spec } = await next(current);
    return { ...current, metadata, spec: merge(current.spec, spec) };
  },
});
