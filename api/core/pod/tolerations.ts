import type { Taint } from "../node/taint.js";
import type { Toleration } from "./toleration.js";

/** Whether the toleration covers the taint. An empty key with Exists covers every key, an empty effect every effect. */
export function toleratesTaint(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  switch (toleration.operator ?? "Equal") {
    case "Exists":
      return true;
    case "Equal":
      return Boolean(toleration.key) && (toleration.value ?? "") === (taint.value ?? "");
    case "Lt":
      return compareIntegers(taint.value, toleration.value, (left, right) => left < right);
    case "Gt":
      return compareIntegers(taint.value, toleration.value, (left, right) => left > right);
  }
}

/** The first of the taints, with one of these effects, that no toleration covers. */
export const untoleratedTaint = (
  taints: readonly Taint[],
  tolerations: readonly Toleration[],
  effects: readonly Taint["effect"][],
): Taint | undefined =>
  taints.find(
    (taint) => effects.includes(taint.effect) && !tolerations.some((toleration) => toleratesTaint(toleration, taint)),
  );

const integer = /^-?(0|[1-9]\d*)$/;

function compareIntegers(
  left: string | undefined,
  right: string | undefined,
  compare: (left: bigint, right: bigint) => boolean,
): boolean {
  if (left === undefined || right === undefined || !integer.test(left) || !integer.test(right)) return false;
  return compare(BigInt(left), BigInt(right));
}
