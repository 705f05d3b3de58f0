import type { AnyObject } from "./api.js";

/** The parts of a pod's spec that commands look at. */
export interface PodSpecView {
  readonly nodeName?: string;
  readonly containers: readonly ContainerView[];
  readonly initContainers?: readonly ContainerView[];
  readonly ephemeralContainers?: readonly ContainerView[];
  readonly volumes?: readonly { readonly name: string; readonly emptyDir?: unknown }[];
  readonly [field: string]: unknown;
}
export interface ContainerView {
  readonly name: string;
  readonly image?: string;
  readonly env?: readonly EnvView[];
  readonly [field: string]: unknown;
}
export interface EnvView {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: unknown;
}

type Json = Readonly<Record<string, unknown>>;
const isMap = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (current, name) => (isMap(current) && Object.hasOwn(current, name) ? current[name] : undefined),
    value,
  );

/** Where an object keeps the spec of its pods: found by shape, so that it holds for kinds made at run time too. */
export function podSpecPath(object: AnyObject): readonly string[] | undefined {
  return [
    ["spec", "jobTemplate", "spec", "template", "spec"],
    ["spec", "template", "spec"],
    ["spec"],
    ["template", "spec"],
  ].find((path) => Array.isArray(at(object, [...path, "containers"])));
}

export function podSpecOf(object: AnyObject): PodSpecView | undefined {
  const path = podSpecPath(object);
  return path && (at(object, path) as PodSpecView);
}

/** The object with its pods' spec changed. */
export function withPodSpec(object: AnyObject, change: (spec: PodSpecView) => PodSpecView): AnyObject {
  const path = podSpecPath(object);
  if (!path) return object;
  const put = (value: Json, [name = "", ...rest]: readonly string[]): Json => ({
    ...value,
    [name]: rest.length === 0 ? change(value[name] as PodSpecView) : put((value[name] ?? {}) as Json, rest),
  });
  return put(object as Json, path) as AnyObject;
}

/** The label selector of a workload as query text; undefined where it has none. */
export function selectorOfWorkload(object: AnyObject): string | undefined {
  const selector = at(object, ["spec", "selector"]);
  if (!isMap(selector)) return undefined;
  const structured = "matchLabels" in selector || "matchExpressions" in selector;
  const labels = structured ? (selector.matchLabels ?? {}) : selector;
  const equal = Object.entries(labels as Record<string, string>).map(([key, value]) => `${key}=${value}`);
  const expressions = structured ? ((selector.matchExpressions ?? []) as readonly Expression[]) : [];
  const terms = [...equal, ...expressions.map(expressionText)];
  return terms.length === 0 ? undefined : terms.join(",");
}

interface Expression {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

function expressionText({ key, operator, values = [] }: Expression): string {
  switch (operator) {
    case "In":
      return `${key} in (${values.join(",")})`;
    case "NotIn":
      return `${key} notin (${values.join(",")})`;
    case "Exists":
      return key;
    default:
      return `!${key}`;
  }
}

export const conditionsOf = (object: AnyObject): readonly Condition[] => {
  const conditions = at(object, ["status", "conditions"]);
  return Array.isArray(conditions) ? (conditions as readonly Condition[]) : [];
};
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly observedGeneration?: number;
  readonly lastTransitionTime?: string;
  readonly lastHeartbeatTime?: string;
  readonly lastUpdateTime?: string;
}
