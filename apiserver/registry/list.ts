import type { KubeObject, ListMeta } from "../../apimachinery/meta.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import { StatusError } from "../../apimachinery/status.js";
import { yieldToLoop } from "../../base/yield.js";
import type { ObjectRevision } from "../encoding/object-revision.js";
import { collectionPrefix } from "../storage/keys.js";
import { CompactedError, FutureRevisionError, type StoredValue } from "../storage/storage.js";
import { lowerBound } from "../storage/watch-cache-index.js";
import type { Selection } from "../storage/watch-cache-selection.js";
import { formatContinueToken, parseContinueToken } from "./continue-token.js";
import type { RegistryCore } from "./core.js";
import { fromStored } from "./get.js";
import { freshReadTimeoutMs, parseResourceVersion, tooLargeResourceVersion } from "./resource-version.js";

export interface ListRequest {
  readonly selection: Selection;
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: "Exact" | "NotOlderThan" | undefined;
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
}

export interface Listed<T extends KubeObject = KubeObject> {
  readonly items: readonly ObjectRevision<T>[];
  readonly metadata: ListMeta;
}

/** Objects looked at before the event loop gets a turn. */
const examinedPerTurn = 5_000;
const storePageItems = 500;

/** Reads a collection at the version and in the page that the request names. */
export async function listObjects<T extends KubeObject>(
  core: RegistryCore,
  definition: ResourceDefinition<T>,
  request: ListRequest,
): Promise<Listed<T>> {
  if (request.continue !== undefined) return continueList(core, definition, request, request.continue);
  const version = parseResourceVersion(request.resourceVersion);
  if (version === undefined) return newest(core, definition, request, "");
  // A page of a list "at version N" is meant exactly, as the rest of it will be.
  const exact = request.resourceVersionMatch === "Exact" || (request.limit && !request.resourceVersionMatch);
  if (version > 0 && exact) {
    return at(core, definition, request, version, "").catch((error: unknown) => {
      if (error instanceof FutureRevisionError) throw tooLargeResourceVersion(version, error.currentRevision);
      if (error instanceof CompactedError)
        throw new StatusError("Expired", "The resourceVersion for the provided list is too old.");
      throw error;
    });
  }
  if (!(await core.cache.waitFor(version, freshReadTimeoutMs)))
    throw tooLargeResourceVersion(version, core.cache.revision);
  return fromCache(core, definition, request, core.cache.revision, "");
}

async function continueList<T extends KubeObject>(
  core: RegistryCore,
  definition: ResourceDefinition<T>,
  request: ListRequest,
  text: string,
): Promise<Listed<T>> {
  const { revision, after } = parseContinueToken(text);
  if (revision === 0) return newest(core, definition, request, after);
  try {
    return await at(core, definition, request, revision, after);
  } catch (error) {
    if (error instanceof CompactedError || error instanceof FutureRevisionError) throw expiredToken(after);
    throw error;
  }
}

/** What every write acknowledged before now has made of the collection. */
async function newest<T extends KubeObject>(
  core: RegistryCore,
  definition: ResourceDefinition<T>,
  request: ListRequest,
  after: string,
): Promise<Listed<T>> {
  const revision = await core.storage.currentRevision();
  return (await core.cache.waitFor(revision, freshReadTimeoutMs))
    ? fromCache(core, definition, request, core.cache.revision, after)
    : fromStore(core, definition, request, undefined, after);
}

/**
 * The collection at one revision, while the store can still tell it: from the cache where nothing in it changed since, else
 * from the store's history.
 */
async function at<T extends KubeObject>(
  core: RegistryCore,
  definition: ResourceDefinition<T>,
  request: ListRequest,
  revision: number,
  after: string,
): Promise<Listed<T>> {
  const unchanged = (): boolean =>
    core.cache.resource(definition).lastChange <= revision && revision <= core.cache.revision;
  // Whether the store would still tell it, asked of a place where no key can be: nothing is read for it.
  if (unchanged())
    await core.storage.list(`${collectionPrefix(definition, request.selection.namespace)}\0`, { revision, limit: 1 });
  // A write may have come while that was asked: the cache is looked at and read in one turn.
  return unchanged()
    ? fromCache(core, definition, request, revision, after)
    : fromStore(core, definition, request, revision, after);
}

async function fromCache<T extends KubeObject>(
  core: RegistryCore,
  definition: ResourceDefinition<T>,
  { selection, limit }: ListRequest,
  revision: number,
  after: string,
): Promise<Listed<T>> {
  const candidates = core.cache.resource(definition).candidates(selection);
  const prefix = collectionPrefix(definition, selection.namespace);
  const from = after === "" ? 0 : firstAfter(candidates, prefix + after);
  const max = limit || Number.POSITIVE_INFINITY;
  if (selection.everything) {
    const items = candidates.slice(from, from + Math.min(max, candidates.length));
    return page(items, revision, candidates.length - from - items.length, prefix, true);
  }
  const items: ObjectRevision<T>[] = [];
  for (let index = from; index < candidates.length; index++) {
    if (index % examinedPerTurn === examinedPerTurn - 1) await yieldToLoop();
    const candidate = candidates[index];
    if (!candidate || !selection.matches(candidate.object)) continue;
    if (items.length === max) return page(items, revision, 1, prefix, false);
    items.push(candidate);
  }
  return page(items, revision, 0, prefix, false);
}

async function fromStore<T extends KubeObject>(
  core: RegistryCore,
  definition: ResourceDefinition<T>,
  { selection, limit }: ListRequest,
  atRevision: number | undefined,
  after: string,
): Promise<Listed<T>> {
  const prefix = collectionPrefix(definition, selection.namespace);
  const max = limit || Number.POSITIVE_INFINITY;
  const items: ObjectRevision<T>[] = [];
  let revision = atRevision;
  let last = after === "" ? undefined : prefix + after;
  for (;;) {
    const stored = await core.storage.list(prefix, {
      limit: selection.everything ? Math.min(max - items.length, storePageItems) : storePageItems,
      ...(revision === undefined ? {} : { revision }),
      ...(last === undefined ? {} : { after: last }),
    });
    revision ??= stored.revision;
    for (const item of stored.items) {
      const object = decoded(core, definition, item);
      if (!object || !selection.matches(object.object)) continue;
      if (items.length === max) return page(items, revision, 1, prefix, false);
      items.push(object);
    }
    last = stored.items.at(-1)?.key;
    const full = selection.everything && items.length >= max;
    if (stored.remaining === 0 || last === undefined || full)
      return page(items, revision, stored.remaining, prefix, selection.everything);
    await yieldToLoop();
  }
}

/** Undefined for bytes that are no object, so that one broken value leaves the list readable. */
function decoded<T extends KubeObject>(
  core: RegistryCore,
  definition: ResourceDefinition<T>,
  item: StoredValue,
): ObjectRevision<T> | undefined {
  try {
    return fromStored(core, definition, item);
  } catch (error) {
    core.log.error("the store holds a value that is not an object", { key: item.key, error: String(error) });
    return undefined;
  }
}

function page<T extends KubeObject>(
  items: readonly ObjectRevision<T>[],
  revision: number,
  remaining: number,
  prefix: string,
  countable: boolean,
): Listed<T> {
  const last = items.at(-1);
  const resourceVersion = String(revision);
  if (remaining <= 0 || !last) return { items, metadata: { resourceVersion } };
  const next = formatContinueToken({ revision, after: last.key.slice(prefix.length) });
  const metadata = { resourceVersion, continue: next, ...(countable ? { remainingItemCount: remaining } : {}) };
  return { items, metadata };
}

function firstAfter(sorted: readonly { readonly key: string }[], key: string): number {
  const at = lowerBound(sorted, key);
  return sorted[at]?.key === key ? at + 1 : at;
}

/** The rest of the list can no longer be told as it was; the token in the answer leads to the rest as it is now. */
const expiredToken = (after: string): StatusError =>
  new StatusError(
    "Expired",
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without " +
      "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. " +
      "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or " +
      "deleted between the time the first chunk was returned and now may show up in the list.",
    undefined,
    undefined,
    { continue: formatContinueToken({ revision: 0, after }) },
  );
