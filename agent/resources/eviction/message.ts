import { formatQuantity, quantityOfBytes } from "../../../apimachinery/quantity.js";
import type { Consumption } from "./rank.js";
import { amountOf, type Observation, type Signal, type Threshold } from "./threshold.js";

export const resourceOf: Readonly<Record<Signal, string>> = {
  "memory.available": "memory",
  "nodefs.available": "ephemeral-storage",
  "imagefs.available": "ephemeral-storage",
  "nodefs.inodesFree": "inodes",
  "imagefs.inodesFree": "inodes",
  "pid.available": "pids",
};

/** Why a pod was evicted, as the kubelet says it. */
export function evictionMessage(
  { signal, below }: Threshold,
  { available, capacity }: Observation,
  { containers }: Consumption,
): string {
  const resource = resourceOf[signal];
  const threshold = "text" in below ? below.text : text(amountOf(below, capacity));
  const sentences = [
    `The node was low on resource: ${resource}. `,
    `Threshold quantity: ${threshold}, available: ${text(available)}. `,
  ];
  for (const container of containers) {
    const use =
      resource === "memory" ? container.memory : resource === "ephemeral-storage" ? container.disk : undefined;
    if (use && use.used > use.requested)
      sentences.push(
        `Container ${container.name} was using ${text(use.used)}, request is ${text(use.requested)}, has larger consumption of ${resource}. `,
      );
  }
  return sentences.join("");
}

/** Kilobytes, as the kubelet rounds. */
const text = (amount: number): string =>
  formatQuantity(quantityOfBytes(amount >= 1024 ? Math.floor(amount / 1024) * 1024 : Math.round(amount)));
