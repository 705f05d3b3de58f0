import { replicaSets } from "../../api/apps/replicaset.js";
import type { AnyObject } from "../api.js";
import { conditionsOf, selectorOfWorkload } from "../workload.js";
import type { Describer } from "./describer.js";
import { selectorText, timeText } from "./layout.js";
import { writeTemplate } from "./pod-template.js";

interface DeploymentView {
  readonly spec?: {
    readonly replicas?: number;
    readonly selector?: unknown;
    readonly paused?: boolean;
    readonly minReadySeconds?: number;
    readonly strategy?: {
      readonly type?: string;
      readonly rollingUpdate?: { readonly maxUnavailable?: unknown; readonly maxSurge?: unknown };
    };
    readonly template?: object;
  };
  readonly status?: {
    readonly updatedReplicas?: number;
    readonly replicas?: number;
    readonly availableReplicas?: number;
    readonly unavailableReplicas?: number;
  };
}
interface ReplicaSetView {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly replicas?: number };
}

const revision = "deployment.kubernetes.io/revision";

export const describeDeployment: Describer = async (layout, deployment, { api }) => {
  const { spec = {}, status = {} } = deployment as unknown as DeploymentView;
  const { metadata } = deployment;
  layout.line(0, `Name:\t${metadata.name}`);
  layout.line(0, `Namespace:\t${metadata.namespace}`);
  layout.line(0, `CreationTimestamp:\t${timeText(metadata.creationTimestamp)}`);
  layout.map(0, "Labels", metadata.labels);
  layout.annotations(0, deployment);
  layout.line(0, `Selector:\t${selectorText(spec.selector)}`);
  const counts = [
    [spec.replicas ?? 1, "desired"],
    [status.updatedReplicas ?? 0, "updated"],
    [status.replicas ?? 0, "total"],
    [status.availableReplicas ?? 0, "available"],
    [status.unavailableReplicas ?? 0, "unavailable"],
  ];
  layout.line(0, `Replicas:\t${counts.map(([count, what]) => `${count} ${what}`).join(" | ")}`);
  layout.line(0, `StrategyType:\t${spec.strategy?.type ?? ""}`);
  layout.line(0, `MinReadySeconds:\t${spec.minReadySeconds ?? 0}`);
  const rolling = spec.strategy?.rollingUpdate;
  if (rolling)
    layout.line(0, `RollingUpdateStrategy:\t${rolling.maxUnavailable} max unavailable, ${rolling.maxSurge} max surge`);
  writeTemplate(layout, spec.template ?? {});
  const conditions = conditionsOf(deployment);
  if (conditions.length > 0) {
    layout.line(0, "Conditions:\n  Type\tStatus\tReason");
    layout.line(1, "----\t------\t------");
    for (const { type, status: value, reason } of conditions) layout.line(1, `${type} \t${value}\t${reason ?? ""}`);
  }
  const { items } = await api.list(replicaSets, metadata.namespace, { labelSelector: selectorOfWorkload(deployment) });
  const owned = items.filter((one) => one.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid));
  const current = owned.find((one) => one.metadata.annotations?.[revision] === metadata.annotations?.[revision]);
  const old = owned.filter((one) => one !== current);
  layout.line(0, `OldReplicaSets:\t${old.map(replicaSetText).join(", ") || "<none>"}`);
  layout.line(0, `NewReplicaSet:\t${current ? replicaSetText(current) : "<none>"}`);
};

function replicaSetText(replicaSet: AnyObject): string {
  const { spec = {}, status = {} } = replicaSet as unknown as ReplicaSetView;
  return `${replicaSet.metadata.name} (${status.replicas ?? 0}/${spec.replicas ?? 0} replicas created)`;
}
