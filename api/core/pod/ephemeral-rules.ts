import { forbidden, missing } from "../../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../../apimachinery/schema/schema.js";
import { under } from "../../../apimachinery/schema/validate.js";
import { equal } from "../../../base/equal.js";
import type { EphemeralContainer } from "./container.js";
import { containerRules } from "./container-rules.js";
import type { PodSpec } from "./spec.js";
import { mountErrors } from "./spec-rules.js";

/** Rules of containers that are put into a running pod: they come to look, and add nothing that lasts. */

const notForEphemeral = [
  "ports",
  "resizePolicy",
  "restartPolicy",
  "restartPolicyRules",
  "livenessProbe",
  "readinessProbe",
  "startupProbe",
  "lifecycle",
] as const;
const cannotBeSet = "cannot be set for an Ephemeral Container";

export function ephemeralContainerRules(container: EphemeralContainer): FieldError[] {
  const set = notForEphemeral.filter((field) => {
    const value = container[field];
    return value !== undefined && !(Array.isArray(value) && value.length === 0);
  });
  const mounts = (container.volumeMounts ?? []).flatMap(({ subPath, subPathExpr }, index) => [
    ...(subPath ? [forbidden(`volumeMounts[${index}].subPath`, cannotBeSet)] : []),
    ...(subPathExpr ? [forbidden(`volumeMounts[${index}].subPathExpr`, cannotBeSet)] : []),
  ]);
  const { resources } = container;
  return [
    ...containerRules(container),
    ...set.map((field) => forbidden(field, cannotBeSet)),
    ...(Object.keys(resources).length > 0 ? [forbidden("resources", cannotBeSet)] : []),
    ...mounts,
  ];
}

/** A target is one of the containers that the pod came with. */
export function ephemeralTargetErrors({
  containers,
  initContainers = [],
  ephemeralContainers = [],
}: PodSpec): FieldError[] {
  const names = new Set([...containers, ...initContainers].map(({ name }) => name));
  return ephemeralContainers.flatMap(({ targetContainerName = "" }, index) =>
    targetContainerName === "" || names.has(targetContainerName)
      ? []
      : [missing(`ephemeralContainers[${index}].targetContainerName`, targetContainerName)],
  );
}

/** More may come, and those that are there stay as they are. */
export function ephemeralUpdateErrors(spec: PodSpec, old: PodSpec): FieldError[] {
  const now = new Map((spec.ephemeralContainers ?? []).map((container) => [container.name, container]));
  const path = "spec.ephemeralContainers";
  const kept = (old.ephemeralContainers ?? []).flatMap((container) => {
    const same = now.get(container.name);
    const name = JSON.stringify(container.name);
    if (!same) return [forbidden(path, `existing ephemeral containers ${name} may not be removed\n`)];
    if (!equal(same, container)) return [forbidden(path, `existing ephemeral containers ${name} may not be changed\n`)];
    return [];
  });
  return [...kept, ...under("spec", mountErrors(spec))];
}
