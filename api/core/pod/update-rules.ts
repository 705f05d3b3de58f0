import { forbidden, invalid } from "../../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../../apimachinery/schema/schema.js";
import { changedPaths } from "../../../base/changed-paths.js";
import { equal } from "../../../base/equal.js";
import type { Container } from "./container.js";
import type { PodSpec } from "./spec.js";

/** What may change in the spec of a pod that exists: images, and a few fields in one direction. */

const onlyThese =
  "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/** Differences that are told. */
const namedChangesMax = 10;

export function podUpdateErrors(spec: PodSpec, old: PodSpec): FieldError[] {
  if (spec === old || equal(spec, old)) return [];
  const counted = (["containers", "initContainers"] as const).flatMap((field) =>
    (spec[field] ?? []).length === (old[field] ?? []).length
      ? []
      : [forbidden(`spec.${field}`, "pod updates may not add or remove containers")],
  );
  if (counted.length > 0) return counted;
  const errors = [...deadlineErrors(spec, old), ...tolerationErrors(spec, old), ...gateErrors(spec, old)];
  const changed = changedPaths(old, asBefore(spec, old), namedChangesMax).map((path) => `spec.${path}`);
  if (changed.length > 0) errors.push(forbidden("spec", `${onlyThese}\nchanged: ${changed.join(", ")}`));
  return errors;
}

/** The new spec with what may change put back. Equal to the old one when nothing else changed. */
function asBefore(spec: PodSpec, old: PodSpec): PodSpec {
  const { activeDeadlineSeconds: _deadline, tolerations: _tolerations, schedulingGates: _gates, ...rest } = spec;
  const gated = (old.schedulingGates ?? []).length > 0;
  return {
    ...rest,
    ...pick(old, "activeDeadlineSeconds"),
    ...pick(old, "tolerations"),
    ...pick(old, "schedulingGates"),
    // Until its gates open, a pod may be told more narrowly where to run.
    ...(gated && widens(old.nodeSelector, spec.nodeSelector) ? { ...pick(old, "nodeSelector") } : {}),
    containers: withImages(spec.containers, old.containers),
    ...(spec.initContainers ? { initContainers: withImages(spec.initContainers, old.initContainers ?? []) } : {}),
    ...(old.terminationGracePeriodSeconds < 0 && spec.terminationGracePeriodSeconds === 1
      ? { terminationGracePeriodSeconds: old.terminationGracePeriodSeconds }
      : {}),
  };
}

function pick<K extends keyof PodSpec>(spec: PodSpec, field: K): { readonly [P in K]?: PodSpec[P] } {
  const only: { [P in K]?: PodSpec[P] } = {};
  if (spec[field] !== undefined) only[field] = spec[field];
  return only;
}

type Labels = Readonly<Record<string, string>>;
const widens = (old: Labels = {}, labels: Labels = {}): boolean =>
  Object.entries(old).every(([key, value]) => labels[key] === value);

const withImages = (containers: readonly Container[], old: readonly Container[]): readonly Container[] =>
  containers.map((container, index) => {
    const image = old[index]?.image;
    return image === undefined || container.image === undefined ? container : { ...container, image };
  });

function deadlineErrors(
  { activeDeadlineSeconds: next }: PodSpec,
  { activeDeadlineSeconds: before }: PodSpec,
): FieldError[] {
  if (before === undefined) return [];
  const path = "spec.activeDeadlineSeconds";
  if (next === undefined) return [invalid(path, null, "must not update from a positive integer to nil value")];
  return next > before ? [invalid(path, next, `must be less than or equal to previous value`)] : [];
}

function tolerationErrors({ tolerations = [] }: PodSpec, { tolerations: before = [] }: PodSpec): FieldError[] {
  const kept = before.every(({ tolerationSeconds: _old, ...old }) =>
    tolerations.some(({ tolerationSeconds: _new, ...toleration }) => equal(old, toleration)),
  );
  return kept
    ? []
    : [forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds")];
}

function gateErrors({ schedulingGates = [] }: PodSpec, { schedulingGates: before = [] }: PodSpec): FieldError[] {
  return schedulingGates
    .filter(({ name }) => !before.some((gate) => gate.name === name))
    .map(({ name }) =>
      forbidden("spec.schedulingGates", `only deletion is allowed, but found new scheduling gate '${name}'`),
    );
}
