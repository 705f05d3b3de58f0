import type { ObjectWith } from "../../../apimachinery/resource.js";
import type { Node } from "../node/node.js";
import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from "./affinity.js";
import type { PodSpec } from "./spec.js";

/** Whether the node satisfies the pod's nodeSelector and required node affinity. */
export function matchesRequired({ spec: { nodeSelector, affinity } }: ObjectWith<PodSpec>, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  if (nodeSelector && !Object.entries(nodeSelector).every(([key, value]) => labels[key] === value)) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return !required || matchesNodeSelector(required, node);
}

/** A node selector matches when one of its terms does. */
export const matchesNodeSelector = ({ nodeSelectorTerms }: NodeSelector, node: Node): boolean =>
  nodeSelectorTerms.some((term) => matchesNodeSelectorTerm(term, node));

/** All requirements of a term must hold; a term without any matches nothing. */
export function matchesNodeSelectorTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  node: Node,
): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  return (
    matchExpressions.every((requirement) =>
      holds(requirement, Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined),
    ) &&
    matchFields.every((requirement) =>
      holds(requirement, requirement.key === "metadata.name" ? node.metadata.name : undefined),
    )
  );
}

function holds({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return compareIntegers(value, values[0], (left, right) => left > right);
    case "Lt":
      return compareIntegers(value, values[0], (left, right) => left < right);
  }
}

const integer = /^[+-]?\d+$/;

function compareIntegers(
  left: string | undefined,
  right: string | undefined,
  compare: (left: bigint, right: bigint) => boolean,
): boolean {
  if (left === undefined || right === undefined || !integer.test(left) || !integer.test(right)) return false;
  return compare(BigInt(left), BigInt(right));
}
