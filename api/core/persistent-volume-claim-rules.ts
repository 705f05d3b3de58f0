import { dnsSubdomain } from "../../apimachinery/names.js";
import { compareQuantity } from "../../apimachinery/quantity.js";
import type { ObjectWith } from "../../apimachinery/resource.js";
import { forbidden, invalid, invalidFor, required } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import { validateLabels } from "../../apimachinery/validate-meta.js";
import { equal } from "../../base/equal.js";
import type { PersistentVolumeClaimStatus } from "./persistent-volume-claim.js";
import type { PersistentVolumeClaimSpec } from "./pod/volume-claim.js";

type Claim = Pick<ObjectWith<PersistentVolumeClaimSpec, PersistentVolumeClaimStatus>, "spec" | "status">;

/** A source named in the older field is also named in the newer one, and the other way round. */
export function withBothSources<T extends { readonly spec: PersistentVolumeClaimSpec }>(claim: T): T {
  const { dataSource, dataSourceRef } = claim.spec;
  if (dataSource && !dataSourceRef) return { ...claim, spec: { ...claim.spec, dataSourceRef: dataSource } };
  if (!dataSource && dataSourceRef && dataSourceRef.namespace === undefined)
    return { ...claim, spec: { ...claim.spec, dataSource: dataSourceRef } };
  return claim;
}

export const claimErrors = (claim: Claim, old: Claim | undefined): FieldError[] => [
  ...claimSpecErrors(claim.spec),
  ...(old ? claimUpdateErrors(claim.spec, old) : []),
];

function claimSpecErrors({
  accessModes = [],
  resources,
  storageClassName = "",
  selector,
}: PersistentVolumeClaimSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (accessModes.length === 0) errors.push(required("spec.accessModes", "at least 1 access mode is required"));
  if (accessModes.length > 1 && accessModes.includes("ReadWriteOncePod"))
    errors.push(forbidden("spec.accessModes", "may not use ReadWriteOncePod with other access modes"));
  const storage = resources.requests?.storage;
  if (storage === undefined) errors.push(required("spec.resources[storage]"));
  else if (compareQuantity(storage, "0") <= 0)
    errors.push(invalid("spec.resources[storage]", storage, "must be greater than zero"));
  if (storageClassName !== "")
    errors.push(...invalidFor("spec.storageClassName", storageClassName, dnsSubdomain(storageClassName)));
  return selector ? [...errors, ...validateLabels(selector.matchLabels, "spec.selector.matchLabels")] : errors;
}

const frozenSpec =
  "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";

/** A bound claim may grow; whoever binds a claim fills in its volume and its class. */
function claimUpdateErrors(spec: PersistentVolumeClaimSpec, old: Claim): FieldError[] {
  const bound = old.status?.phase === "Bound";
  const before = old.spec;
  const same: PersistentVolumeClaimSpec = {
    ...spec,
    ...(bound ? { resources: before.resources } : {}),
    ...(bound && before.volumeAttributesClassName !== undefined
      ? { volumeAttributesClassName: before.volumeAttributesClassName }
      : {}),
  };
  const fixed = without(same, [
    ...(before.volumeName === undefined ? ["volumeName"] : []),
    ...(before.storageClassName === undefined ? ["storageClassName"] : []),
    ...(bound && before.volumeAttributesClassName === undefined ? ["volumeAttributesClassName"] : []),
  ]);
  if (!equal(fixed, before)) return [forbidden("spec", frozenSpec)];
  const [wanted = "0", had = "0"] = [spec.resources.requests?.storage, before.resources.requests?.storage];
  const capacity = old.status?.capacity?.storage ?? had;
  return bound && compareQuantity(wanted, had) < 0 && compareQuantity(wanted, capacity) <= 0
    ? [forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")]
    : [];
}

const without = (object: object, fields: readonly string[]): object =>
  Object.fromEntries(Object.entries(object).filter(([field]) => !fields.includes(field)));
