import type { PolicyRule } from "../../api/rbac/policy-rule.js";
import type { Attributes } from "./authorizer.js";

/** Pure rules of RBAC: what a policy rule allows, and which rules lie within which others. */

export function ruleAllows(rule: PolicyRule, { verb, path, resource }: Omit<Attributes, "user">): boolean {
  if (!hasOrAll(rule.verbs, verb)) return false;
  if (!resource) return (rule.nonResourceURLs ?? []).some((pattern) => urlMatches(pattern, path));
  const { group, plural, subresource, name } = resource;
  return (
    hasOrAll(rule.apiGroups, group) &&
    (rule.resources ?? []).some((pattern) => resourceMatches(pattern, plural, subresource)) &&
    (rule.resourceNames === undefined || rule.resourceNames.length === 0 || rule.resourceNames.includes(name))
  );
}

const hasOrAll = (values: readonly string[] | undefined, wanted: string): boolean =>
  values?.some((value) => value === "*" || value === wanted) ?? false;

function resourceMatches(pattern: string, plural: string, subresource: string): boolean {
  if (pattern === "*") return true;
  if (subresource === "") return pattern === plural;
  return pattern === `${plural}/${subresource}` || pattern === `*/${subresource}`;
}

const urlMatches = (pattern: string, path: string): boolean =>
  pattern === "*" || pattern === path || (pattern.endsWith("*") && path.startsWith(pattern.slice(0, -1)));

/** The parts of `wanted` that `held` does not cover, as small rules; empty when nothing is missing. */
export function missingFrom(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  const missing: PolicyRule[] = [];
  let parts = 0;
  for (const rule of wanted) {
    if (held.some((one) => covers(one, rule))) continue;
    for (const part of partsOf(rule)) {
      if (++parts > coverMaxParts) return [...missing, rule];
      if (!held.some((one) => covers(one, part))) missing.push(part);
    }
  }
  return missing;
}

/** A rule that is held in more pieces than this is taken for not held. */
const coverMaxParts = 20_000;

/** One rule covers all of another. */
function covers(held: PolicyRule, wanted: PolicyRule): boolean {
  if (!wanted.verbs.every((verb) => hasOrAll(held.verbs, verb))) return false;
  const urls = wanted.nonResourceURLs ?? [];
  const resources = wanted.resources ?? [];
  if (urls.length > 0 && !urls.every((url) => (held.nonResourceURLs ?? []).some((one) => urlCovers(one, url))))
    return false;
  if (resources.length === 0) return urls.length > 0;
  const names = wanted.resourceNames ?? [];
  const heldNames = held.resourceNames ?? [];
  return (
    (wanted.apiGroups ?? []).every((group) => hasOrAll(held.apiGroups, group)) &&
    resources.every((resource) => (held.resources ?? []).some((one) => resourceCovers(one, resource))) &&
    (heldNames.length === 0 || (names.length > 0 && names.every((name) => heldNames.includes(name))))
  );
}

function resourceCovers(held: string, wanted: string): boolean {
  if (held === "*" || held === wanted) return true;
  const slash = wanted.indexOf("/");
  return slash > 0 && held === `*${wanted.slice(slash)}`;
}

const urlCovers = (held: string, wanted: string): boolean =>
  held === "*" ||
  held === wanted ||
  (held.endsWith("*") && (wanted.endsWith("*") ? wanted.slice(0, -1) : wanted).startsWith(held.slice(0, -1)));

/** The smallest rules that together say the same. */
function* partsOf(rule: PolicyRule): Iterable<PolicyRule> {
  for (const verb of rule.verbs) {
    for (const url of rule.nonResourceURLs ?? []) yield { verbs: [verb], nonResourceURLs: [url] };
    for (const group of rule.apiGroups ?? [])
      for (const resource of rule.resources ?? []) {
        const part = { verbs: [verb], apiGroups: [group], resources: [resource] };
        const names = rule.resourceNames ?? [];
        if (names.length === 0) yield part;
        for (const name of names) yield { ...part, resourceNames: [name] };
      }
  }
}

/** Merges rules that differ in their verbs alone. */
export function compactRules(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  const byRest = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const { verbs, ...rest } = rule;
    const key = JSON.stringify([rest.apiGroups, rest.resources, rest.resourceNames, rest.nonResourceURLs]);
    const found = byRest.get(key);
    byRest.set(key, found ? { ...found, verbs: [...new Set([...found.verbs, ...verbs])] } : rule);
  }
  return [...byRest.values()];
}

/** `{APIGroups:["apps"], Resources:["deployments"], Verbs:["get" "list"]}`, as Kubernetes shows a rule in a message. */
export function describeRule(rule: PolicyRule): string {
  const parts: readonly (readonly [string, readonly string[] | undefined])[] = [
    ["APIGroups", rule.apiGroups],
    ["Resources", rule.resources],
    ["NonResourceURLs", rule.nonResourceURLs],
    ["ResourceNames", rule.resourceNames],
    ["Verbs", rule.verbs],
  ];
  const shown = parts
    .filter(([, values]) => values !== undefined && values.length > 0)
    .map(([title, values]) => `${title}:${describeList(values ?? [])}`);
  return `{${shown.join(", ")}}`;
}

/** `["a" "b"]` */
export const describeList = (values: readonly string[]): string =>
  `[${values.map((value) => JSON.stringify(value)).join(" ")}]`;
