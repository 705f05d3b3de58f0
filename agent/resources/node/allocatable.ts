import {
  addQuantity,
  compareQuantity,
  formatQuantity,
  quantityOfBytes,
  subtractQuantity,
} from "../../../apimachinery/quantity.js";
import { amountOf, type Signal } from "../eviction/threshold.js";
import type { ResourceSettings } from "./settings.js";

type Amounts = Readonly<Record<string, string>>;

/** What pods may use: capacity without what is reserved and what hard thresholds keep free. https://kubernetes.io/docs/tasks/administer-cluster/reserve-compute-resources/ */
export function allocatableOf(
  capacity: Amounts,
  {
    kubeReserved,
    systemReserved,
    thresholds,
  }: Pick<ResourceSettings, "kubeReserved" | "systemReserved" | "thresholds">,
): Amounts {
  const hardPages = Object.entries(capacity).filter(([name]) => name.startsWith("hugepages-"));
  return Object.fromEntries(
    Object.entries(capacity).map(([name, all]) => {
      const kept = [kubeReserved[name], systemReserved[name]].filter((amount) => amount !== undefined);
      const signal = keptFreeBy[name];
      const threshold = thresholds.find((one) => one.graceMs === 0 && one.signal === signal);
      if (threshold) kept.push(formatQuantity(quantityOfBytes(amountOf(threshold.below, bytes(all)))));
      // Huge pages are taken out of memory once and for all.
      if (name === "memory") kept.push(...hardPages.map(([, amount]) => amount));
      const left = kept.reduce((amount, part) => formatQuantity(subtractQuantity(amount, part)), all);
      return [name, compareQuantity(left, "0") < 0 ? "0" : left];
    }),
  );
}

const keptFreeBy: Readonly<Record<string, Signal>> = {
  memory: "memory.available",
  "ephemeral-storage": "nodefs.available",
};

const bytes = (amount: string): number => Number(addQuantity(amount, "0").nanos / 1_000_000_000n);
