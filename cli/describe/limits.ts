import type { Describer } from "./describer.js";
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

export const describeLimitRange: Describer = (layout, { metadata, spec }) => {
  layout.line(0, `Name:\t${metadata.name}`);
  layout.line(0, `Namespace:\t${metadata.namespace}`);
  layout.line(0, "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio");
  layout.line(0, "----\t--------\t---\t---\t---------------\t-------------\t-----------------------");
  for (const limit of (spec as { readonly limits?: readonly Limit[] }).limits ?? []) {
    const columns = [limit.min, limit.max, limit.defaultRequest, limit.default, limit.maxLimitRequestRatio];
    const names = new Set(columns.flatMap((amounts) => Object.keys(amounts ?? {})));
    for (const name of canonicalOrder(names))
      layout.line(0, [limit.type, name, ...columns.map((amounts) => amounts?.[name] ?? "-")].join("\t"));
  }
};

export const describeResourceQuota: Describer = (layout, { metadata, spec, status }) => {
  const { hard = {}, scopes = [] } = (spec ?? {}) as { readonly hard?: Amounts; readonly scopes?: readonly string[] };
  const { used = {}, hard: kept = {} } = (status ?? {}) as { readonly used?: Amounts; readonly hard?: Amounts };
  layout.line(0, `Name:\t${metadata.name}`);
  layout.line(0, `Namespace:\t${metadata.namespace}`);
  if (scopes.length > 0) layout.line(0, `Scopes:\t${scopes.toSorted().join(", ")}`);
  layout.line(0, "Resource\tUsed\tHard");
  layout.line(0, "--------\t----\t----");
  const shown = Object.keys(kept).length > 0 ? kept : hard;
  for (const name of canonicalOrder(Object.keys(shown)))
    layout.line(0, `${name}\t${used[name] ?? "0"}\t${shown[name]}`);
};
