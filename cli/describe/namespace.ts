import { limitRanges } from "../../api/core/limit-range.js";
import { resourceQuotas } from "../../api/core/resource-quota.js";
import type { AnyObject, Api } from "../api.js";
import { conditionsOf } from "../workload.js";
import type { Describer } from "./describer.js";
import type { Layout } from "./layout.js";
import { limitRows, writeQuota } from "./limits.js";

export const describeNamespace: Describer = async (layout, namespace, { api }) => {
  layout.line(0, `Name:\t${namespace.metadata.name}`);
  layout.map(0, "Labels", namespace.metadata.labels);
  layout.annotations(0, namespace);
  layout.line(0, `Status:\t${(namespace.status as { readonly phase?: string } | undefined)?.phase ?? ""}`);
  describeConditions(layout, namespace);
  await describeQuotas(layout, api, namespace.metadata.name);
  await describeLimits(layout, api, namespace.metadata.name);
};

function describeConditions(layout: Layout, namespace: AnyObject): void {
  const conditions = conditionsOf(namespace);
  if (conditions.length === 0) return;
  layout.line(0, "Conditions:");
  layout.line(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
  layout.line(1, "----\t------\t------------------\t------\t-------");
  for (const { type, status, lastTransitionTime, reason, message } of conditions) {
    layout.line(1, `${type}\t${status}\t${lastTransitionTime ?? ""}\t${reason ?? ""}\t${message ?? ""}`);
  }
}

async function describeQuotas(layout: Layout, api: Api, namespace: string | undefined): Promise<void> {
  const { items } = await api.list(resourceQuotas, namespace);
  layout.line(0, items.length === 0 ? "\nNo resource quota." : "\nResource Quotas");
  for (const quota of items) {
    layout.line(1, `Name:\t${quota.metadata.name}`);
    writeQuota(layout, 1, quota, "---");
  }
}

async function describeLimits(layout: Layout, api: Api, namespace: string | undefined): Promise<void> {
  const { items } = await api.list(limitRanges, namespace);
  if (items.length === 0) {
    layout.line(0, "\nNo LimitRange resource.");
    return;
  }
  layout.line(0, "\nResource Limits");
  const columns = "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio";
  layout.line(0, ` ${columns}`);
  layout.line(0, ` ${columns.replaceAll(/[^\t]/g, "-")}`);
  for (const row of items.flatMap(limitRows)) layout.line(0, ` ${row}`);
}
