import type { AnyObject } from "../api.js";
import type { Describer } from "./describer.js";
import type { Layout } from "./layout.js";
import { canonicalOrder } from "./order.js";

type Amounts = Readonly<Record<string, string>>;
interface Limit {
  readonly type: string;
  readonly min?: Amounts;
  readonly max?: Amounts;
  readonly default?: Amounts;
  readonly defaultRequest?: Amounts;
  readonly maxLimitRequestRatio?: Amounts;
}

export const describeLimitRange: Describer = (layout, range) => {
  const { metadata } = range;
  layout.line(0, `Name:\t${metadata.name}`);
  layout.line(0, `Namespace:\t${metadata.namespace}`);
  layout.line(0, "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio");
  layout.line(0, "----\t--------\t---\t---\t---------------\t-------------\t-----------------------");
  for (const row of limitRows(range)) layout.line(0, row);
};

/** A row for each resource that a limit speaks of. */
export const limitRows = ({ spec }: AnyObject): readonly string[] =>
  ((spec as { readonly limits?: readonly Limit[] } | undefined)?.limits ?? []).flatMap((limit) => {
    const columns = [limit.min, limit.max, limit.defaultRequest, limit.default, limit.maxLimitRequestRatio];
    const names = new Set(columns.flatMap((amounts) => Object.keys(amounts ?? {})));
    return canonicalOrder(names).map((name) =>
      [limit.type, name, ...columns.map((amounts) => amounts?.[name] ?? "-")].join("\t"),
    );
  });

export const describeResourceQuota: Describer = (layout, quota) => {
  layout.line(0, `Name:\t${quota.metadata.name}`);
  layout.line(0, `Namespace:\t${quota.metadata.namespace}`);
  writeQuota(layout, 0, quota, "----");
};

/** What is counted, and how much of it is used. */
export function writeQuota(layout: Layout, level: number, { spec, status }: AnyObject, line: string): void {
  const { scopes = [] } = (spec ?? {}) as { readonly scopes?: readonly string[] };
  const { used = {}, hard = {} } = (status ?? {}) as { readonly used?: Amounts; readonly hard?: Amounts };
  if (scopes.length > 0) layout.line(level, `Scopes:\t${scopes.toSorted().join(", ")}`);
  layout.line(level, "Resource\tUsed\tHard");
  layout.line(level, `--------\t${line}\t${line}`);
  for (const name of canonicalOrder(Object.keys(hard)))
    layout.line(level, `${name}\t${used[name] ?? "0"}\t${hard[name]}`);
}
