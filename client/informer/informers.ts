import type { KubeObject } from "../../apimachinery/meta.js";
import { groupResourceOf, type ResourceRef } from "../../apimachinery/resource.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/log.js";
import { type Random, systemRandom } from "../../base/random.js";
import type { Client, ListQuery, Target } from "../client.js";
import { Informer } from "./informer.js";

export interface InformersOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly random?: Random;
}

/** The part of a resource that an informer covers; absent means all of it. */
export type Coverage = Pick<ListQuery, "namespace" | "labelSelector" | "fieldSelector">;

/** One informer a resource (and coverage), shared by all who ask. */
export interface Informers {
  /** The shared informer of a resource; not started by asking for it. */
  for<T extends KubeObject>(target: Target<T>, coverage?: Coverage): Informer<T>;
  /** Of any kind that discovery knows, the metadata at least. */
  metadata(target: ResourceRef): Informer<KubeObject>;
  /** Ends the informers of a resource that is no longer served. */
  drop(target: ResourceRef): Promise<void>;
  /** Starts every informer asked for so far and resolves when all of them have their first list. */
  synced(signal?: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

type Running = Pick<Informer<KubeObject>, "start" | "synced" | "stop">;

export function createInformers(client: Client, { clock, log, random = systemRandom }: InformersOptions): Informers {
  const informers = new Map<string, Running>();
  const shared = <T extends KubeObject>(key: string, make: () => Informer<T>): Informer<T> => {
    const known = informers.get(key) as Informer<T> | undefined;
    if (known) return known;
    const made = make();
    informers.set(key, made);
    return made;
  };
  const typed = <T extends KubeObject>(target: Target<T>, coverage: Coverage): Informer<T> =>
    new Informer<T>({
      source: {
        name: groupResourceOf(target),
        query: coverage,
        list: (query, options) => client.list(target, query, options),
        watch: (query, signal) => client.watch(target, query, signal),
      },
      clock,
      random,
      log,
    });
  const metadataOnly = (target: ResourceRef): Informer<KubeObject> =>
    new Informer<KubeObject>({
      source: {
        name: groupResourceOf(target),
        query: {},
        list: (query, options) => client.metadata.list(target, query, options),
        watch: (query, signal) => client.metadata.watch(target, query, signal),
      },
      clock,
      random,
      log,
    });
  return {
    for: (target, coverage = {}) => shared(`${keyOf(target)}?${coverageKey(coverage)}`, () => typed(target, coverage)),
    metadata(target) {
      if (client.sharesObjects || informers.has(`${keyOf(target)}?`))
        return shared<KubeObject>(`${keyOf(target)}?`, () => typed<KubeObject>(target, {}));
      return shared<KubeObject>(`${keyOf(target)}#metadata`, () => metadataOnly(target));
    },
    async drop(target) {
      const prefix = keyOf(target);
      for (const [key, informer] of [...informers]) {
        if (!key.startsWith(`${prefix}?`) && !key.startsWith(`${prefix}#`)) continue;
        informers.delete(key);
        await informer.stop();
      }
    },
    async synced(signal) {
      const all = [...informers.values()];
      for (const informer of all) informer.start();
      await Promise.all(all.map((informer) => informer.synced(signal)));
    },
    async stop() {
      await Promise.all([...informers.values()].map((informer) => informer.stop()));
    },
  };
}

const keyOf = ({ group, version, plural }: ResourceRef): string => `${group}/${version}/${plural}`;

const coverageKey = ({ namespace = "", labelSelector = "", fieldSelector = "" }: Coverage): string =>
  namespace + labelSelector + fieldSelector === "" ? "" : JSON.stringify([namespace, labelSelector, fieldSelector]);
