import { labelSelector } from "../../apimachinery/label-selector.js";
import type { ObjectMeta } from "../../apimachinery/meta.js";
import { dnsLabel, domainPrefixedPath } from "../../apimachinery/names.js";
import type { ObjectWith } from "../../apimachinery/resource.js";
import {
  duplicates,
  invalid,
  invalidFor,
  notNegative,
  notSupported,
  required,
  tooLong,
} from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import { under, validateSchema } from "../../apimachinery/schema/validate.js";
import { matcherOf } from "../../apimachinery/selector/label.js";
import { validateAnnotations, validateLabels } from "../../apimachinery/validate-meta.js";
import { equal } from "../../base/equal.js";
import { mountErrors } from "../core/pod/spec-rules.js";
import type { PodTemplateSpec } from "../core/pod/template.js";
import type { JobSpec, JobStatus } from "./job.js";
import type {
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
  SuccessPolicyRule,
} from "./pod-failure-policy.js";

/** Defaults and rules of jobs; a cron job's template keeps the rules and takes no defaults. */

// What depends on other fields; a job that says nothing at all wants one pod to end well.
export function jobDefaults({ metadata, spec }: ObjectWith<JobSpec>): {
  readonly metadata?: ObjectMeta;
  readonly spec?: JobSpec;
} {
  const { completions, parallelism, backoffLimit, backoffLimitPerIndex, template } = spec;
  const full: JobSpec = {
    ...spec,
    ...(completions === undefined && parallelism === undefined ? { completions: 1 } : {}),
    parallelism: parallelism ?? 1,
    backoffLimit: backoffLimit ?? (backoffLimitPerIndex === undefined ? defaultBackoffLimit : unboundedBackoffLimit),
    completionMode: spec.completionMode ?? "NonIndexed",
    suspend: spec.suspend ?? false,
    manualSelector: spec.manualSelector ?? false,
    podReplacementPolicy: spec.podReplacementPolicy ?? (spec.podFailurePolicy ? "Failed" : "TerminatingOrFailed"),
  };
  const labels = template.metadata.labels ?? {};
  const labelled = Object.keys(metadata.labels ?? {}).length > 0 || Object.keys(labels).length === 0;
  return {
    ...(equal(full, spec) ? {} : { spec: full }),
    ...(labelled ? {} : { metadata: { ...metadata, labels } }),
  };
}

const defaultBackoffLimit = 6;
const unboundedBackoffLimit = 2_147_483_647;

const labelPrefix = "batch.kubernetes.io/";

/** Unless the author chose them, the server makes a selector and labels that no other job can have. */
export function withGeneratedSelector<T extends ObjectWith<JobSpec>>(job: T): T {
  const { metadata, spec } = job;
  if (spec.manualSelector) return job;
  // What the author wrote otherwise is left to be refused.
  const labels = { ...generatedLabels(metadata), ...spec.template.metadata.labels };
  const template = { ...spec.template, metadata: { ...spec.template.metadata, labels } };
  const matchLabels = { [uidLabel]: metadata.uid, ...spec.selector?.matchLabels };
  return { ...job, spec: { ...spec, selector: { ...spec.selector, matchLabels }, template } };
}

const uidLabel = `${labelPrefix}controller-uid`;

const generatedLabels = ({ name, uid }: { readonly name: string; readonly uid: string }) => ({
  [uidLabel]: uid,
  [`${labelPrefix}job-name`]: name,
  "controller-uid": uid,
  "job-name": name,
});

const maxIndexedParallelism = 100_000;
const maxNamesOfManagers = 63;

/** What holds for every job, those that a cron job makes included. */
export function jobSpecRules(spec: JobSpec): FieldError[] {
  const { completionMode, completions, parallelism = 1, managedBy, template } = spec;
  const errors: FieldError[] = [];
  if (completionMode === "Indexed") {
    if (completions === undefined) errors.push(required("completions", "when completion mode is Indexed"));
    if (parallelism > maxIndexedParallelism)
      errors.push(
        invalid(
          "parallelism",
          parallelism,
          `must be less than or equal to ${maxIndexedParallelism} when completion mode is Indexed`,
        ),
      );
  }
  if (managedBy !== undefined) {
    errors.push(...invalidFor("managedBy", managedBy, domainPrefixedPath(managedBy)));
    if (managedBy.length > maxNamesOfManagers) errors.push(tooLong("managedBy", maxNamesOfManagers));
  }
  return [
    ...errors,
    ...indexErrors(spec),
    ...policyErrors(spec),
    ...validateLabels(template.metadata.labels, "template.metadata.labels"),
    ...validateAnnotations(template.metadata.annotations, "template.metadata.annotations"),
    ...under("template.spec", mountErrors(template.spec)),
    ...restartErrors(spec),
  ];
}

function indexErrors({ completionMode, backoffLimitPerIndex, maxFailedIndexes, completions }: JobSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (backoffLimitPerIndex !== undefined && completionMode !== "Indexed")
    errors.push(invalid("backoffLimitPerIndex", backoffLimitPerIndex, "requires indexed completion mode"));
  if (maxFailedIndexes === undefined) return errors;
  if (backoffLimitPerIndex === undefined)
    errors.push(required("backoffLimitPerIndex", "when maxFailedIndexes is specified"));
  if (completions !== undefined && maxFailedIndexes > completions)
    errors.push(invalid("maxFailedIndexes", maxFailedIndexes, "must be less than or equal to completions"));
  return errors;
}

function policyErrors(spec: JobSpec): FieldError[] {
  const { podFailurePolicy, successPolicy, podReplacementPolicy, completionMode, template, backoffLimitPerIndex } =
    spec;
  const errors: FieldError[] = [];
  if (podFailurePolicy) {
    if (podReplacementPolicy !== undefined && podReplacementPolicy !== "Failed")
      errors.push(notSupported("podReplacementPolicy", podReplacementPolicy, ["Failed"]));
    const names = new Set(
      [...template.spec.containers, ...(template.spec.initContainers ?? [])].map(({ name }) => name),
    );
    for (const [index, { action, onExitCodes }] of podFailurePolicy.rules.entries()) {
      const path = `podFailurePolicy.rules[${index}]`;
      if (action === "FailIndex" && backoffLimitPerIndex === undefined)
        errors.push(invalid(`${path}.action`, action, "requires the backoffLimitPerIndex to be set"));
      const name = onExitCodes?.containerName;
      if (name !== undefined && !names.has(name))
        errors.push(
          invalid(
            `${path}.onExitCodes.containerName`,
            name,
            "must be one of the container or initContainer names in the pod template",
          ),
        );
    }
  }
  if (successPolicy) {
    if (completionMode !== "Indexed")
      errors.push(invalid("successPolicy", successPolicy, "requires indexed completion mode"));
    if (successPolicy.rules.length === 0)
      errors.push(
        required("successPolicy.rules", "at least one rules must be specified when the successPolicy is specified"),
      );
  }
  return errors;
}

function restartErrors({ template, podFailurePolicy }: JobSpec): FieldError[] {
  const { restartPolicy } = template.spec;
  const path = "template.spec.restartPolicy";
  if (restartPolicy === "Always") return [required(path, 'valid values: "OnFailure", "Never"')];
  if (podFailurePolicy && restartPolicy !== "Never")
    return [invalid(path, restartPolicy, 'only "Never" is supported when podFailurePolicy is specified')];
  return [];
}

export function exitCodeRules({ operator, values }: PodFailurePolicyOnExitCodesRequirement): FieldError[] {
  if (values.length === 0) return [invalid("values", values, "at least one value is required")];
  const errors: FieldError[] = duplicates(values, String, (index) => `values[${index}]`);
  for (const [index, value] of values.entries()) {
    if (value === 0 && operator === "In")
      errors.push(invalid(`values[${index}]`, value, "must not be 0 for the In operator"));
    if (index > 0 && value < (values[index - 1] ?? value)) errors.push(invalid("values", values, "must be ordered"));
  }
  return errors;
}

export function failureRuleRules({ onExitCodes, onPodConditions = [] }: PodFailurePolicyRule): FieldError[] {
  if (onExitCodes && onPodConditions.length > 0)
    return [invalid("", {}, "specifying both OnExitCodes and OnPodConditions is not supported")];
  if (!onExitCodes && onPodConditions.length === 0)
    return [invalid("", {}, "specifying one of OnExitCodes and OnPodConditions is required")];
  return [];
}

export const successRuleRules = ({ succeededCount, succeededIndexes }: SuccessPolicyRule): FieldError[] => [
  ...notNegative("succeededCount", succeededCount),
  ...(succeededCount === undefined && succeededIndexes === undefined
    ? [required("", "at least one of succeededCount or succeededIndexes must be specified")]
    : []),
];

/** A new job: its selector must mean its own pods and no others. */
export function jobCreateErrors({ metadata, spec }: ObjectWith<JobSpec>): FieldError[] {
  const labels = spec.template.metadata.labels ?? {};
  if (spec.selector === undefined) return [required("spec.selector")];
  const errors: FieldError[] = [];
  const sound = validateSchema(labelSelector, spec.selector).length === 0;
  if (!spec.manualSelector) {
    const expected = generatedLabels(metadata);
    for (const [key, value] of Object.entries(expected))
      if (labels[key] !== value)
        errors.push(invalid(`spec.template.metadata.labels[${key}]`, labels, `must be '${value}'`));
    if (sound && !matcherOf(spec.selector).matches(expected))
      errors.push(invalid("spec.selector", spec.selector, "`selector` not auto-generated"));
  }
  if (sound && !matcherOf(spec.selector).matches(labels))
    errors.push(invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"));
  if (spec.completionMode === "Indexed" && spec.completions !== undefined && spec.completions > 0)
    errors.push(...hostnameErrors(metadata.name, spec.completions));
  return errors;
}

// The pods' host names are the job's name and their index.
function hostnameErrors(name: string, completions: number): FieldError[] {
  return invalidFor("metadata.name", name, dnsLabel(`${name}-${completions - 1}`)).map((error) => ({
    ...error,
    message: `will not able to create pod with invalid DNS name: ${name}-${completions - 1}: ${error.message}`,
  }));
}

/** What of a job never changes; its template may until it has first run. */
export function jobUpdateErrors(spec: JobSpec, old: JobSpec, status: JobStatus | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const fields = [
    "selector",
    "completionMode",
    "podFailurePolicy",
    "backoffLimitPerIndex",
    "managedBy",
    "successPolicy",
  ] as const;
  for (const field of fields)
    if (!equal(spec[field], old[field])) errors.push(invalid(`spec.${field}`, spec[field] ?? null, immutableField));
  const elastic = spec.completionMode === "Indexed" && spec.completions === spec.parallelism;
  if (!elastic && spec.completions !== old.completions)
    errors.push(invalid("spec.completions", spec.completions ?? null, immutableField));
  const waiting = old.suspend === true && status?.startTime === undefined;
  const template = waiting ? withSchedulingOf(spec.template, old.template) : spec.template;
  if (!equal(template, old.template)) errors.push(invalid("spec.template", spec.template, immutableField));
  return errors;
}

const immutableField = "field is immutable";

/** The template with what may still change while a job waits put back to what it was. */
function withSchedulingOf(template: PodTemplateSpec, old: PodTemplateSpec): PodTemplateSpec {
  const { nodeSelector: _, tolerations: __, schedulingGates: ___, affinity: ____, ...rest } = template.spec;
  const { nodeSelector, tolerations, schedulingGates, affinity } = old.spec;
  const kept = {
    ...(nodeSelector ? { nodeSelector } : {}),
    ...(tolerations ? { tolerations } : {}),
    ...(schedulingGates ? { schedulingGates } : {}),
    ...(affinity ? { affinity } : {}),
  };
  const { labels: _labels, annotations: _annotations, ...meta } = template.metadata;
  const { labels, annotations } = old.metadata;
  const metadata = { ...meta, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) };
  return { metadata, spec: { ...rest, ...kept } };
}
