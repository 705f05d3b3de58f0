import { parseDuration } from "../../../apimachinery/duration.js";
import { bytesOf, cpuMilli, isQuantity } from "../../../apimachinery/quantity.js";

/**
 * How a simulated container behaves, from annotations of its pod. Each may be given for one container alone by a dot
 * and its name: `navarch.dev/simulated-exit-code.worker: "3"`.
 */
export interface Behaviour {
  /** `navarch.dev/simulated-pull-delay`: how long its image takes to come, once a node. */
  readonly pullDelayMs: number;
  /** `navarch.dev/simulated-pull-failure`: its image never comes; the message. */
  readonly pullFailure: string | undefined;
  /** `navarch.dev/simulated-start-delay`: from being started to running. */
  readonly startDelayMs: number;
  /** `navarch.dev/simulated-start-failure`: it cannot be started; the message. */
  readonly startFailure: string | undefined;
  /** `navarch.dev/simulated-ready-delay`: from running to the first success of startup and readiness probes. */
  readonly readyDelayMs: number;
  /** `navarch.dev/simulated-unhealthy-after`: from running to the first failure of the liveness probe. */
  readonly unhealthyAfterMs: number;
  /** `navarch.dev/simulated-run-time`: how long it runs before it ends by itself. */
  readonly runTimeMs: number;
  /** `navarch.dev/simulated-exit-code`: with which code it ends by itself. */
  readonly exitCode: number;
  /** `navarch.dev/simulated-failures`: only so many runs end by themselves, the later ones stay. */
  readonly failures: number;
  /** `navarch.dev/simulated-stop-delay`: from being asked to end to its end. */
  readonly stopDelayMs: number;
  /** `navarch.dev/simulated-cpu`: what it uses of processors while it runs, `250m`; nothing unless said. */
  readonly cpuMilli: number;
  /** `navarch.dev/simulated-memory`: its working set, `64Mi`. */
  readonly memoryBytes: number;
}

export function behaviourOf(annotations: Readonly<Record<string, string>>, container: string): Behaviour {
  const text = (name: string): string | undefined =>
    annotations[`${prefix}${name}.${container}`] ?? annotations[`${prefix}${name}`];
  const duration = (name: string, absent: number): number => {
    const given = text(name);
    if (given === undefined) return absent;
    const parsed = parseDuration(given);
    if ("error" in parsed) throw new Error(`annotation ${prefix}${name}: ${parsed.error}`);
    return parsed.ms;
  };
  const count = (name: string, absent: number): number => {
    const given = text(name);
    if (given === undefined) return absent;
    if (!/^\d{1,9}$/.test(given))
      throw new Error(`annotation ${prefix}${name}: not a whole number: ${JSON.stringify(given)}`);
    return Number(given);
  };
  const amount = (name: string, of: (quantity: string) => number): number => {
    const given = text(name);
    if (given === undefined) return 0;
    if (!isQuantity(given)) throw new Error(`annotation ${prefix}${name}: not a quantity: ${JSON.stringify(given)}`);
    return of(given);
  };
  return {
    pullDelayMs: duration("pull-delay", 0),
    pullFailure: text("pull-failure"),
    startDelayMs: duration("start-delay", 0),
    startFailure: text("start-failure"),
    readyDelayMs: duration("ready-delay", 0),
    unhealthyAfterMs: duration("unhealthy-after", Number.POSITIVE_INFINITY),
    runTimeMs: duration("run-time", Number.POSITIVE_INFINITY),
    exitCode: count("exit-code", 0),
    failures: count("failures", Number.POSITIVE_INFINITY),
    stopDelayMs: duration("stop-delay", 0),
    cpuMilli: amount("cpu", cpuMilli),
    memoryBytes: amount("memory", bytesOf),
  };
}

export const simulationPrefix = "navarch.dev/simulated-";
const prefix = simulationPrefix;
