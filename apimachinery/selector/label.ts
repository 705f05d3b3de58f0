import { badRequest, StatusError } from "../status.js";
import { parseRequirements } from "./label-grammar.js";
import { aggregate, integerOf, type LabelOperator, type LabelRequirement, requirementErrors } from "./requirement.js";

/**
 * Label selectors, as text (`app in (a, b),!canary`) and as metav1.LabelSelector objects, compiled to one matcher.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */

export type Labels = Readonly<Record<string, string>>;

export interface LabelSelectorMatcher {
  matches(labels: Labels | undefined): boolean;
  /** Sorted by key. Empty: everything matches, unless `nothing`. */
  readonly requirements: readonly LabelRequirement[];
  /** True for a selector that matches no object at all (an absent LabelSelector). */
  readonly nothing: boolean;
  /** Canonical text; parses to the same selector. "" selects everything. */
  toString(): string;
}

/** metav1.LabelSelector. */
export interface LabelSelectorObject {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly LabelExpression[];
}
export interface LabelExpression {
  readonly key: string;
  /** In, NotIn, Exists, DoesNotExist. */
  readonly operator: string;
  readonly values?: readonly string[];
}

/** Throws BadRequest with Kubernetes' message. */
export function parseLabelSelector(text: string): LabelSelectorMatcher {
  if (text === "") return everything;
  const parsed = parseRequirements(text);
  if ("error" in parsed) throw badRequest(parsed.error);
  return matcherFrom(parsed.requirements);
}

/** Absent matches nothing, empty matches everything. Throws BadRequest on what validation would refuse. */
export function matcherOf(selector: LabelSelectorObject | undefined): LabelSelectorMatcher {
  if (!selector) return nothing;
  const known = matchers.get(selector);
  if (known) return known;
  const matcher = matcherFrom([
    ...Object.entries(selector.matchLabels ?? {}).map(([key, value]) =>
      checked({ key, operator: "=", values: [value] }),
    ),
    ...(selector.matchExpressions ?? []).map(requirementOf),
  ]);
  matchers.set(selector, matcher);
  return matcher;
}

/** As kubectl prints a LabelSelector: `<none>` where it selects everything or is absent, `<error>` where it is no selector. */
export function formatLabelSelector(selector: LabelSelectorObject | undefined): string {
  try {
    return (selector && matcherOf(selector).toString()) || "<none>";
  } catch (error) {
    if (error instanceof StatusError) return "<error>";
    throw error;
  }
}

export const everything: LabelSelectorMatcher = matcherFrom([]);
export const nothing: LabelSelectorMatcher = {
  matches: () => false,
  requirements: [],
  nothing: true,
  toString: () => "",
};

// Selector objects come from frozen cached revisions, so one compilation serves all reconciles of a revision.
const matchers = new WeakMap<LabelSelectorObject, LabelSelectorMatcher>();

const operators: Readonly<Record<string, LabelOperator>> = {
  In: "in",
  NotIn: "notin",
  Exists: "exists",
  DoesNotExist: "!",
};

function requirementOf({ key, operator, values = [] }: LabelExpression): LabelRequirement {
  const known = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  if (!known) throw badRequest(`${JSON.stringify(operator)} is not a valid label selector operator`);
  if ((known === "exists" || known === "!") && values.length > 0)
    throw badRequest(
      `values: Invalid value: ${JSON.stringify(values)}: values set must be empty for exists and does not exist`,
    );
  return checked({ key, operator: known, values: [...new Set(values)].sort() });
}

function checked(requirement: LabelRequirement): LabelRequirement {
  const errors = requirementErrors(requirement);
  if (errors.length > 0) throw badRequest(aggregate(errors));
  return requirement;
}

function matcherFrom(unsorted: readonly LabelRequirement[]): LabelSelectorMatcher {
  const requirements = [...unsorted].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const tests = requirements.map(testOf);
  const text = requirements.map(formatRequirement).join(",");
  return {
    matches(labels = noLabels) {
      for (const test of tests) if (!test(labels)) return false;
      return true;
    },
    requirements,
    nothing: false,
    toString: () => text,
  };
}

const noLabels: Labels = {};

function testOf({ key, operator, values }: LabelRequirement): (labels: Labels) => boolean {
  const [first = ""] = values;
  const has = (labels: Labels): boolean => Object.hasOwn(labels, key);
  switch (operator) {
    case "exists":
      return has;
    case "!":
      return (labels) => !has(labels);
    case "!=":
      return (labels) => labels[key] !== first || !has(labels);
    case "=":
    case "==":
      return (labels) => labels[key] === first && has(labels);
    case "in": {
      const wanted = new Set<string | undefined>(values);
      return (labels) => wanted.has(labels[key]) && has(labels);
    }
    case "notin": {
      const unwanted = new Set<string | undefined>(values);
      return (labels) => !unwanted.has(labels[key]) || !has(labels);
    }
    case "gt":
    case "lt": {
      const bound = integerOf(first) ?? 0n;
      return (labels) => {
        const actual = has(labels) ? integerOf(labels[key] ?? "") : undefined;
        return actual !== undefined && (operator === "gt" ? actual > bound : actual < bound);
      };
    }
  }
}

function formatRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case "exists":
      return key;
    case "!":
      return `!${key}`;
    case "in":
    case "notin":
      return `${key} ${operator} (${values.join(",")})`;
    case "gt":
    case "lt":
      return `${key}${operator === "gt" ? ">" : "<"}${values[0]}`;
    default:
      return `${key}${operator}${values[0]}`;
  }
}
