import type { KubeObject } from "../../apimachinery/meta.js";
import type { ResourceRef } from "../../apimachinery/resource.js";
import type { Clock } from "../../base/clock.js";
import type { Informer } from "../../client/informer/informer.js";
import type { Written } from "./execute.js";

/** Finds the cache that covers a resource, if the controller has one. */
export type Covering = (resource: ResourceRef) => Informer<KubeObject> | undefined;

interface Awaited {
  readonly seen: () => boolean;
  readonly relist: () => void;
  readonly whenSeen: (signal: AbortSignal) => Promise<void>;
  /** Counts the cache's full lists; a fresh one after the limit settles the matter. */
  readonly generation: () => number;
}

/**
 * What a controller wrote for a key and its cache has not shown yet. A decision made before that would repeat the write,
 * so the key waits; after 30 s the cache is told to list again, and what it says then is believed.
 */
export class OwnWrites {
  readonly #covering: Covering;
  readonly #clock: Clock;
  readonly #awaited = new Map<string, readonly Awaited[]>();

  constructor(covering: Covering, clock: Clock) {
    this.#covering = covering;
    this.#clock = clock;
  }

  remember(key: string, written: readonly Written[]): void {
    const unseen = this.#awaitedOf(written).filter(({ seen }) => !seen());
    if (unseen.length > 0) this.#awaited.set(key, unseen);
  }

  hasSeen(key: string): boolean {
    const left = this.#awaited.get(key)?.filter(({ seen }) => !seen()) ?? [];
    if (left.length > 0) return false;
    this.#awaited.delete(key);
    return true;
  }

  /** Resolves when the cache has caught up with the key, or the signal aborts. */
  async caughtUp(key: string, signal: AbortSignal): Promise<void> {
    const left = this.#awaited.get(key) ?? [];
    await this.#within(left, signal, ({ whenSeen }, stop) => whenSeen(stop));
    if (signal.aborted) return;
    const late = left.filter(({ seen }) => !seen());
    if (late.length > 0) {
      const before = new Map(late.map((each) => [each, each.generation()]));
      for (const { relist } of late) relist();
      while (!signal.aborted && late.some((each) => !each.seen() && each.generation() === before.get(each))) {
        await this.#clock.sleep(relistPollMs, signal);
      }
    }
    this.#awaited.delete(key);
  }

  async #within(
    awaited: readonly Awaited[],
    signal: AbortSignal,
    wait: (each: Awaited, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const controller = new AbortController();
    const stop = (): void => controller.abort();
    signal.addEventListener("abort", stop, { once: true });
    const limit = this.#clock.after(ownWritesLimitMs, stop);
    try {
      await Promise.all(awaited.map((each) => wait(each, controller.signal)));
    } finally {
      limit.cancel();
      signal.removeEventListener("abort", stop);
    }
  }

  /** Per cache one thing to wait for: the newest version written, and every deleted uid gone. */
  #awaitedOf(written: readonly Written[]): readonly Awaited[] {
    const byInformer = new Map<Informer<KubeObject>, { version: number; readonly gone: string[] }>();
    for (const write of written) {
      const informer = this.#covering(write.target);
      if (!informer) continue;
      const sum = byInformer.get(informer) ?? { version: 0, gone: [] };
      byInformer.set(informer, sum);
      if ("gone" in write) sum.gone.push(write.gone);
      else sum.version = Math.max(sum.version, Number(write.object.metadata.resourceVersion));
    }
    return [...byInformer].map(([informer, { version, gone }]) => {
      const seen = (): boolean =>
        informer.hasSeen(String(version)) && gone.every((uid) => informer.byUid(uid) === undefined);
      return {
        seen,
        relist: () => informer.relist(),
        whenSeen: (signal) => informer.whenTrue(seen, signal),
        generation: () => informer.generation,
      };
    });
  }
}

const ownWritesLimitMs = 30_000;
const relistPollMs = 100;
