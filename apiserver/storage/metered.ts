import type { Clock } from "../../base/clock.js";
import type { Metrics } from "../../base/metrics.js";
import { registryRoot } from "./keys.js";
import type { Storage } from "./storage.js";

export interface MeterOptions {
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Names of the built-in groups. */
  readonly groups: ReadonlySet<string>;
}

/** The same store, with the time that each operation takes counted under the name that dashboards know. */
export function meteredStorage(storage: Storage, { clock, metrics, groups }: MeterOptions): Storage {
  const seconds = metrics.histogram(
    "etcd_request_duration_seconds",
    "Time that the store takes, by operation and resource.",
    ["operation", "group", "resource"],
    durationBuckets,
  );
  const errors = metrics.counter("etcd_request_errors_total", "Operations of the store that failed.", [
    "operation",
    "group",
    "resource",
  ]);
  const timed = async <T>(operation: string, key: string, work: Promise<T>): Promise<T> => {
    const startMs = clock.monotonic();
    const labels = labelsOf(key, groups);
    try {
      return await work;
    } catch (error) {
      errors.add(1, operation, ...labels);
      throw error;
    } finally {
      seconds.observe((clock.monotonic() - startMs) / 1000, operation, ...labels);
    }
  };
  return {
    get: (key) => timed("get", key, storage.get(key)),
    list: (prefix, options) => timed("list", prefix, storage.list(prefix, options)),
    create: (key, value, options) => timed("create", key, storage.create(key, value, options)),
    update: (key, value, expected, options) => timed("update", key, storage.update(key, value, expected, options)),
    delete: (key, expected) => timed("delete", key, storage.delete(key, expected)),
    watch: (prefix, after, signal) => storage.watch(prefix, after, signal),
    currentRevision: () => storage.currentRevision(),
    compact: (revision) => storage.compact(revision),
    healthCheck: (signal) => storage.healthCheck(signal),
    close: () => storage.close(),
  };
}

const durationBuckets = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
];

/** Group and plural of what a key or prefix is about; a group is one of these, or has a dot as custom ones do. */
function labelsOf(key: string, groups: ReadonlySet<string>): readonly [group: string, plural: string] {
  const [first = "", second = ""] = key.slice(registryRoot.length).split("/", 2);
  return groups.has(first) || first.includes(".") ? [first, second] : ["", first];
}
