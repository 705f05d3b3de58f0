import { watchQuery } from "../query.js";
import type { VerbEndpoint } from "../target.js";

export const watch: VerbEndpoint = async ({ request, signal }, { definition, ...address }, { registry }) => {
  const events = await registry.watch(definition, watchQuery(request.query, definition, address));
  // The signal tells of the client's leaving as well as of the watch's time being over: what was pushed still goes out.
  if (signal.aborted) events.end();
  else signal.addEventListener("abort", () => events.end(), { once: true });
  return { type: "watch", definition, events };
};
