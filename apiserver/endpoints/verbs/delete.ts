import type { ResourceDefinition } from "../../../apimachinery/resource.js";
import type { Status } from "../../../apimachinery/status.js";
import { readDeleteOptions } from "../delete-options.js";
import type { VerbEndpoint } from "../target.js";

/** DELETE of one object answers the object while it is there (202 where dependents go first), a Status once it is gone. */
export const deleteOne: VerbEndpoint = async (context, { definition, ...address }, { registry }) => {
  const { request, options } = await readDeleteOptions(context);
  const { revision, gone } = await registry.delete(definition, address, request, options);
  if (gone && !registry.strategyOf(definition).answersDeleted)
    return { type: "value", status: 200, value: deletedStatus(definition, address.name, revision.object.metadata.uid) };
  const waits = request.propagationPolicy === "Foreground" || request.orphanDependents === false;
  return { type: "object", status: !gone && waits ? 202 : 200, revision };
};

const deletedStatus = ({ group, plural }: ResourceDefinition, name: string, uid: string): Status => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Success",
  details: { name, ...(group === "" ? {} : { group }), kind: plural, uid },
});
