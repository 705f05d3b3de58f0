import type { KubeObject } from "../apimachinery/meta.js";
import type { Clock } from "../base/clock.js";
import type { Lifecycle } from "../base/lifecycle.js";
import type { Logger } from "../base/log.js";
import type { Client } from "./client.js";
import { type DiscoveredResource, type Discovery, discover, groupPlural } from "./discovery.js";
import type { Informer } from "./informer/informer.js";
import type { Informers } from "./informer/informers.js";

/** One kind that is served now, and the cache of its objects (the metadata at least). */
export interface WatchedKind {
  readonly resource: DiscoveredResource;
  readonly informer: Informer<KubeObject>;
}

export interface KindsOptions {
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly log: Logger;
  /** Which of the kinds to watch. */
  readonly wanted: (resource: DiscoveredResource) => boolean;
  /** Called once for every kind that comes, before its informer starts. */
  readonly onKind: (kind: WatchedKind) => void;
  /** Discovery is asked this often: 30 s unless said. */
  readonly everyMs?: number;
}

/** Watches every kind that discovery knows; informers start and stop as kinds come and go. */
export class Kinds {
  readonly #options: KindsOptions;
  readonly #watched = new Map<string, WatchedKind>();
  #known: readonly DiscoveredResource[] = [];
  #isComplete = false;
  #refreshing: Promise<void> | undefined;

  constructor(options: KindsOptions) {
    this.#options = options;
  }

  /** Asks discovery again and again until the lifecycle ends. */
  run(lifecycle: Lifecycle): void {
    const { clock, everyMs = defaultEveryMs } = this.#options;
    lifecycle.run("discovery of kinds", async (signal) => {
      while (!signal.aborted) {
        await this.refresh(signal);
        await clock.sleep(this.#isComplete ? everyMs : Math.min(everyMs, retryMs), signal);
      }
    });
  }

  /** Nothing is hidden: discovery answered for every group, and every kind's first list is in. */
  get isComplete(): boolean {
    return this.#isComplete && this.watched().every(({ informer }) => informer.isSynced);
  }

  watched(): readonly WatchedKind[] {
    return [...this.#watched.values()];
  }

  of(group: string, plural: string): WatchedKind | undefined {
    return this.#watched.get(groupPlural({ group, plural }));
  }

  /** The resource of a kind, watched or not; undefined where discovery does not know it (any more). */
  resourceOf(group: string, kind: string): DiscoveredResource | undefined {
    return this.#known.find((resource) => resource.group === group && resource.kind === kind);
  }

  /** Asks discovery now; callers at the same time share one answer. Never fails: what is not learnt stays as it was. */
  refresh(signal: AbortSignal): Promise<void> {
    this.#refreshing ??= this.#refresh(signal).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #refresh(signal: AbortSignal): Promise<void> {
    const { client, informers, log, wanted, onKind } = this.#options;
    let found: Discovery;
    try {
      found = await discover(client, signal);
    } catch (error) {
      this.#isComplete = false;
      if (!signal.aborted) log.warn("discovery failed", { error: String(error) });
      return;
    }
    if (signal.aborted) return;
    const silent = new Set(found.failed.map(({ groupVersion }) => groupVersion.split("/").slice(0, -1).join("/")));
    const kept = this.#known.filter(
      (old) => silent.has(old.group) && !found.resources.some((each) => groupPlural(each) === groupPlural(old)),
    );
    this.#known = [...found.resources, ...kept];
    this.#isComplete = found.failed.length === 0;
    const now = new Map(this.#known.filter(wanted).map((resource) => [groupPlural(resource), resource]));
    for (const [key, { resource }] of [...this.#watched]) {
      if (now.get(key)?.version === resource.version) continue;
      this.#watched.delete(key);
      await informers.drop(resource);
    }
    for (const [key, resource] of now) {
      if (this.#watched.has(key)) continue;
      const kind = { resource, informer: informers.metadata(resource) };
      this.#watched.set(key, kind);
      onKind(kind);
      kind.informer.start();
    }
  }
}

const defaultEveryMs = 30_000;
const retryMs = 2_000;
