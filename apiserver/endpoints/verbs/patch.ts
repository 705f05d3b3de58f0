import { applyObject, isApply } from "../apply.js";
import { patchQuery, readPatch } from "../patch-body.js";
import type { VerbEndpoint } from "../target.js";

export const patch: VerbEndpoint = async (context, target, api) => {
  if (isApply(context)) return applyObject(context, target, api, "");
  const { definition, ...address } = target;
  const { registry } = api;
  const query = patchQuery(context);
  const apply = await readPatch(context, definition, query.fieldValidation);
  const change = { subresource: "", part: "main" as const, next: apply };
  const { revision } = await registry.update(definition, address, change, query.options);
  return { type: "object", status: 200, revision };
};
