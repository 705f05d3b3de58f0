import { forbidden, invalid, notSupported, required } from "../../apimachinery/schema/field-error.js";
import type { FieldError } from "../../apimachinery/schema/schema.js";
import type { PolicyRulesWithSubjects, Subject } from "./flow-schema.js";
import type { LimitResponse, PriorityLevelConfigurationSpec } from "./priority-level-configuration.js";

const holders = { User: "user", Group: "group", ServiceAccount: "serviceAccount" } as const;

/** A subject holds what its kind says and nothing else. */
export const subjectRules = (subject: Subject): FieldError[] =>
  Object.entries(holders).flatMap(([kind, field]) => {
    const given = subject[field] !== undefined;
    if (kind === subject.kind)
      return given ? [] : [required(field, `${field} is required when subject kind is '${kind}'`)];
    return given ? [forbidden(field, `${field} is forbidden when subject kind is not '${kind}'`)] : [];
  });

export function flowRules({
  subjects,
  resourceRules = [],
  nonResourceRules = [],
}: PolicyRulesWithSubjects): FieldError[] {
  const errors: FieldError[] = [];
  if (subjects.length === 0) errors.push(required("subjects", "subjects must contain at least one value"));
  if (resourceRules.length + nonResourceRules.length === 0)
    errors.push(required("", "at least one of resourceRules and nonResourceRules has to be non-empty"));
  return errors;
}

export function priorityLevelRules({ type, limited, exempt }: PriorityLevelConfigurationSpec): FieldError[] {
  if (type === "Exempt") return limited ? [forbidden("limited", "must be nil if the type is not Limited")] : [];
  return [
    ...(exempt ? [forbidden("exempt", "must be nil if the type is Limited")] : []),
    ...(limited ? [] : [required("limited", "must not be empty when type is Limited")]),
  ];
}

// Requests that may wait do so in the usual number of queues.
export function limitResponseDefaults({ type, queuing }: LimitResponse): { readonly queuing?: Record<string, never> } {
  return type === "Queue" && queuing === undefined ? { queuing: {} } : {};
}

const responses = ["Queue", "Reject"];

export function limitResponseRules({ type, queuing }: LimitResponse): FieldError[] {
  if (!responses.includes(type)) return [notSupported("type", type, responses)];
  if (type === "Reject")
    return queuing ? [forbidden("queuing", "must be nil if limited.limitResponse.type is not Limited")] : [];
  return queuing && queuing.handSize > queuing.queues
    ? [invalid("queuing.handSize", queuing.handSize, `should not be greater than queues (${queuing.queues})`)]
    : [];
}
