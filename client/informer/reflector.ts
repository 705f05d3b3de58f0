import type { KubeList, KubeObject } from "../../apimachinery/meta.js";
import { StatusError } from "../../apimachinery/status.js";
import { type Backoff, backoffMs } from "../../base/backoff.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/log.js";
import type { Random } from "../../base/random.js";
import { yieldToLoop } from "../../base/yield.js";
import { type CallOptions, ConnectionError, type ListQuery, type WatchEvent, type WatchQuery } from "../client.js";

/** Where a reflector reads: a typed resource, or the metadata of any. */
export interface Source<T extends KubeObject> {
  /** For the log: `pods`, `deployments.apps`. */
  readonly name: string;
  readonly list: (query: ListQuery, options: CallOptions) => Promise<KubeList<T>>;
  readonly watch: (query: WatchQuery, signal: AbortSignal) => AsyncIterable<WatchEvent<T>>;
  readonly query: ListQuery;
}

/** What a reflector keeps up to date. */
export interface Mirror<T extends KubeObject> {
  /** The whole truth at a version: what is missing from it is gone. */
  replace(objects: readonly T[], resourceVersion: string): Promise<void>;
  apply(event: WatchEvent<T>): void;
}

export interface ReflectorOptions<T extends KubeObject> {
  readonly source: Source<T>;
  readonly mirror: Mirror<T>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * Lists, then watches from there, for ever. A watch that ends goes on from the last version seen; where the server
 * cannot go on from there (expired, or its store went back) everything is listed again.
 */
export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  #version: string | undefined;
  #failures = 0;
  #watch = new AbortController();

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
  }

  /** Distrust what is known: list again as soon as possible. */
  relist(): void {
    this.#version = undefined;
    this.#watch.abort();
  }

  /** Resolves when the signal aborts. */
  async run(): Promise<void> {
    const { signal, clock, random, log, source } = this.#options;
    while (!signal.aborted) {
      const startedMs = clock.monotonic();
      const before = this.#version;
      try {
        const version = before ?? (await this.#list());
        this.#version = version;
        await this.#follow(version);
        const told = this.#version !== before || clock.monotonic() - startedMs > watchHealthyMs;
        this.#failures = told ? 0 : this.#failures + 1;
      } catch (error) {
        if (signal.aborted) return;
        this.#failures += 1;
        if (startsOver(error)) this.#version = undefined;
        log.debug("watch interrupted", { resource: source.name, error: String(error), failures: this.#failures });
      }
      if (this.#failures > 0) await clock.sleep(backoffMs(reconnect, this.#failures, random), signal);
    }
  }

  async #list(): Promise<string> {
    const { source, mirror, signal } = this.#options;
    const objects: T[] = [];
    let page: KubeList<T> | undefined;
    do {
      page = await source.list(
        { ...source.query, limit: pageSize, ...(page?.metadata.continue ? { continue: page.metadata.continue } : {}) },
        { signal },
      );
      for (const item of page.items) objects.push(item);
      await yieldToLoop();
    } while (page.metadata.continue);
    await mirror.replace(objects, page.metadata.resourceVersion);
    return page.metadata.resourceVersion;
  }

  async #follow(from: string): Promise<void> {
    const { source, mirror, signal, clock, random } = this.#options;
    const timeoutSeconds = Math.ceil(watchMinSeconds * (1 + random.next()));
    const watch = new AbortController();
    this.#watch = watch;
    const stop = (): void => watch.abort();
    signal.addEventListener("abort", stop, { once: true });
    // The server ends the watch; if it does not, it is no longer there.
    const overdue = clock.after((timeoutSeconds + watchOverdueSeconds) * 1000, stop);
    try {
      if (signal.aborted) return;
      let last = Number(from);
      const atLast = new Set<string>();
      const query = { ...source.query, resourceVersion: from, allowWatchBookmarks: true, timeoutSeconds };
      for await (const event of source.watch(query, watch.signal)) {
        if (watch.signal.aborted) return;
        const version = event.type === "BOOKMARK" ? event.resourceVersion : event.object.metadata.resourceVersion;
        const number = Number(version);
        if (number > last) atLast.clear();
        if (number < last || (event.type !== "BOOKMARK" && isRepeat(event, atLast))) {
          throw new OrderError(`${source.name}: version ${version} came after ${last}`);
        }
        last = number;
        mirror.apply(event);
        this.#version = version;
      }
    } finally {
      overdue.cancel();
      signal.removeEventListener("abort", stop);
      watch.abort();
    }
  }
}

/** Several objects can go at one version (a lease that expired); each does so once. */
function isRepeat<T extends KubeObject>(
  { type, object: { metadata } }: Exclude<WatchEvent<T>, { readonly type: "BOOKMARK" }>,
  known: Set<string>,
): boolean {
  const what = `${type === "DELETED" ? "gone" : "there"} ${metadata.namespace ?? ""}/${metadata.name}`;
  if (known.has(what)) return true;
  known.add(what);
  return false;
}

/** Versions of one watch never go back; else the store behind it is another one. */
class OrderError extends Error {
  override readonly name = "OrderError";
}

const pageSize = 500;
const watchMinSeconds = 300;
const watchOverdueSeconds = 30;
const watchHealthyMs = 5_000;
const reconnect: Backoff = { baseMs: 50, maxMs: 15_000, jitter: 0.5 };

/** A broken connection, a server that is busy or starting, or a lost right say nothing about what is known. */
const passing: ReadonlySet<number> = new Set([401, 403, 429, 500, 502, 503]);
const startsOver = (error: unknown): boolean =>
  !(error instanceof ConnectionError) && !(error instanceof StatusError && passing.has(error.code));
