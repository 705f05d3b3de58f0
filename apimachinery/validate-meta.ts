import { equal } from "../base/equal.js";
import type { ObjectMeta, OwnerReference } from "./meta.js";
import { labelValue, nameRules, qualifiedName } from "./names.js";
import type { NameRule, ResourceRef } from "./resource.js";
import { invalid } from "./schema/field-error.js";
import type { FieldError } from "./schema/schema.js";

/** The rules for metadata that hold for every kind, on create and on update. */

export const annotationsMaxBytes = 256 * 1024;

type Kind = Pick<ResourceRef, "scope"> & { readonly nameRule: NameRule };

/** Paths start with `metadata`. `old` is there on update. */
export function validateMeta(kind: Kind, meta: ObjectMeta, old?: ObjectMeta): FieldError[] {
  const errors = old ? updateErrors(meta, old) : nameErrors(kind, meta);
  return [
    ...errors,
    ...validateLabels(meta.labels, "metadata.labels"),
    ...validateAnnotations(meta.annotations, "metadata.annotations"),
    ...ownerErrors(meta.ownerReferences ?? []),
    ...finalizerErrors(meta.finalizers ?? []),
  ];
}

/** Labels of an object or of a template. */
export function validateLabels(labels: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  if (!labels) return [];
  return Object.entries(labels).flatMap(([key, value]) => [
    ...qualifiedName(key).map((message) => invalid(path, key, message)),
    ...labelValue(value).map((message) => invalid(path, value, message)),
  ]);
}

export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  path: string,
): FieldError[] {
  if (!annotations) return [];
  let bytes = 0;
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(annotations)) {
    errors.push(...qualifiedName(key.toLowerCase()).map((message) => invalid(path, key, message)));
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > annotationsMaxBytes)
    errors.push({ path, reason: "TooLong", message: `may not be more than ${annotationsMaxBytes} bytes` });
  return errors;
}

function nameErrors(
  { scope, nameRule }: Kind,
  { name, generateName, namespace, generation }: ObjectMeta,
): FieldError[] {
  const errors: FieldError[] = [];
  const rule = nameRules[nameRule];
  if (generateName)
    errors.push(
      ...rule(asPrefix(generateName)).map((message) => invalid("metadata.generateName", generateName, message)),
    );
  if (!name) errors.push({ path: "metadata.name", reason: "Required", message: "name or generateName is required" });
  else errors.push(...rule(name).map((message) => invalid("metadata.name", name, message)));
  if (scope === "Cluster") {
    if (namespace)
      errors.push({ path: "metadata.namespace", reason: "Forbidden", message: "not allowed on this type" });
  } else if (!namespace) {
    errors.push({ path: "metadata.namespace", reason: "Required", message: "" });
  } else {
    errors.push(
      ...nameRules["dns-label"](namespace).map((message) => invalid("metadata.namespace", namespace, message)),
    );
  }
  if (generation !== undefined && generation < 0)
    errors.push(invalid("metadata.generation", generation, "must be greater than or equal to 0"));
  return errors;
}

// A prefix may end in a dash, since characters follow.
const asPrefix = (prefix: string): string =>
  prefix.length > 1 && prefix.endsWith("-") ? `${prefix.slice(0, -1)}a` : prefix;

const fixedFields = [
  "name",
  "namespace",
  "uid",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
] as const;

function updateErrors(meta: ObjectMeta, old: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  const before = new Set(old.finalizers);
  const added = (meta.finalizers ?? []).filter((finalizer) => !before.has(finalizer));
  if (old.deletionTimestamp !== undefined && added.length > 0) {
    const shown = `[]string{${added.map((finalizer) => JSON.stringify(finalizer)).join(", ")}}`;
    const message = `no new finalizers can be added if the object is being deleted, found new finalizers ${shown}`;
    errors.push({ path: "metadata.finalizers", reason: "Forbidden", message });
  }
  if (meta.generation !== undefined && meta.generation < (old.generation ?? 0))
    errors.push(invalid("metadata.generation", meta.generation, "must not be decremented"));
  for (const field of fixedFields)
    if (!equal(meta[field], old[field]))
      errors.push(invalid(`metadata.${field}`, meta[field] ?? null, "field is immutable"));
  return errors;
}

function ownerErrors(owners: readonly OwnerReference[]): FieldError[] {
  const path = "metadata.ownerReferences";
  const errors: FieldError[] = [];
  let controller: string | undefined;
  for (const [index, owner] of owners.entries()) {
    const at = `${path}[${index}]`;
    if (owner.apiVersion === "" || owner.apiVersion.endsWith("/"))
      errors.push(invalid(`${at}.apiVersion`, owner.apiVersion, "version must not be empty"));
    for (const field of ["kind", "name", "uid"] as const)
      if (owner[field] === "") errors.push(invalid(`${at}.${field}`, "", "must not be empty"));
    if (owner.apiVersion === "v1" && owner.kind === "Event")
      errors.push(invalid(at, owner, "/v1, Kind=Event is disallowed from being an owner"));
    if (!owner.controller) continue;
    if (controller === undefined) controller = owner.name;
    else {
      const pair = `${controller} and ${owner.name}`;
      const message = `Only one reference can have Controller set to true. Found "true" in references for ${pair}`;
      errors.push(invalid(path, owners, message));
    }
  }
  return errors;
}

const standardFinalizers: ReadonlySet<string> = new Set(["kubernetes", "orphan", "foregroundDeletion"]);

function finalizerErrors(finalizers: readonly string[]): FieldError[] {
  const path = "metadata.finalizers";
  const errors = finalizers.flatMap((finalizer, index) => {
    const shape = qualifiedName(finalizer).map((message) => invalid(path, finalizer, message));
    if (finalizer.includes("/") || standardFinalizers.has(finalizer)) return shape;
    const message = "name is neither a standard finalizer name nor is it fully qualified";
    return [...shape, invalid(`${path}[${index}]`, finalizer, message)];
  });
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion"))
    errors.push(invalid(path, finalizers, "finalizer orphan and foregroundDeletion cannot be both set"));
  return errors;
}
