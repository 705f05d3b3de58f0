import { pods } from "../../../api/core/pod/pod.js";
import { evictions } from "../../../api/policy/eviction.js";
import type { Answer, RequestContext } from "../../request.js";
import { checkAddress, readObject } from "../body.js";
import { checkedDeleteOptions } from "../delete-options.js";
import { writeQuery } from "../query.js";
import type { SubresourceApi } from "../subresources.js";
import { success } from "./binding.js";

/** POST pods/NAME/eviction: a deletion that disruption budgets may hold up; there are none yet, so nothing does. */
export async function evictPod(context: RequestContext, { registry, target }: SubresourceApi): Promise<Answer> {
  const { options, fieldValidation } = writeQuery(context, "CreateOptions");
  const eviction = await readObject(context, evictions, fieldValidation);
  checkAddress(evictions, eviction, target);
  const { namespace, name } = target;
  const write = { operation: "CREATE" as const, definition: pods, subresource: "eviction", namespace, name };
  const { user, dryRun = false, warn = () => {} } = options;
  const admitted = { ...write, object: eviction, oldObject: undefined, user, dryRun, warn };
  await registry.admission.mutate(admitted);
  await registry.admission.validate(admitted);
  const given = checkedDeleteOptions(eviction.deleteOptions ?? {}, options);
  await registry.delete(pods, { namespace, name }, given.request, given.options);
  return { type: "value", status: 201, value: success };
}
