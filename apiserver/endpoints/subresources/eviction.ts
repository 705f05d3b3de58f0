import { type Pod, pods } from "../../../api/core/pod/pod.js";
import { evictions } from "../../../api/policy/eviction.js";
import { badRequest } from "../../../apimachinery/status.js";
import { toTime } from "../../../base/clock.js";
import type { WriteOptions } from "../../registry/core.js";
import type { DeleteRequest } from "../../registry/deletion.js";
import type { Answer, RequestContext } from "../../request.js";
import { checkAddress, readObject } from "../body.js";
import { checkedDeleteOptions } from "../delete-options.js";
import { writeQuery } from "../query.js";
import type { SubresourceApi } from "../subresources.js";
import { success } from "./binding.js";

type Preconditions = NonNullable<DeleteRequest["preconditions"]>;

/**
 * Whoever looks at the pod while it ends, or at what is left of it, sees why. Answers the preconditions as they are after
 * that; undefined: they are as before, and so is the pod where it does not meet them.
 */
async function tellWhy(
  registry: SubresourceApi["registry"],
  { namespace, name }: SubresourceApi["target"],
  clock: SubresourceApi["clock"],
  given: Preconditions | undefined,
  options: WriteOptions,
): Promise<Preconditions | undefined> {
  let meets = true;
  const next = (pod: Pod): Pod => {
    const { status, metadata } = pod;
    meets =
      (given?.uid ?? metadata.uid) === metadata.uid &&
      (given?.resourceVersion ?? metadata.resourceVersion) === metadata.resourceVersion;
    if (!meets || !status || status.phase === "Succeeded" || status.phase === "Failed") return pod;
    const { generation } = metadata;
    const disrupted = {
      type: "DisruptionTarget",
      status: "True" as const,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      reason: "EvictionByEvictionAPI",
      message: "Eviction API: evicting",
      lastTransitionTime: toTime(clock.now()),
    };
    const others = (status.conditions ?? []).filter(({ type }) => type !== disrupted.type);
    return { ...pod, status: { ...status, conditions: [...others, disrupted] } };
  };
  const change = { subresource: "status", part: "trusted" as const, next };
  const { revision } = await registry.update(pods, { namespace, name }, change, options);
  if (!meets || given?.resourceVersion === undefined) return undefined;
  return { ...given, resourceVersion: String(revision.revision) };
}

/** POST pods/NAME/eviction: a deletion that disruption budgets may hold up; there are none yet, so nothing does. */
export async function evictPod(context: RequestContext, { registry, target, clock }: SubresourceApi): Promise<Answer> {
  const { options, fieldValidation } = writeQuery(context, "CreateOptions");
  const eviction = await readObject(context, evictions, fieldValidation);
  if (eviction.metadata.name !== target.name) throw badRequest("name in URL does not match name in Eviction object");
  checkAddress(evictions, eviction, target);
  const { namespace, name } = target;
  const write = { operation: "CREATE" as const, definition: pods, subresource: "eviction", namespace, name };
  const { user, dryRun = false, warn = () => {} } = options;
  const admitted = { ...write, object: eviction, oldObject: undefined, user, dryRun, warn };
  await registry.admission.mutate(admitted);
  await registry.admission.validate(admitted);
  const given = checkedDeleteOptions(eviction.deleteOptions ?? {}, options);
  const { preconditions } = given.request;
  const told = given.options.dryRun ? undefined : await tellWhy(registry, target, clock, preconditions, given.options);
  const request = told ? { ...given.request, preconditions: told } : given.request;
  await registry.delete(pods, { namespace, name }, request, given.options);
  return { type: "value", status: 201, value: success };
}
