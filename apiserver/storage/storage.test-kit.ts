import type { Storage, StorageEvent, StoredValue, WriteOutcome } from "./storage.js";

let counter = 0;
/** A prefix that no other test uses, so that one store can serve them all. */
export const freshPrefix = (): string => `/registry/t${process.pid}-${++counter}/`;

export const bytes = (text: string): Uint8Array => Buffer.from(text);
export const text = (value: Uint8Array | undefined): string | undefined => value && Buffer.from(value).toString();

/** The revision of a write that must have succeeded. */
export function won(outcome: WriteOutcome): number {
  if (!outcome.ok) throw new Error("the write lost its comparison");
  return outcome.revision;
}

export const shown = (stored: StoredValue | undefined): readonly unknown[] | undefined =>
  stored && [stored.key, text(stored.value), stored.revision];

export const shownEvent = (event: StorageEvent): readonly unknown[] =>
  event.type === "put"
    ? [event.created ? "create" : "update", event.key, text(event.value), event.revision, shown(event.previous)]
    : ["delete", event.key, event.revision, shown(event.previous)];

/** Reads a watch until `enough` says so, and ends it. */
export async function collect(
  storage: Storage,
  prefix: string,
  after: number,
  enough: (events: readonly StorageEvent[]) => boolean,
): Promise<readonly StorageEvent[]> {
  const controller = new AbortController();
  const events: StorageEvent[] = [];
  for await (const batch of storage.watch(prefix, after, controller.signal)) {
    events.push(...batch);
    if (enough(events)) break;
  }
  controller.abort();
  return events;
}

export const collectCount = (
  storage: Storage,
  prefix: string,
  after: number,
  count: number,
): Promise<readonly StorageEvent[]> => collect(storage, prefix, after, (events) => events.length >= count);
