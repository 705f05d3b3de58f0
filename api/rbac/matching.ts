import type { PolicyRule } from "./policy-rule.js";

/**
 * What a list of rules allows, and whether one list grants no more than another.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 */

/** A request as authorization sees it. */
export type AccessAttributes =
  | {
      readonly verb: string;
      /** "" for the core group. */
      readonly group: string;
      /** Plural. */
      readonly resource: string;
      readonly subresource?: string;
      /** Absent where the request names no object. */
      readonly name?: string;
    }
  | { readonly verb: string; readonly path: string };

export const rulesAllow = (rules: readonly PolicyRule[], attributes: AccessAttributes): boolean =>
  rules.some((rule) => ruleAllows(rule, attributes));

export function ruleAllows(rule: PolicyRule, attributes: AccessAttributes): boolean {
  if (!has(rule.verbs, attributes.verb)) return false;
  if ("path" in attributes) return (rule.nonResourceURLs ?? []).some((url) => urlCovers(url, attributes.path));
  const { group, resource, subresource = "", name = "" } = attributes;
  return (
    has(rule.apiGroups, group) &&
    resourceCovered(rule.resources, subresource === "" ? resource : `${resource}/${subresource}`) &&
    nameCovered(rule.resourceNames, name)
  );
}

/** Whether every permission that `wanted` grants is among those that `held` grants. */
export const covers = (held: readonly PolicyRule[], wanted: readonly PolicyRule[]): boolean =>
  uncovered(held, wanted).length === 0;

/** The part of `wanted` that `held` does not grant, one verb and resource a rule. */
export const uncovered = (held: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] =>
  wanted.flatMap(breakDown).filter((permission) => !held.some((rule) => ruleCovers(rule, permission)));

/** As the API server writes a rule into a refusal: `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`. */
export function formatRule(rule: PolicyRule): string {
  const parts = [
    ["APIGroups", rule.apiGroups],
    ["Resources", rule.resources],
    ["ResourceNames", rule.resourceNames],
    ["NonResourceURLs", rule.nonResourceURLs],
    ["Verbs", rule.verbs],
  ] as const;
  const shown = parts.flatMap(([name, values]) =>
    values && values.length > 0 ? [`${name}:[${values.map((value) => JSON.stringify(value)).join(", ")}]`] : [],
  );
  return `{${shown.join(", ")}}`;
}

/** One rule for every verb, group, resource and name, so that several rules may cover it together. */
function breakDown(rule: PolicyRule): readonly PolicyRule[] {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [], verbs } = rule;
  const names = resourceNames.length === 0 ? [undefined] : resourceNames;
  const onResources = apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) =>
        names.map((name) => ({
          apiGroups: [group],
          resources: [resource],
          verbs: [verb],
          ...(name === undefined ? {} : { resourceNames: [name] }),
        })),
      ),
    ),
  );
  const onUrls = nonResourceURLs.flatMap((url) => verbs.map((verb) => ({ nonResourceURLs: [url], verbs: [verb] })));
  return [...onResources, ...onUrls];
}

function ruleCovers(rule: PolicyRule, wanted: PolicyRule): boolean {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [], verbs } = wanted;
  return (
    verbs.every((verb) => has(rule.verbs, verb)) &&
    apiGroups.every((group) => has(rule.apiGroups, group)) &&
    resources.every((resource) => resourceCovered(rule.resources, resource)) &&
    namesCovered(rule.resourceNames, resourceNames) &&
    nonResourceURLs.every((url) => (rule.nonResourceURLs ?? []).some((held) => urlCovers(held, url)))
  );
}

const has = (values: readonly string[] | undefined, value: string): boolean =>
  values !== undefined && (values.includes("*") || values.includes(value));

/** `pods`, `pods/log`, `*`, or a wildcard for one subresource of everything: star, slash and its name. */
function resourceCovered(values: readonly string[] | undefined, wanted: string): boolean {
  if (has(values, wanted)) return true;
  const slash = wanted.indexOf("/");
  return slash !== -1 && values !== undefined && values.includes(`*${wanted.slice(slash)}`);
}

const nameCovered = (names: readonly string[] | undefined, name: string): boolean =>
  names === undefined || names.length === 0 || names.includes(name);

const namesCovered = (held: readonly string[] | undefined, wanted: readonly string[]): boolean =>
  held === undefined || held.length === 0 || (wanted.length > 0 && wanted.every((name) => held.includes(name)));

function urlCovers(held: string, wanted: string): boolean {
  if (held === "*" || held === wanted) return true;
  return held.endsWith("*") && wanted.replace(/\*+$/, "").startsWith(held.replace(/\*+$/, ""));
}
