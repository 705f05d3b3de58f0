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
export function uncovered(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  const missing: PolicyRule[] = [];
  let permissions = 0;
  for (const rule of wanted) {
    if (grantsSomething(rule) && held.some((one) => ruleCovers(one, rule))) continue;
    for (const permission of breakDown(rule)) {
      if (++permissions > permissionsMax) return [...missing, rule];
      if (!held.some((one) => ruleCovers(one, permission))) missing.push(permission);
    }
  }
  return missing;
}

/** What is held only in more pieces than this counts as not held: lists multiply, and a rule may have four long ones. */
const permissionsMax = 20_000;

const grantsSomething = ({ resources = [], nonResourceURLs = [] }: PolicyRule): boolean =>
  resources.length + nonResourceURLs.length > 0;

/** Merges rules that differ in their verbs alone. */
export function compactRules(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  const merged = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const { apiGroups, resources, resourceNames, nonResourceURLs, verbs } = rule;
    const key = JSON.stringify([apiGroups, resources, resourceNames, nonResourceURLs]);
    const found = merged.get(key);
    merged.set(key, found ? { ...found, verbs: [...new Set([...found.verbs, ...verbs])] } : rule);
  }
  return [...merged.values()];
}

/** As the API server writes a rule into a refusal: `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`. */
export function formatRule(rule: PolicyRule): string {
  const parts = [
    ["APIGroups", rule.apiGroups],
    ["Resources", rule.resources],
    ["NonResourceURLs", rule.nonResourceURLs],
    ["ResourceNames", rule.resourceNames],
    ["Verbs", rule.verbs],
  ] as const;
  const shown = parts.flatMap(([name, values]) =>
    values && values.length > 0 ? [`${name}:${formatNames(values)}`] : [],
  );
  return `{${shown.join(", ")}}`;
}

/** `["a" "b"]` */
export const formatNames = (names: readonly string[]): string =>
  `[${names.map((name) => JSON.stringify(name)).join(" ")}]`;

/** One rule for every verb, group, resource and name, so that several rules may cover it together. */
function* breakDown(rule: PolicyRule): Iterable<PolicyRule> {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [], verbs } = rule;
  for (const verb of verbs) {
    for (const url of nonResourceURLs) yield { nonResourceURLs: [url], verbs: [verb] };
    for (const group of apiGroups)
      for (const resource of resources) {
        const permission = { apiGroups: [group], resources: [resource], verbs: [verb] };
        if (resourceNames.length === 0) yield permission;
        for (const name of resourceNames) yield { ...permission, resourceNames: [name] };
      }
  }
}

function ruleCovers(rule: PolicyRule, wanted: PolicyRule): boolean {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [], verbs } = wanted;
  return (
    verbs.every((verb) => has(rule.verbs, verb)) &&
    apiGroups.every((group) => has(rule.apiGroups, group)) &&
    resources.every((resource) => resourceCovered(rule.resources, resource)) &&
    (resources.length === 0 || namesCovered(rule.resourceNames, resourceNames)) &&
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
