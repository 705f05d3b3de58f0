import { type Service, services } from "../../api/core/service.js";
import type { Clock } from "../../base/clock.js";
import { yieldToLoop } from "../../base/yield.js";
import type { StorageAndCache } from "../registry/core.js";
import { addressClaims, claim, claimUid, portClaims } from "../registry/service/claims.js";
import { claimKeys } from "../registry/service/strategy.js";

export interface RangeRepairOptions {
  readonly core: StorageAndCache;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const repairIntervalMs = 3 * 60 * 1000;
const recordsPerPage = 500;

/**
 * Keeps the records of addresses and node ports in step with the services that have them: a crash between the two writes
 * leaves one without the other. A record without a service goes only when two rounds in a row found it so, since the
 * service may be about to be written.
 */
export async function startRangeRepair({ core, clock, signal }: RangeRepairOptions): Promise<void> {
  let suspects: ReadonlyMap<string, number> = new Map();
  while (!signal.aborted) {
    try {
      suspects = await repairRanges(core, suspects);
    } catch (error) {
      if (!signal.aborted) core.log.warn("cluster addresses could not be repaired", { error: String(error) });
    }
    await clock.sleep(repairIntervalMs, signal);
  }
}

/** One round; `suspects` are the records without a service of the round before, with their revisions. Answers the new ones. */
export async function repairRanges(
  core: StorageAndCache,
  suspects: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  const records = new Map<string, { readonly uid: string | undefined; readonly revision: number }>();
  for (const prefix of [addressClaims, portClaims]) await readRecords(core, prefix, records);
  const found = new Map<string, number>();
  const wanted = new Set<string>();
  const unreadable = new Set<string | undefined>();
  for (const { object } of core.cache.resource(services).snapshot("")) {
    const { name, namespace = "", uid } = object.metadata;
    const keys = keysOf(object);
    if (!keys) {
      unreadable.add(uid);
      core.log.warn("a service makes no sense: what is recorded for it stays", { namespace, name });
      continue;
    }
    for (const key of keys) {
      wanted.add(key);
      const record = records.get(key);
      if (record?.uid === uid) continue;
      if (record === undefined && (await claim(core, key, { namespace, name, uid }))) {
        core.log.info("recorded an address or port that a service has", { key, namespace, name });
      } else {
        core.log.warn("an address or port is recorded for another service", { key, namespace, name });
      }
    }
  }
  for (const [key, { uid, revision }] of records) {
    if (wanted.has(key) || unreadable.has(uid)) continue;
    if (suspects.get(key) === revision) await core.storage.delete(key, revision);
    else found.set(key, revision);
  }
  return found;
}

function keysOf({ spec }: Service): readonly string[] | undefined {
  try {
    return claimKeys(spec);
  } catch {
    return undefined;
  }
}

async function readRecords(
  { storage }: StorageAndCache,
  prefix: string,
  into: Map<string, { readonly uid: string | undefined; readonly revision: number }>,
): Promise<void> {
  let after: string | undefined;
  do {
    const page = await storage.list(prefix, { limit: recordsPerPage, ...(after === undefined ? {} : { after }) });
    for (const { key, value, revision } of page.items) into.set(key, { uid: claimUid(value), revision });
    after = page.remaining > 0 ? page.items.at(-1)?.key : undefined;
    await yieldToLoop();
  } while (after !== undefined);
}
