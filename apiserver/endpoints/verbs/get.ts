import { refuseUnsupported } from "../query.js";
import type { VerbEndpoint } from "../target.js";

export const get: VerbEndpoint = async ({ request: { query } }, { definition, ...address }, { registry }) => {
  refuseUnsupported(query);
  const revision = await registry.get(definition, address, query.get("resourceVersion") ?? "");
  return { type: "object", status: 200, revision };
};
