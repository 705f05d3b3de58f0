import { listQuery } from "../query.js";
import type { VerbEndpoint } from "../target.js";

export const list: VerbEndpoint = async ({ request: { query } }, { definition, namespace }, { registry }) => {
  const { items, metadata } = await registry.list(definition, listQuery(query, definition, namespace));
  return { type: "list", definition, items, metadata };
};
