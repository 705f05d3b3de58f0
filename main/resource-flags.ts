import { type Command, InvalidArgumentError } from "commander";
import { sharedSysctls } from "../agent/resources/admission/sysctls.js";
import {
  type Amount,
  parseReclaims,
  parseThresholds,
  type Signal,
  signalOf,
  type Threshold,
} from "../agent/resources/eviction/threshold.js";
import { hardThresholds, type ResourceSettings } from "../agent/resources/node/settings.js";
import { compareQuantity, isQuantity } from "../apimachinery/quantity.js";
import { commaSeparated, duration, integer, positive } from "./flags.js";
import { UserError } from "./user-error.js";

/** How a node shares out what it has; named as kubelet names them. */
export interface ResourceFlags {
  readonly maxPods?: number;
  readonly allowedUnsafeSysctls?: readonly string[];
  readonly kubeReserved?: Readonly<Record<string, string>>;
  readonly systemReserved?: Readonly<Record<string, string>>;
  readonly evictionHard?: ReadonlyMap<Signal, Amount>;
  readonly evictionSoft?: ReadonlyMap<Signal, Amount>;
  readonly evictionSoftGracePeriod?: ReadonlyMap<Signal, number>;
  readonly evictionMinimumReclaim?: ReadonlyMap<Signal, Amount>;
  readonly evictionMaxPodGracePeriod?: number;
  readonly evictionPressureTransitionPeriod?: number;
  readonly shutdownGracePeriod?: number;
  readonly shutdownGracePeriodCriticalPods?: number;
  readonly shutdownGracePeriodByPodPriority?: ResourceSettings["shutdownByPriority"];
}

export const resourceFlags = (command: Command): Command =>
  command
    .option("--max-pods <n>", "pods that a node takes (default: 110)", positive)
    .option(
      "--allowed-unsafe-sysctls <names>",
      "kernel settings that pods may change: kernel.msg*,net.core.somaxconn",
      sysctls,
    )
    .option("--kube-reserved <amounts>", "kept back from pods for the cluster's own: cpu=100m,memory=256Mi", reserved)
    .option("--system-reserved <amounts>", "kept back from pods for the system", reserved)
    .option(
      "--eviction-hard <thresholds>",
      "evict at once below: memory.available<100Mi,nodefs.available<10%",
      thresholds,
    )
    .option("--eviction-soft <thresholds>", "evict when below for longer than its grace period", thresholds)
    .option("--eviction-soft-grace-period <periods>", "memory.available=1m30s", periods)
    .option(
      "--eviction-minimum-reclaim <amounts>",
      "free so much more than the threshold: memory.available=500Mi",
      reclaims,
    )
    .option(
      "--eviction-max-pod-grace-period <seconds>",
      "bound on the grace of pods evicted by a soft threshold",
      integer,
    )
    .option(
      "--eviction-pressure-transition-period <duration>",
      "how long a node under pressure stays marked as such (default: 5m)",
      duration,
    )
    .option(
      "--shutdown-grace-period <duration>",
      "on SIGTERM end pods within it, critical ones last (default: 0s, an agent alone leaves them)",
      duration,
    )
    .option("--shutdown-grace-period-critical-pods <duration>", "the part of it kept for critical pods", duration)
    .option(
      "--shutdown-grace-period-by-pod-priority <periods>",
      "instead, seconds by lowest priority: 0=20,2000000000=10",
      byPriority,
    );

/** What they mean for an agent. Throws UserError where they contradict each other. */
export function resourceSettings(
  flags: ResourceFlags,
  hardDefaults: ReadonlyMap<Signal, Amount>,
): Partial<ResourceSettings> {
  const { shutdownGracePeriod: grace = 0, shutdownGracePeriodCriticalPods: critical = 0 } = flags;
  if (critical > grace)
    throw new UserError(
      "--shutdown-grace-period-critical-pods is a part of --shutdown-grace-period and cannot be longer",
    );
  if (flags.shutdownGracePeriodByPodPriority && grace > 0)
    throw new UserError("--shutdown-grace-period-by-pod-priority and --shutdown-grace-period exclude each other");
  const reclaim = flags.evictionMinimumReclaim;
  const withReclaim = (threshold: Threshold): Threshold => {
    const minimumReclaim = reclaim?.get(threshold.signal);
    return minimumReclaim ? { ...threshold, minimumReclaim } : threshold;
  };
  const soft = [...(flags.evictionSoft ?? [])].map(([signal, below]): Threshold => {
    const graceMs = flags.evictionSoftGracePeriod?.get(signal);
    if (graceMs === undefined || graceMs === 0)
      throw new UserError(`--eviction-soft ${signal} needs a time in --eviction-soft-grace-period`);
    return { signal, below, graceMs };
  });
  const lonely = [...(flags.evictionSoftGracePeriod ?? [])].find(([signal]) => !flags.evictionSoft?.has(signal));
  if (lonely) throw new UserError(`--eviction-soft-grace-period ${lonely[0]} has no threshold in --eviction-soft`);
  return {
    ...given("maxPods", flags.maxPods),
    ...given("allowedUnsafeSysctls", flags.allowedUnsafeSysctls),
    ...given("kubeReserved", flags.kubeReserved),
    ...given("systemReserved", flags.systemReserved),
    thresholds: [...hardThresholds(flags.evictionHard ?? hardDefaults), ...soft].map(withReclaim),
    ...given("pressureTransitionMs", flags.evictionPressureTransitionPeriod),
    ...given(
      "evictionMaxPodGraceMs",
      flags.evictionMaxPodGracePeriod === undefined ? undefined : flags.evictionMaxPodGracePeriod * 1000,
    ),
    shutdownGraceMs: grace,
    shutdownGraceCriticalMs: critical,
    ...given("shutdownByPriority", flags.shutdownGracePeriodByPodPriority),
  };
}

function given<K extends keyof ResourceSettings>(
  name: K,
  value: ResourceSettings[K] | undefined,
): Partial<Pick<ResourceSettings, K>> {
  return value === undefined ? {} : ({ [name]: value } as Pick<ResourceSettings, K>);
}

/** What the text is to commander: its own kind of error for whatever is wrong with it. */
const explained =
  <T>(parse: (text: string) => T) =>
  (text: string): T => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(`${error instanceof Error ? error.message : String(error)}.`);
    }
  };

const pairs = (text: string): readonly (readonly [string, string])[] =>
  text
    .split(",")
    .filter((part) => part !== "")
    .map((part) => {
      const at = part.indexOf("=");
      if (at < 1) throw new Error(`${JSON.stringify(part)} is not of the form NAME=VALUE`);
      return [part.slice(0, at), part.slice(at + 1)] as const;
    });

const reservable = ["cpu", "memory", "ephemeral-storage"];
const reserved = explained((text) =>
  Object.fromEntries(
    pairs(text).map(([name, amount]) => {
      if (!reservable.includes(name))
        throw new Error(`${JSON.stringify(name)} cannot be reserved: only ${reservable.join(", ")} can`);
      if (!isQuantity(amount) || compareQuantity(amount, "0") < 0)
        throw new Error(`${JSON.stringify(amount)} is not an amount such as 100m or 256Mi`);
      return [name, amount];
    }),
  ),
);
const sysctls = explained((text) => {
  const names = commaSeparated(text);
  const [shared] = sharedSysctls(names);
  if (shared !== undefined)
    throw new Error(
      `${JSON.stringify(shared)} would let pods change settings of the whole node: only those of net, kernel.shm*, kernel.msg*, kernel.sem and fs.mqueue.* are a pod's own`,
    );
  return names;
});
const thresholds = explained(parseThresholds);
const reclaims = explained(parseReclaims);
const periods = explained((text) => new Map(pairs(text).map(([name, period]) => [signalOf(name), duration(period)])));
const byPriority = explained((text) =>
  pairs(text).map(([priority, seconds]) => {
    if (!/^-?\d{1,10}$/.test(priority)) throw new Error(`${JSON.stringify(priority)} is not a priority`);
    return { priority: Number(priority), graceMs: integer(seconds) * 1000 };
  }),
);
