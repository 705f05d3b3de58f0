import { checkAddress, readObject } from "../body.js";
import { writeQuery } from "../query.js";
import type { VerbEndpoint } from "../target.js";

export const create: VerbEndpoint = async (context, { definition, namespace }, { registry }) => {
  const { options, fieldValidation } = writeQuery(context, "CreateOptions");
  const draft = await readObject(context, definition, fieldValidation);
  checkAddress(definition, draft, { namespace, name: "" });
  return { type: "object", status: 201, revision: await registry.create(definition, namespace, draft, options) };
};
