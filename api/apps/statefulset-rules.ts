import { atMostWholeErrors, intOrPercentErrors, percentOf } from "../../apimachinery/int-or-string.js";
import { dnsSubdomain } from "../../apimachinery/names.js";
import { forbidden, invalid, invalidFor } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import { under } from "../../apimachinery/schema/validate.js";
import { equal } from "../../base/equal.js";
import { claimErrors } from "../core/persistent-volume-claim-rules.js";
import type { RollingUpdateStatefulSetStrategy, StatefulSetSpec, StatefulSetUpdateStrategy } from "./statefulset.js";
import { templateErrors } from "./template-rules.js";

// A rolling update without a partition reaches every pod.
export function statefulStrategyDefaults({ type, rollingUpdate }: StatefulSetUpdateStrategy): {
  readonly rollingUpdate?: Record<string, never>;
} {
  return type === "RollingUpdate" && rollingUpdate === undefined ? { rollingUpdate: {} } : {};
}

export function statefulStrategyRules({ type, rollingUpdate }: StatefulSetUpdateStrategy): FieldError[] {
  if (type !== "RollingUpdate" && type !== "OnDelete")
    return [invalid("", { type }, "must be 'RollingUpdate' or 'OnDelete'")];
  return type === "OnDelete" && rollingUpdate
    ? [invalid("rollingUpdate", rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")]
    : [];
}

export function rollingStatefulRules({ maxUnavailable }: RollingUpdateStatefulSetStrategy): FieldError[] {
  if (maxUnavailable === undefined) return [];
  const errors = [...intOrPercentErrors(maxUnavailable), ...atMostWholeErrors(maxUnavailable)];
  if (errors.length === 0 && (maxUnavailable === 0 || percentOf(maxUnavailable) === 0)) errors.push("cannot be 0");
  return invalidFor("maxUnavailable", maxUnavailable, errors);
}

export function statefulSetSpecRules(spec: StatefulSetSpec): FieldError[] {
  const { podManagementPolicy, serviceName, volumeClaimTemplates = [] } = spec;
  const errors: FieldError[] = [];
  if (podManagementPolicy !== "OrderedReady" && podManagementPolicy !== "Parallel")
    errors.push(invalid("podManagementPolicy", podManagementPolicy, "must be 'OrderedReady' or 'Parallel'"));
  if (serviceName !== undefined) errors.push(...invalidFor("serviceName", serviceName, dnsSubdomain(serviceName)));
  return [
    ...errors,
    ...volumeClaimTemplates.flatMap((claim, index) =>
      under(`volumeClaimTemplates[${index}]`, claimErrors(claim, undefined)),
    ),
    ...templateErrors(
      "statefulset",
      spec,
      "StatefulSet",
      volumeClaimTemplates.flatMap(({ metadata }) => metadata.name ?? []),
    ),
  ];
}

const changeable = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
] as const;

const frozenSpec =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', " +
  "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

export function statefulSetUpdateErrors(spec: StatefulSetSpec, old: StatefulSetSpec): FieldError[] {
  return equal(fixedPart(spec), fixedPart(old)) ? [] : [forbidden("spec", frozenSpec)];
}

function fixedPart(spec: StatefulSetSpec): Partial<StatefulSetSpec> {
  const rest: { -readonly [K in keyof StatefulSetSpec]?: StatefulSetSpec[K] } = { ...spec };
  for (const field of changeable) delete rest[field];
  return rest;
}
