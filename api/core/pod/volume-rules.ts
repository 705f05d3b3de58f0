import { configMapKey, dnsLabel, inRange } from "../../../apimachinery/names.js";
import { compareQuantity } from "../../../apimachinery/quantity.js";
import { forbidden, invalid, invalidFor, notSupported, required } from "../../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../../apimachinery/schema/schema.js";
import { under } from "../../../apimachinery/schema/validate.js";
import { hasBacksteps, localPathErrors } from "./container-rules.js";
import { fieldPathErrors, resourceFieldErrors, volumeFieldPaths } from "./env-rules.js";
import { isLatest } from "./image-name.js";
import type {
  DownwardAPIVolumeFile,
  EmptyDirVolumeSource,
  HostPathVolumeSource,
  ImageVolumeSource,
  KeyToPath,
  Volume,
} from "./volume.js";
import type { ServiceAccountTokenProjection, VolumeProjection } from "./volume-projected.js";

/** Rules of volumes: one source each, and paths that stay inside. */

// A volume without a source is an empty directory.
export function defaultSource(volume: Volume): { readonly emptyDir?: Record<string, never> } {
  return sourcesOf(volume).length === 0 ? { emptyDir: {} } : {};
}

/** Of two sources the one further behind here is too many, however they came; those not named follow. */
const sourceOrder = ["emptyDir", "hostPath", "secret", "nfs", "persistentVolumeClaim", "downwardAPI", "configMap"];
const lastSources = ["projected", "csi", "ephemeral", "image"];

const rankOf = (source: string): number => {
  const [early, late] = [sourceOrder.indexOf(source), lastSources.indexOf(source)];
  return early >= 0 ? early : sourceOrder.length + 1 + late;
};

const sourcesOf = (volume: Volume): readonly string[] =>
  Object.keys(volume)
    .filter((field) => field !== "name")
    .sort((one, other) => rankOf(one) - rankOf(other));

export function volumeRules(volume: Volume): FieldError[] {
  const sources = sourcesOf(volume);
  const errors = invalidFor("name", volume.name, dnsLabel(volume.name));
  if (sources.length === 0) errors.push(required("", "must specify a volume type"));
  for (const source of sources.slice(1)) errors.push(forbidden(source, "may not specify more than 1 volume type"));
  if (volume.secret && (volume.secret.secretName ?? "") === "") errors.push(required("secret.secretName"));
  if (volume.configMap && (volume.configMap.name ?? "") === "") errors.push(required("configMap.name"));
  if (volume.ephemeral && !volume.ephemeral.volumeClaimTemplate) errors.push(required("ephemeral.volumeClaimTemplate"));
  return errors;
}

const hostPathTypes = [
  "",
  "DirectoryOrCreate",
  "Directory",
  "FileOrCreate",
  "File",
  "Socket",
  "CharDevice",
  "BlockDevice",
];

export function hostPathRules({ path, type = "" }: HostPathVolumeSource): FieldError[] {
  return [
    ...(hasBacksteps(path) ? [invalid("path", path, "must not contain '..'")] : []),
    ...(hostPathTypes.includes(type) ? [] : [notSupported("type", type, hostPathTypes.slice(1))]),
  ];
}

export function emptyDirRules({ sizeLimit }: EmptyDirVolumeSource): FieldError[] {
  return sizeLimit !== undefined && compareQuantity(sizeLimit, "0") < 0
    ? [forbidden("sizeLimit", "SizeLimit field must be a valid resource quantity")]
    : [];
}

// As for containers: what may change under its name is pulled each time.
export function imagePullDefault({ reference = "", pullPolicy }: ImageVolumeSource): {
  readonly pullPolicy?: "Always" | "IfNotPresent";
} {
  return pullPolicy === undefined ? { pullPolicy: isLatest(reference) ? "Always" : "IfNotPresent" } : {};
}

export const imageVolumeRules = ({ reference = "" }: ImageVolumeSource): FieldError[] =>
  reference === "" ? [required("reference")] : [];

const fileMode = "must be a number between 0 and 0777 (octal), both inclusive";

const modeErrors = (path: string, mode: number | undefined): FieldError[] =>
  mode === undefined || inRange(mode, 0, 0o777).length === 0 ? [] : [invalid(path, mode, fileMode)];

export const defaultModeRules = ({ defaultMode }: { readonly defaultMode: number }): FieldError[] =>
  modeErrors("defaultMode", defaultMode);

export const keyToPathRules = ({ key, path, mode }: KeyToPath): FieldError[] => [
  ...invalidFor("key", key, configMapKey(key)),
  ...filePathErrors(path),
  ...modeErrors("mode", mode),
];

/** A file below the volume: kubelet's own links in it start with two dots. */
function filePathErrors(path: string): FieldError[] {
  const errors = localPathErrors("path", path);
  if (errors.length === 0 && path.startsWith("..")) errors.push(invalid("path", path, "must not start with '..'"));
  return errors;
}

export function downwardFileRules({ path, fieldRef, resourceFieldRef, mode }: DownwardAPIVolumeFile): FieldError[] {
  const errors = filePathErrors(path);
  if (fieldRef && resourceFieldRef)
    errors.push(invalid("", "resource", "fieldRef and resourceFieldRef can not be specified simultaneously"));
  else if (fieldRef) errors.push(...under("fieldRef", fieldPathErrors(fieldRef, volumeFieldPaths)));
  else if (resourceFieldRef) errors.push(...under("resourceFieldRef", resourceFieldErrors(resourceFieldRef, true)));
  else errors.push(required("", "one of fieldRef and resourceFieldRef is required"));
  return [...errors, ...modeErrors("mode", mode)];
}

const minTokenSeconds = 600;
const maxTokenSeconds = 2 ** 32;

export function tokenProjectionRules({ path, expirationSeconds }: ServiceAccountTokenProjection): FieldError[] {
  const errors = localPathErrors("path", path);
  if (expirationSeconds < minTokenSeconds)
    errors.push(invalid("expirationSeconds", expirationSeconds, "may not specify a duration less than 10 minutes"));
  if (expirationSeconds > maxTokenSeconds)
    errors.push(invalid("expirationSeconds", expirationSeconds, "may not specify a duration larger than 2^32 seconds"));
  return errors;
}

export function projectionRules(projection: VolumeProjection): FieldError[] {
  const sources = Object.entries(projection).filter(([, value]) => value !== undefined);
  if (sources.length === 0) return [required("", "must specify a volume source")];
  const errors = sources
    .slice(1)
    .map(([field]) => forbidden(field, "may not specify more than 1 volume type per source"));
  for (const field of ["configMap", "secret"] as const)
    if (projection[field] && (projection[field].name ?? "") === "") errors.push(required(`${field}.name`));
  return errors;
}
