import { dnsLabel, environmentVariableName, inRange, portName } from "../../../apimachinery/names.js";
import {
  duplicates,
  forbidden,
  invalid,
  invalidFor,
  missing,
  required,
} from "../../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../../apimachinery/schema/schema.js";
import { under } from "../../../apimachinery/schema/validate.js";
import type { Container, VolumeMount } from "./container.js";
import { isLatest } from "./image-name.js";
import type { Probe } from "./probe.js";

/** Rules of one container, whatever pod it lies in. */

// An image without tag or digest, or with the tag "latest", may change under its name: it is pulled each time.
export function pullPolicy({ image = "", imagePullPolicy }: Pick<Container, "image" | "imagePullPolicy">): {
  readonly imagePullPolicy?: "Always" | "IfNotPresent";
} {
  if (imagePullPolicy !== undefined) return {};
  return { imagePullPolicy: isLatest(image) ? "Always" : "IfNotPresent" };
}

export function containerRules(container: Container): FieldError[] {
  const { name, image = "" } = container;
  return [
    ...invalidFor("name", name, dnsLabel(name)),
    ...(image === "" ? [required("image")] : []),
    ...(image === image.trim() ? [] : [invalid("image", image, "must not have leading or trailing whitespace")]),
    ...portErrors(container),
    ...mountErrors(container),
    ...(container.envFrom ?? []).flatMap(({ prefix = "" }, index) =>
      prefix === "" ? [] : invalidFor(`envFrom[${index}].prefix`, prefix, environmentVariableName(prefix)),
    ),
    ...probeErrors(container),
    ...restartErrors(container),
  ];
}

function portErrors({ ports = [] }: Pick<Container, "ports">): FieldError[] {
  const shapes = ports.flatMap(({ name }, index) =>
    name === undefined ? [] : invalidFor(`ports[${index}].name`, name, portName(name)),
  );
  return [
    ...shapes,
    ...duplicates(
      ports,
      ({ name }) => name,
      (index) => `ports[${index}].name`,
    ),
  ];
}

function mountErrors({ volumeMounts = [], volumeDevices = [], securityContext }: Container): FieldError[] {
  const paths = new Set<string>();
  const devices = new Set(volumeDevices.map(({ devicePath }) => devicePath));
  const privileged = securityContext?.privileged === true;
  const errors = volumeMounts.flatMap((mount, index) => {
    const { mountPath } = mount;
    const found = mountRules(mount, privileged);
    if (paths.has(mountPath)) found.push(invalid("mountPath", mountPath, "must be unique"));
    if (devices.has(mountPath))
      found.push(invalid("mountPath", mountPath, "must not already exist as a path in volumeDevices"));
    paths.add(mountPath);
    return under(`volumeMounts[${index}]`, found);
  });
  const seen = new Set<string>();
  const deviceErrors = volumeDevices.flatMap(({ devicePath }, index) => {
    const path = `volumeDevices[${index}].devicePath`;
    const found = hasBacksteps(devicePath)
      ? [invalid(path, devicePath, "can not contain backsteps ('..')")]
      : seen.has(devicePath)
        ? [invalid(path, devicePath, "must be unique")]
        : [];
    seen.add(devicePath);
    return found;
  });
  return [...errors, ...deviceErrors];
}

function mountRules(mount: VolumeMount, privileged: boolean): FieldError[] {
  const { subPath = "", subPathExpr = "", mountPropagation, recursiveReadOnly, readOnly = false } = mount;
  const errors = [...localPathErrors("subPath", subPath), ...localPathErrors("subPathExpr", subPathExpr)];
  if (subPath !== "" && subPathExpr !== "")
    errors.push(invalid("subPathExpr", subPathExpr, "subPathExpr and subPath are mutually exclusive"));
  if (mountPropagation === "Bidirectional" && !privileged)
    errors.push(
      forbidden("mountPropagation", "Bidirectional mount propagation is available only to privileged containers"),
    );
  if (recursiveReadOnly !== undefined && recursiveReadOnly !== "Disabled") {
    if (!readOnly) errors.push(forbidden("recursiveReadOnly", "may only be specified when readOnly is true"));
    if (mountPropagation !== undefined && mountPropagation !== "None")
      errors.push(
        forbidden("recursiveReadOnly", "may only be specified when mountPropagation is None or not specified"),
      );
  }
  return errors;
}

/** A path below some root: relative and without a way up. */
export function localPathErrors(field: string, path: string): FieldError[] {
  if (path.startsWith("/")) return [invalid(field, path, "must be a relative path")];
  return hasBacksteps(path) ? [invalid(field, path, "must not contain '..'")] : [];
}

export const hasBacksteps = (path: string): boolean => path.split("/").includes("..");

const probeNames = ["livenessProbe", "readinessProbe", "startupProbe"] as const;

function probeErrors(container: Container): FieldError[] {
  return probeNames.flatMap((name) => {
    const probe = container[name];
    return probe ? under(name, probeRules(name, probe)) : [];
  });
}

function probeRules(
  name: (typeof probeNames)[number],
  { successThreshold, terminationGracePeriodSeconds }: Probe,
): FieldError[] {
  const errors: FieldError[] = [];
  if (name !== "readinessProbe" && successThreshold !== 1)
    errors.push(invalid("successThreshold", successThreshold, "must be 1"));
  if (name === "readinessProbe" && terminationGracePeriodSeconds !== undefined)
    errors.push(
      invalid("terminationGracePeriodSeconds", terminationGracePeriodSeconds, "must not be set for readinessProbes"),
    );
  return errors;
}

const maxRestartRules = 20;
const maxExitCodes = 255;

function restartErrors({ restartPolicy, restartPolicyRules = [] }: Container): FieldError[] {
  if (restartPolicyRules.length === 0) return [];
  const errors: FieldError[] = [];
  if (restartPolicy === undefined)
    errors.push(required("restartPolicy", "must specify restartPolicy when restart rules are used"));
  if (restartPolicyRules.length > maxRestartRules)
    errors.push({
      path: "restartPolicyRules",
      reason: "TooMany",
      message: `must have at most ${maxRestartRules} items`,
    });
  for (const [index, { exitCodes }] of restartPolicyRules.entries()) {
    const path = `restartPolicyRules[${index}].exitCodes`;
    if (!exitCodes) errors.push(required(path, "must be specified"));
    else if ((exitCodes.values ?? []).length > maxExitCodes)
      errors.push({ path: `${path}.values`, reason: "TooMany", message: `must have at most ${maxExitCodes} items` });
    else
      errors.push(
        ...(exitCodes.values ?? []).flatMap((code, at) =>
          invalidFor(`${path}.values[${at}]`, code, inRange(code, 0, 255)),
        ),
      );
  }
  return errors;
}

/** What a container may mount, as far as the pod tells: the names of its volumes, and those that can be block devices. */
export interface VolumeNames {
  readonly all: ReadonlySet<string>;
  readonly blocks: ReadonlySet<string>;
}

export function volumeReferenceErrors(
  { volumeMounts = [], volumeDevices = [] }: Container,
  volumes: VolumeNames,
): FieldError[] {
  const mounts = volumeMounts.flatMap(({ name }, index) =>
    volumes.all.has(name) ? [] : [missing(`volumeMounts[${index}].name`, name)],
  );
  const devices = volumeDevices.flatMap(({ name }, index) => {
    const path = `volumeDevices[${index}].name`;
    if (!volumes.all.has(name)) return [missing(path, name)];
    if (volumes.blocks.has(name)) return [];
    const message = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
    return [invalid(path, name, message)];
  });
  return [...mounts, ...devices];
}
