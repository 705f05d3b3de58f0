import { conditionsOf } from "../workload.js";
import type { Describer } from "./describer.js";
import { type Layout, timeText } from "./layout.js";

const head = (layout: Layout, { metadata }: Parameters<Describer>[1]): void => {
  layout.line(0, `Name:\t${metadata.name}`);
  layout.map(0, "Labels", metadata.labels);
  layout.annotations(0, { metadata });
};

export const describeIngressClass: Describer = (layout, object) => {
  const { controller = "", parameters } = (object.spec ?? {}) as {
    readonly controller?: string;
    readonly parameters?: { readonly apiGroup?: string; readonly kind: string; readonly name: string };
  };
  head(layout, object);
  layout.line(0, `Controller:\t${controller}`);
  if (!parameters) return;
  layout.line(0, "Parameters:");
  if (parameters.apiGroup !== undefined) layout.line(1, `APIGroup:\t${parameters.apiGroup}`);
  layout.line(1, `Kind:\t${parameters.kind}`);
  layout.line(1, `Name:\t${parameters.name}`);
};

export const describeServiceCidr: Describer = (layout, object) => {
  const { cidrs = [] } = (object.spec ?? {}) as { readonly cidrs?: readonly string[] };
  head(layout, object);
  layout.line(0, `CIDRs:\t${cidrs.join(", ")}`);
  const conditions = conditionsOf(object);
  if (conditions.length === 0) return;
  layout.line(0, "Status:\nConditions:");
  layout.line(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
  layout.line(1, "----\t------\t------------------\t------\t-------");
  for (const { type, status, lastTransitionTime, reason, message } of conditions)
    layout.line(1, `${type}\t${status}\t${timeText(lastTransitionTime)}\t${reason ?? ""}\t${message ?? ""}`);
};

export const describeIpAddress: Describer = (layout, object) => {
  const { parentRef = {} } = (object.spec ?? {}) as { readonly parentRef?: Readonly<Record<string, string>> };
  head(layout, object);
  layout.line(0, "Parent Reference:");
  for (const [title, field] of [
    ["Group", "group"],
    ["Resource", "resource"],
    ["Namespace", "namespace"],
    ["Name", "name"],
  ] as const)
    layout.line(1, `${title}:\t${parentRef[field] ?? ""}`);
};

export const describeCsiNode: Describer = (layout, object) => {
  const { drivers = [] } = (object.spec ?? {}) as {
    readonly drivers?: readonly {
      readonly name: string;
      readonly nodeID?: string;
      readonly topologyKeys?: readonly string[];
      readonly allocatable?: { readonly count?: number };
    }[];
  };
  head(layout, object);
  layout.line(0, `CreationTimestamp:\t${timeText(object.metadata.creationTimestamp)}`);
  layout.line(0, "Spec:");
  if (drivers.length === 0) return;
  layout.line(1, "Drivers:");
  for (const { name, nodeID = "", topologyKeys = [], allocatable } of drivers) {
    layout.line(2, `${name}:`);
    layout.line(3, `Node ID:\t${nodeID}`);
    if (allocatable?.count !== undefined) {
      layout.line(3, "Allocatables:");
      layout.line(4, `Count:\t${allocatable.count}`);
    }
    if (topologyKeys.length > 0) layout.line(3, `Topology Keys:\t[${topologyKeys.join(" ")}]`);
  }
};
