import { pods } from "../../api/core/pod/pod.js";
import { conditionsOf, selectorOfWorkload } from "../workload.js";
import type { Describer } from "./describer.js";
import { controllerOf, selectorText } from "./layout.js";
import { writeTemplate } from "./pod-template.js";

interface ReplicaSetView {
  readonly spec?: { readonly replicas?: number; readonly selector?: unknown; readonly template?: object };
  readonly status?: { readonly replicas?: number };
}

export const describeReplicaSet: Describer = async (layout, replicaSet, { api }) => {
  const { spec = {}, status = {} } = replicaSet as unknown as ReplicaSetView;
  const { metadata } = replicaSet;
  layout.line(0, `Name:\t${metadata.name}`);
  layout.line(0, `Namespace:\t${metadata.namespace}`);
  layout.line(0, `Selector:\t${selectorText(spec.selector)}`);
  layout.map(0, "Labels", metadata.labels);
  layout.annotations(0, replicaSet);
  layout.given(0, "Controlled By", controllerOf(replicaSet));
  layout.line(0, `Replicas:\t${status.replicas ?? 0} current / ${spec.replicas ?? 0} desired`);
  const { items } = await api.list(pods, metadata.namespace, { labelSelector: selectorOfWorkload(replicaSet) });
  const owned = items.filter((pod) => pod.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid));
  const inPhase = (phase: string): number =>
    owned.filter((pod) => (pod.status as { readonly phase?: string } | undefined)?.phase === phase).length;
  layout.line(
    0,
    `Pods Status:\t${inPhase("Running")} Running / ${inPhase("Pending")} Waiting / ${inPhase("Succeeded")} Succeeded / ${inPhase("Failed")} Failed`,
  );
  writeTemplate(layout, spec.template ?? {});
  const conditions = conditionsOf(replicaSet);
  if (conditions.length === 0) return;
  layout.line(0, "Conditions:\n  Type\tStatus\tReason");
  layout.line(1, "----\t------\t------");
  for (const { type, status: value, reason } of conditions) layout.line(1, `${type} \t${value}\t${reason ?? ""}`);
};
