import type { KubeObject } from "../../../apimachinery/meta.js";
import type { Change } from "../../registry/update.js";
import { applyObject, isApply } from "../apply.js";
import { checkAddress, readObject } from "../body.js";
import { patchQuery, readPatch } from "../patch-body.js";
import { writeQuery } from "../query.js";
import type { VerbEndpoint } from "../target.js";
import { get } from "../verbs/get.js";

const statusChange = (next: Change<KubeObject>["next"]): Change<KubeObject> => ({
  subresource: "status",
  part: "status",
  next,
});

const update: VerbEndpoint = async (context, { definition, ...address }, { registry }) => {
  const { options, fieldValidation } = writeQuery(context, "UpdateOptions");
  const object = await readObject(context, definition, fieldValidation);
  checkAddress(definition, object, address);
  const { revision } = await registry.update(
    definition,
    address,
    statusChange(() => object),
    options,
  );
  return { type: "object", status: 200, revision };
};

const patch: VerbEndpoint = async (context, target, api) => {
  if (isApply(context)) return applyObject(context, target, api, "status");
  const { definition, ...address } = target;
  const { registry } = api;
  const { options, fieldValidation } = patchQuery(context);
  const next = await readPatch(context, definition, fieldValidation);
  const { revision } = await registry.update(definition, address, statusChange(next), options);
  return { type: "object", status: 200, revision };
};

/** RBAC verb to what it does. */
export const statusVerbs: ReadonlyMap<string, VerbEndpoint> = new Map([
  ["get", get],
  ["update", update],
  ["patch", patch],
]);
