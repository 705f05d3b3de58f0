import { readDeleteOptions } from "../delete-options.js";
import { listQuery } from "../query.js";
import type { VerbEndpoint } from "../target.js";

export const deleteCollection: VerbEndpoint = async (context, { definition, namespace }, { registry }) => {
  const list = listQuery(context.request.query, definition, namespace);
  const { request, options } = await readDeleteOptions(context);
  const { signal } = context;
  const { items, metadata } = await registry.deleteCollection(definition, list, request, { ...options, signal });
  return { type: "list", definition, items, metadata };
};
