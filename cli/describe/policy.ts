import type { AnyObject } from "../api.js";
import { conditionsOf } from "../workload.js";
import type { Describer } from "./describer.js";
import { selectorText, timeText } from "./layout.js";

export const describeDisruptionBudget: Describer = (layout, budget) => {
  const spec = (budget.spec ?? {}) as {
    readonly minAvailable?: unknown;
    readonly maxUnavailable?: unknown;
    readonly selector?: unknown;
  };
  const status = (budget.status ?? {}) as Readonly<Record<string, number | undefined>>;
  layout.line(0, `Name:\t${budget.metadata.name}`);
  layout.line(0, `Namespace:\t${budget.metadata.namespace}`);
  if (spec.minAvailable !== undefined) layout.line(0, `Min available:\t${spec.minAvailable}`);
  else if (spec.maxUnavailable !== undefined) layout.line(0, `Max unavailable:\t${spec.maxUnavailable}`);
  layout.line(0, `Selector:\t${spec.selector ? selectorText(spec.selector) : "<unset>"}`);
  layout.line(0, "Status:");
  layout.line(2, `Allowed disruptions:\t${status.disruptionsAllowed ?? 0}`);
  layout.line(2, `Current:\t${status.currentHealthy ?? 0}`);
  layout.line(2, `Desired:\t${status.desiredHealthy ?? 0}`);
  layout.line(2, `Total:\t${status.expectedPods ?? 0}`);
};

interface Metric {
  readonly type: string;
  readonly resource?: { readonly name: string; readonly target?: Target; readonly current?: Target };
  readonly containerResource?: {
    readonly name: string;
    readonly container: string;
    readonly target?: Target;
    readonly current?: Target;
  };
  readonly pods?: { readonly metric: { readonly name: string }; readonly target?: Target; readonly current?: Target };
}
interface Target {
  readonly averageUtilization?: number;
  readonly averageValue?: string;
  readonly value?: string;
}

export const describeAutoscaler: Describer = (layout, autoscaler) => {
  const spec = (autoscaler.spec ?? {}) as {
    readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string };
    readonly minReplicas?: number;
    readonly maxReplicas?: number;
    readonly metrics?: readonly Metric[];
  };
  const status = (autoscaler.status ?? {}) as {
    readonly currentReplicas?: number;
    readonly desiredReplicas?: number;
    readonly currentMetrics?: readonly Metric[];
  };
  const { metadata } = autoscaler;
  layout.line(0, `Name:\t${metadata.name}`);
  layout.line(0, `Namespace:\t${metadata.namespace}`);
  layout.map(0, "Labels", metadata.labels);
  layout.annotations(0, autoscaler);
  layout.line(0, `CreationTimestamp:\t${timeText(metadata.creationTimestamp)}`);
  layout.line(0, `Reference:\t${spec.scaleTargetRef?.kind}/${spec.scaleTargetRef?.name}`);
  layout.line(0, "Metrics:\t( current / target )");
  (spec.metrics ?? []).forEach((metric, index) => {
    layout.line(1, metricText(metric, status.currentMetrics?.[index]));
  });
  layout.line(0, `Min replicas:\t${spec.minReplicas ?? "<unset>"}`);
  layout.line(0, `Max replicas:\t${spec.maxReplicas ?? 0}`);
  layout.line(
    0,
    `${spec.scaleTargetRef?.kind} pods:\t${status.currentReplicas ?? 0} current / ${status.desiredReplicas ?? 0} desired`,
  );
  const conditions = conditionsOf(autoscaler);
  if (conditions.length === 0) return;
  layout.line(0, "Conditions:\n  Type\tStatus\tReason\tMessage");
  layout.line(1, "----\t------\t------\t-------");
  for (const { type, status: value, reason = "", message = "" } of conditions)
    layout.line(1, [type, value, reason, message].join("\t"));
};

function metricText({ type, resource, containerResource, pods }: Metric, now: Metric | undefined): string {
  const own = resource ?? containerResource;
  const seen = now?.resource ?? now?.containerResource;
  if (own) {
    const of = containerResource ? ` of container ${JSON.stringify(containerResource.container)}` : "";
    const { averageUtilization, averageValue } = own.target ?? {};
    if (averageUtilization !== undefined) {
      const current = seen?.current?.averageUtilization;
      const shown = current === undefined ? "<unknown>" : `${current}% (${seen?.current?.averageValue ?? "0"})`;
      return `resource ${own.name}${of} on pods  (as a percentage of request):\t${shown} / ${averageUtilization}%`;
    }
    return `resource ${own.name}${of} on pods:\t${seen?.current?.averageValue ?? "<unknown>"} / ${averageValue ?? "<auto>"}`;
  }
  if (pods)
    return `${JSON.stringify(pods.metric.name)} on pods:\t${now?.pods?.current?.averageValue ?? "<unknown>"} / ${pods.target?.averageValue ?? "<auto>"}`;
  return `${type}:\t<unknown>`;
}

export const describeSigningRequest: Describer = (layout, request: AnyObject) => {
  const spec = (request.spec ?? {}) as {
    readonly signerName?: string;
    readonly username?: string;
    readonly groups?: readonly string[];
    readonly uid?: string;
    readonly expirationSeconds?: number;
    readonly usages?: readonly string[];
  };
  const { certificate } = (request.status ?? {}) as { readonly certificate?: string };
  const types = conditionsOf(request).map(({ type }) => type);
  const verdict = [
    types.includes("Denied") ? "Denied" : types.includes("Approved") ? "Approved" : "Pending",
    ...(types.includes("Failed") ? ["Failed"] : []),
    ...(certificate ? ["Issued"] : []),
  ];
  layout.line(0, `Name:\t${request.metadata.name}`);
  layout.map(0, "Labels", request.metadata.labels);
  layout.annotations(0, request);
  layout.line(0, `CreationTimestamp:\t${timeText(request.metadata.creationTimestamp)}`);
  layout.line(0, `Requesting User:\t${spec.username ?? ""}`);
  if (spec.signerName) layout.line(0, `Signer:\t${spec.signerName}`);
  if (spec.expirationSeconds !== undefined) layout.line(0, `Requested Duration:\t${spec.expirationSeconds}s`);
  layout.line(0, `Status:\t${verdict.join(",")}`);
};

export const describePriorityClass: Describer = (layout, object) => {
  const {
    value,
    globalDefault = false,
    preemptionPolicy,
    description = "",
  } = object as unknown as {
    readonly value?: number;
    readonly globalDefault?: boolean;
    readonly preemptionPolicy?: string;
    readonly description?: string;
  };
  const pairs = Object.entries(object.metadata.annotations ?? {});
  layout.line(0, `Name:\t${object.metadata.name}`);
  layout.line(0, `Value:\t${value ?? 0}`);
  layout.line(0, `GlobalDefault:\t${globalDefault}`);
  layout.line(0, `PreemptionPolicy:\t${preemptionPolicy ?? "PreemptLowerPriority"}`);
  layout.line(0, `Description:\t${description}`);
  layout.line(0, `Annotations:\t${pairs.map(([key, text]) => `${key}=${text}`).join(",") || "<none>"}`);
};
