import type { AnyObject } from "../../api.js";
import { conditionsOf } from "../../workload.js";

/** How far a roll-out is: what to say, and whether it is over. */
export interface Progress {
  readonly message: string;
  readonly done: boolean;
  readonly failed?: boolean;
}

interface WorkloadView {
  readonly spec?: {
    readonly replicas?: number;
    readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number } };
  };
  readonly status?: Readonly<Record<string, number | string | undefined>>;
}

/** By kind; one more is a line here. */
export const progressViewers: Readonly<Record<string, (object: AnyObject) => Progress>> = {
  "Deployment.apps": deploymentProgress,
  "DaemonSet.apps": daemonSetProgress,
  "StatefulSet.apps": statefulSetProgress,
};

const view = (object: AnyObject): WorkloadView => object as unknown as WorkloadView;
const number = (value: number | string | undefined): number => (typeof value === "number" ? value : 0);

const isBehind = (object: AnyObject): boolean =>
  (object.metadata.generation ?? 0) > number(view(object).status?.observedGeneration);

export function deploymentProgress(object: AnyObject): Progress {
  const name = JSON.stringify(object.metadata.name);
  if (isBehind(object)) return waiting("Waiting for deployment spec update to be observed...");
  const progressing = conditionsOf(object).find(({ type }) => type === "Progressing");
  if (progressing?.reason === "ProgressDeadlineExceeded") {
    return { message: `deployment ${name} exceeded its progress deadline`, done: false, failed: true };
  }
  const { spec, status = {} } = view(object);
  const updated = number(status.updatedReplicas);
  const wanted = spec?.replicas ?? 1;
  const start = `Waiting for deployment ${name} rollout to finish:`;
  if (updated < wanted) return waiting(`${start} ${updated} out of ${wanted} new replicas have been updated...`);
  const old = number(status.replicas) - updated;
  if (old > 0) return waiting(`${start} ${old} old replicas are pending termination...`);
  const available = number(status.availableReplicas);
  if (available < updated) return waiting(`${start} ${available} of ${updated} updated replicas are available...`);
  return { message: `deployment ${name} successfully rolled out`, done: true };
}

function daemonSetProgress(object: AnyObject): Progress {
  const name = JSON.stringify(object.metadata.name);
  if (isBehind(object)) return waiting("Waiting for daemon set spec update to be observed...");
  const { status = {} } = view(object);
  const wanted = number(status.desiredNumberScheduled);
  const updated = number(status.updatedNumberScheduled);
  const available = number(status.numberAvailable);
  const start = `Waiting for daemon set ${name} rollout to finish:`;
  if (updated < wanted) return waiting(`${start} ${updated} out of ${wanted} new pods have been updated...`);
  if (available < wanted) return waiting(`${start} ${available} of ${wanted} updated pods are available...`);
  return { message: `daemon set ${name} successfully rolled out`, done: true };
}

function statefulSetProgress(object: AnyObject): Progress {
  const { spec, status = {} } = view(object);
  if (spec?.updateStrategy?.type === "OnDelete") {
    return { message: "rollout status is only available for RollingUpdate strategy type", done: false, failed: true };
  }
  if (number(status.observedGeneration) === 0 || isBehind(object)) {
    return waiting("Waiting for statefulset spec update to be observed...");
  }
  const wanted = spec?.replicas ?? 1;
  const missing = wanted - number(status.readyReplicas);
  if (missing > 0) return waiting(`Waiting for ${missing} pods to be ready...`);
  const updated = number(status.updatedReplicas);
  const partition = spec?.updateStrategy?.rollingUpdate?.partition;
  if (partition) {
    const due = wanted - partition;
    return updated < due
      ? waiting(`Waiting for partitioned roll out to finish: ${updated} out of ${due} new pods have been updated...`)
      : { message: `partitioned roll out complete: ${updated} new pods have been updated...`, done: true };
  }
  const { updateRevision = "", currentRevision } = status;
  if (updateRevision !== currentRevision) {
    return waiting(
      `waiting for statefulset rolling update to complete ${updated} pods at revision ${updateRevision}...`,
    );
  }
  return {
    message: `statefulset rolling update complete ${number(status.currentReplicas)} pods at revision ${currentRevision ?? ""}...`,
    done: true,
  };
}

const waiting = (message: string): Progress => ({ message, done: false });
