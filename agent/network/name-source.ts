import { type Service, services } from "../../api/core/service.js";
import { type EndpointSlice, endpointSlices } from "../../api/discovery/endpoint-slice.js";
import type { Clock } from "../../base/clock.js";
import { equal } from "../../base/equal.js";
import type { Informer } from "../../client/informer/informer.js";
import type { Informers } from "../../client/informer/informers.js";
import { serviceNameLabel } from "./service-listeners.js";
import { serviceNames } from "./service-names.js";

/** The Services' names, as lines of a hosts file. */
export interface NameSource {
  /** To a pod in this namespace: the same array until they change. */
  lines(namespace: string): readonly string[];
  /** Called some time after anything changed. Answers the function that ends it. */
  onChange(listener: () => void): () => void;
}

export interface NameSourceOptions {
  readonly informers: Informers;
  readonly clock: Clock;
  /** Not every identity may read these; without them headless Services have no names. */
  readonly slices: boolean;
}

/** Starts what it needs of the informers. */
export function nameSource({ informers, clock, slices }: NameSourceOptions): NameSource {
  const seen: Informer<Service> = informers.for(services);
  const behind: Informer<EndpointSlice> | undefined = slices ? informers.for(endpointSlices) : undefined;
  behind?.addIndex(serviceNameLabel, ({ metadata: { namespace, labels } }) => [
    `${namespace}/${labels?.[serviceNameLabel]}`,
  ]);
  const listeners = new Set<() => void>();
  /** By namespace. */
  const known = new Map<string, { readonly edition: number; readonly lines: readonly string[] }>();
  let edition = 0;
  let isPending = false;
  const changed = (): void => {
    edition++;
    if (isPending) return;
    isPending = true;
    clock.after(settleMs, () => {
      isPending = false;
      for (const listener of [...listeners]) listener();
    });
  };
  seen.onEvent(changed);
  behind?.onEvent(changed);
  seen.start();
  behind?.start();
  const slicesOf = ({ metadata: { namespace, name } }: Service): readonly EndpointSlice[] =>
    behind?.byIndex(serviceNameLabel, `${namespace}/${name}`) ?? [];
  return {
    lines(namespace) {
      const before = known.get(namespace);
      if (before?.edition === edition) return before.lines;
      const now = serviceNames(seen.list(), slicesOf, namespace);
      const lines = before && equal(before.lines, now) ? before.lines : now;
      if (!before && known.size >= namespacesMax) known.clear();
      known.set(namespace, { edition, lines });
      return lines;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Many files may have to be written anew: changes are collected a little. */
const settleMs = 20;
/** A node has pods of fewer. */
const namespacesMax = 1_000;
