import { forbidden, invalid } from "../../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../../apimachinery/schema/schema.js";
import { equal } from "../../../base/equal.js";
import type { Container } from "./container.js";
import { qosClass } from "./qos.js";
import type { ResourceRequirements } from "./resources.js";
import type { PodSpec } from "./spec.js";

/** What may change of the resources of a pod that exists. https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/ */

/** The old spec with the resources, and the policies of their change, that the new one has for the same containers. */
export function withResources(old: PodSpec, wanted: PodSpec): PodSpec {
  return {
    ...old,
    containers: merged(old.containers, wanted.containers),
    ...(old.initContainers ? { initContainers: merged(old.initContainers, wanted.initContainers ?? []) } : {}),
    ...(wanted.resources && old.resources ? { resources: wanted.resources } : {}),
  };
}

const merged = (old: readonly Container[], wanted: readonly Container[]): readonly Container[] =>
  old.map((container) => {
    const same = wanted.find(({ name }) => name === container.name);
    if (!same) return container;
    const { resizePolicy: _, ...rest } = container;
    return { ...rest, resources: same.resources, ...(same.resizePolicy ? { resizePolicy: same.resizePolicy } : {}) };
  });

export function podResizeErrors(spec: PodSpec, old: PodSpec): FieldError[] {
  const errors = [
    ...containersErrors("spec.containers", spec.containers, old.containers, false),
    ...containersErrors("spec.initContainers", spec.initContainers ?? [], old.initContainers ?? [], true),
  ];
  if (!equal(spec.resources, old.resources))
    errors.push(forbidden("spec.resources", "pod-level resources cannot be resized in this cluster"));
  if (qosClass(spec) !== qosClass(old))
    errors.push(invalid("spec", qosClass(old), "Pod QOS Class may not change as a result of resizing"));
  return errors;
}

function containersErrors(
  path: string,
  containers: readonly Container[],
  old: readonly Container[],
  init: boolean,
): FieldError[] {
  return containers.flatMap((container, index) => {
    const before = old[index];
    if (!before || equal(container.resources, before.resources)) return [];
    const at = `${path}[${index}].resources`;
    if (init && container.restartPolicy !== "Always")
      return [forbidden(at, "resources for non-sidecar init containers are immutable")];
    return [
      ...removed(at, container.resources, before.resources),
      ...others(at, container.resources, before.resources),
    ];
  });
}

function removed(path: string, resources: ResourceRequirements, old: ResourceRequirements): FieldError[] {
  return (["limits", "requests"] as const).flatMap((side) =>
    resizable.some((name) => old[side]?.[name] !== undefined && resources[side]?.[name] === undefined)
      ? [forbidden(`${path}.${side}`, `resource ${side} cannot be removed`)]
      : [],
  );
}

function others(path: string, resources: ResourceRequirements, old: ResourceRequirements): FieldError[] {
  const rest = ({ limits, requests, claims }: ResourceRequirements) => [fixed(limits), fixed(requests), claims ?? []];
  return equal(rest(resources), rest(old)) ? [] : [forbidden(path, "only cpu and memory resources are mutable")];
}

const fixed = (amounts: Readonly<Record<string, string>> = {}): object =>
  Object.fromEntries(Object.entries(amounts).filter(([name]) => !resizable.includes(name)));

const resizable: readonly string[] = ["cpu", "memory"];
