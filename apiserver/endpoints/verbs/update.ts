import { notFound } from "../../../apimachinery/status.js";
import { checkAddress, readObject } from "../body.js";
import { writeQuery } from "../query.js";
import type { VerbEndpoint } from "../target.js";

export const update: VerbEndpoint = async (context, { definition, ...address }, { registry }) => {
  const { options, fieldValidation } = writeQuery(context, "UpdateOptions");
  const object = await readObject(context, definition, fieldValidation);
  checkAddress(definition, object, address);
  const versionRequired = !definition.allowUnconditionalUpdate;
  const change = { subresource: "", part: "main" as const, next: () => object, versionRequired };
  const updated = await registry.updateIfThere(definition, address, change, options);
  if (updated) return { type: "object", status: 200, revision: updated.revision };
  if (!definition.allowCreateOnUpdate || object.metadata.resourceVersion) throw notFound(definition, address.name);
  context.requireRight("create");
  const revision = await registry.create(definition, address.namespace, object, options);
  return { type: "object", status: 201, revision };
};
