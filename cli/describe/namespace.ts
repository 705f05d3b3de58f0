import { conditionsOf } from "../workload.js";
import type { Describer } from "./describer.js";

export const describeNamespace: Describer = (layout, namespace) => {
  layout.line(0, `Name:\t${namespace.metadata.name}`);
  layout.map(0, "Labels", namespace.metadata.labels);
  layout.annotations(0, namespace);
  layout.line(0, `Status:\t${(namespace.status as { readonly phase?: string } | undefined)?.phase ?? ""}`);
  const conditions = conditionsOf(namespace);
  if (conditions.length === 0) return;
  layout.line(0, "Conditions:");
  layout.line(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
  layout.line(1, "----\t------\t------------------\t------\t-------");
  for (const { type, status, lastTransitionTime, reason, message } of conditions) {
    layout.line(1, `${type}\t${status}\t${lastTransitionTime ?? ""}\t${reason ?? ""}\t${message ?? ""}`);
  }
};
