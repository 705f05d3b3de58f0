import type { ResourceDefinition } from "../../apimachinery/resource.js";
import type { WatchStart } from "../storage/watch-cache-resource.js";
import type { Selection } from "../storage/watch-cache-selection.js";
import type { Watcher } from "../storage/watch-cache-watcher.js";
import type { RegistryCore } from "./core.js";
import { freshReadTimeoutMs, parseResourceVersion, tooLargeResourceVersion } from "./resource-version.js";

export interface WatchRequest {
  readonly selection: Selection;
  readonly resourceVersion?: string | undefined;
  readonly bookmarks?: boolean;
  /** Absent: the current objects come first only without a resourceVersion, and no bookmark ends them. */
  readonly sendInitialEvents?: boolean | undefined;
}

/** Starts a watch. The caller must iterate or return it, else its buffer fills until it is cut off. */
export async function watchObjects(
  core: RegistryCore,
  definition: ResourceDefinition,
  request: WatchRequest,
): Promise<Watcher> {
  const { selection, bookmarks = false } = request;
  const version = parseResourceVersion(request.resourceVersion);
  await reach(core, version ?? (await core.storage.currentRevision()));
  const cache = core.cache.resource(definition);
  const reached = (): number => core.cache.revision;
  return cache.watch({ selection, bookmarks, from: startOf(version, request), reached }, core.cache.revision);
}

function startOf(
  version: number | undefined,
  { sendInitialEvents, bookmarks = false }: WatchRequest,
): WatchStart["from"] {
  // The end of the initial objects is told by a bookmark, to those who take bookmarks.
  if (sendInitialEvents) return { initial: true, closing: bookmarks };
  if (version !== undefined && version > 0) return { after: version };
  return sendInitialEvents === undefined ? { initial: true, closing: false } : "now";
}

async function reach(core: RegistryCore, version: number): Promise<void> {
  if (!(await core.cache.waitFor(version, freshReadTimeoutMs)))
    throw tooLargeResourceVersion(version, core.cache.revision);
}
