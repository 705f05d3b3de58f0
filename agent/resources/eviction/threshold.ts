import { bytesOf, isQuantity } from "../../../apimachinery/quantity.js";

/** https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#eviction-signals-and-thresholds */
export const signals = [
  "memory.available",
  "nodefs.available",
  "nodefs.inodesFree",
  "imagefs.available",
  "imagefs.inodesFree",
  "pid.available",
] as const;
export type Signal = (typeof signals)[number];

/** An amount, or a share of all there is. */
export type Amount = { readonly value: number; readonly text: string } | { readonly share: number };

export interface Threshold {
  readonly signal: Signal;
  readonly below: Amount;
  /** How long it may be met before pods are evicted; 0: not at all, and they are killed at once. */
  readonly graceMs: number;
  /** How much more than the threshold has to be free before it counts as no longer met. */
  readonly minimumReclaim?: Amount;
}

/** What there is of a signal's resource, and what of it is left. */
export interface Observation {
  readonly signal: Signal;
  readonly available: number;
  readonly capacity: number;
}

export const amountOf = (amount: Amount, capacity: number): number =>
  "share" in amount ? Math.floor(capacity * amount.share) : amount.value;

/** `memory.available<100Mi,nodefs.available<10%`, as the kubelet's flags have it. Throws an Error that says what is wrong. */
export function parseThresholds(text: string): ReadonlyMap<Signal, Amount> {
  return parsePairs(text, "<");
}

/** `memory.available=500Mi`. */
export const parseReclaims = (text: string): ReadonlyMap<Signal, Amount> => parsePairs(text, "=");

function parsePairs(text: string, separator: "<" | "="): ReadonlyMap<Signal, Amount> {
  const found = new Map<Signal, Amount>();
  for (const pair of text.split(",").filter((part) => part.trim() !== "")) {
    const at = pair.indexOf(separator);
    if (at < 0) throw new Error(`${JSON.stringify(pair)} is not of the form SIGNAL${separator}AMOUNT`);
    const signal = signalOf(pair.slice(0, at).trim());
    if (found.has(signal)) throw new Error(`${signal} is given twice`);
    const amount = parseAmount(pair.slice(at + 1).trim());
    // As in Kubernetes, 0 % and 100 % switch a threshold off.
    if ("share" in amount && (amount.share === 0 || amount.share === 1)) continue;
    found.set(signal, amount);
  }
  return found;
}

export function signalOf(name: string): Signal {
  const signal = signals.find((known) => known === name);
  if (!signal) throw new Error(`unknown signal ${JSON.stringify(name)}: one of ${signals.join(", ")}`);
  return signal;
}

function parseAmount(text: string): Amount {
  const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  if (percent !== undefined) {
    const share = Number(percent) / 100;
    if (share > 1) throw new Error(`${text} is more than 100%`);
    return { share };
  }
  if (!isQuantity(text)) throw new Error(`${JSON.stringify(text)} is neither an amount such as 100Mi nor a percentage`);
  const value = bytesOf(text);
  if (value < 0) throw new Error(`${text} is negative`);
  return { value, text };
}
