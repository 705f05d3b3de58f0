import type { AnyObject } from "../api.js";
import type { PodSpecView } from "../workload.js";
import { type ContainerSpec, describeContainers } from "./containers.js";
import { Layout } from "./layout.js";
import { describeVolumes, type Volume } from "./volumes.js";

interface Template {
  readonly metadata?: AnyObject["metadata"];
  readonly spec?: PodSpecView & {
    readonly serviceAccountName?: string;
    readonly volumes?: readonly Volume[];
    readonly nodeSelector?: Readonly<Record<string, string>>;
    readonly tolerations?: readonly Toleration[];
    readonly priorityClassName?: string;
  };
}
export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
  readonly tolerationSeconds?: number;
}

/** A pod template by itself (a revision); kubectl leaves its columns unaligned. */
export function describeTemplate(template: Template): string {
  const layout = new Layout();
  writeTemplate(layout, template);
  return layout.raw;
}

export function writeTemplate(layout: Layout, { metadata = {}, spec }: Template): void {
  layout.line(0, "Pod Template:");
  layout.map(1, "Labels", metadata.labels);
  if (Object.keys(metadata.annotations ?? {}).length > 0) layout.annotations(1, { metadata });
  if (!spec) return;
  layout.given(1, "Service Account", spec.serviceAccountName);
  if (spec.initContainers?.length)
    describeContainers(layout, 1, "Init Containers", spec.initContainers as readonly ContainerSpec[], undefined);
  describeContainers(layout, 1, "Containers", spec.containers as readonly ContainerSpec[], undefined);
  describeVolumes(layout, 1, spec.volumes ?? []);
  layout.given(1, "Priority Class Name", spec.priorityClassName);
  layout.map(1, "Node-Selectors", spec.nodeSelector);
  layout.lines(1, "Tolerations", (spec.tolerations ?? []).map(tolerationText));
}

export function tolerationText({ key = "", operator, value, effect, tolerationSeconds }: Toleration): string {
  const what = `${key}${value ? `=${value}` : ""}${effect ? `:${effect}` : ""}`;
  const how = operator === "Exists" && !value ? (key === "" && !effect ? "op=Exists" : " op=Exists") : "";
  return `${what}${how}${tolerationSeconds === undefined ? "" : ` for ${tolerationSeconds}s`}`;
}
