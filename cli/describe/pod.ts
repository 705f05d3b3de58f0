import { conditionsOf } from "../workload.js";
import { type ContainerSpec, type ContainerStatus, describeContainers } from "./containers.js";
import type { Describer } from "./describer.js";
import { controllerOf, timeText } from "./layout.js";
import { type Toleration, tolerationText } from "./pod-template.js";
import { describeVolumes, type Volume } from "./volumes.js";

interface PodView {
  readonly spec?: {
    readonly priority?: number;
    readonly priorityClassName?: string;
    readonly runtimeClassName?: string;
    readonly serviceAccountName?: string;
    readonly nodeName?: string;
    readonly containers?: readonly ContainerSpec[];
    readonly initContainers?: readonly ContainerSpec[];
    readonly volumes?: readonly Volume[];
    readonly nodeSelector?: Readonly<Record<string, string>>;
    readonly tolerations?: readonly Toleration[];
    readonly readinessGates?: readonly { readonly conditionType: string }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly hostIP?: string;
    readonly podIP?: string;
    readonly podIPs?: readonly { readonly ip?: string }[];
    readonly startTime?: string;
    readonly qosClass?: string;
    readonly nominatedNodeName?: string;
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

export const describePod: Describer = (layout, pod, { nowMs }) => {
  const { spec = {}, status = {} } = pod as unknown as PodView;
  const { metadata } = pod;
  layout.line(0, `Name:\t${metadata.name}`);
  layout.line(0, `Namespace:\t${metadata.namespace}`);
  layout.line(0, `Priority:\t${spec.priority ?? 0}`);
  layout.given(0, "Priority Class Name", spec.priorityClassName);
  layout.given(0, "Runtime Class Name", spec.runtimeClassName);
  layout.line(0, `Service Account:\t${spec.serviceAccountName ?? ""}`);
  layout.field(0, "Node", spec.nodeName ? `${spec.nodeName}/${status.hostIP ?? ""}` : undefined);
  layout.given(0, "Start Time", timeText(status.startTime));
  layout.map(0, "Labels", metadata.labels);
  layout.annotations(0, pod);
  if (metadata.deletionTimestamp) {
    const seconds = Math.max(0, Math.round((nowMs - Date.parse(metadata.deletionTimestamp)) / 1000));
    layout.line(0, `Status:\tTerminating (lasts ${seconds}s)`);
    layout.line(0, `Termination Grace Period:\t${metadata.deletionGracePeriodSeconds ?? 0}s`);
  } else layout.line(0, `Status:\t${status.phase ?? ""}`);
  layout.given(0, "Reason", status.reason);
  layout.given(0, "Message", status.message);
  layout.line(0, `IP:\t${status.podIP ?? ""}`);
  if (status.podIPs?.length) {
    layout.line(0, "IPs:");
    for (const { ip } of status.podIPs) layout.line(1, `IP:\t${ip ?? ""}`);
  } else layout.line(0, "IPs:\t<none>");
  layout.given(0, "Controlled By", controllerOf(pod));
  layout.given(0, "NominatedNodeName", status.nominatedNodeName);
  if (spec.initContainers?.length) {
    describeContainers(layout, 0, "Init Containers", spec.initContainers, status.initContainerStatuses ?? []);
  }
  describeContainers(layout, 0, "Containers", spec.containers ?? [], status.containerStatuses ?? []);
  const conditions = conditionsOf(pod);
  if (spec.readinessGates?.length) {
    layout.line(0, "Readiness Gates:\n  Type\tStatus");
    for (const { conditionType } of spec.readinessGates) {
      layout.line(1, `${conditionType}\t${conditions.find(({ type }) => type === conditionType)?.status ?? "<none>"} `);
    }
  }
  if (conditions.length > 0) {
    layout.line(0, "Conditions:\n  Type\tStatus");
    for (const { type, status: value } of conditions) layout.line(1, `${type} \t${value} `);
  }
  describeVolumes(layout, 0, spec.volumes ?? []);
  layout.line(0, `QoS Class:\t${status.qosClass ?? ""}`);
  layout.map(0, "Node-Selectors", spec.nodeSelector);
  layout.lines(0, "Tolerations", (spec.tolerations ?? []).map(tolerationText).sort());
};
