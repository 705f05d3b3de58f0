import { type Pod, pods } from "../../api/core/pod/pod.js";
import { type PriorityClass, priorityClasses } from "../../api/scheduling/priority-class.js";
import type { KubeObject } from "../../apimachinery/meta.js";
import type { Reads } from "../registry/reads.js";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.js";
import { isFor, objectOf, oldObjectOf, refusal } from "./subject.js";

/** A pod's priority follows from its class; at most one class is the default. */
export const priority: AdmissionPlugin = {
  name: "Priority",
  handles: (request) =>
    (request.operation === "CREATE" || request.operation === "UPDATE") &&
    (isFor(request, pods) || isFor(request, priorityClasses)),
  async mutate(request, reads): Promise<KubeObject> {
    const pod = objectOf(request, pods);
    if (!pod) return request.object;
    if (request.operation === "CREATE") return withPriority(request, pod, await classOf(request, pod, reads));
    // An author's copy of the pod need not repeat what was worked out at its creation.
    const old = oldObjectOf(request, pods);
    if (pod.spec.priority !== undefined || old?.spec.priority === undefined) return pod;
    const { priority: kept, preemptionPolicy = pod.spec.preemptionPolicy } = old.spec;
    const restored: Pod = {
      ...pod,
      spec: { ...pod.spec, priority: kept, ...(preemptionPolicy ? { preemptionPolicy } : {}) },
    };
    return restored;
  },
  validate(request, reads) {
    const asked = objectOf(request, priorityClasses);
    if (!asked?.globalDefault) return;
    for (const other of reads.list(priorityClasses, ""))
      if (other.globalDefault && other.metadata.name !== asked.metadata.name)
        throw refusal(request, `PriorityClass ${other.metadata.name} is already marked as globalDefault`);
  },
};

/** The class that the pod names, else the default one, if any. */
async function classOf(request: AdmissionRequest, pod: Pod, reads: Reads): Promise<PriorityClass | undefined> {
  const { priorityClassName: name } = pod.spec;
  if (name) {
    const found = reads.get(priorityClasses, "", name) ?? (await reads.getFresh(priorityClasses, "", name));
    if (!found) throw refusal(request, `no PriorityClass with name ${name} was found`);
    return found;
  }
  let lowest: PriorityClass | undefined;
  for (const candidate of reads.list(priorityClasses, ""))
    if (candidate.globalDefault && (!lowest || candidate.value < lowest.value)) lowest = candidate;
  return lowest;
}

function withPriority(request: AdmissionRequest, pod: Pod, priorityClass: PriorityClass | undefined): Pod {
  const { spec } = pod;
  const value = priorityClass?.value ?? 0;
  const policy = priorityClass?.preemptionPolicy ?? "PreemptLowerPriority";
  if (spec.priority !== undefined && spec.priority !== value)
    throw refusal(
      request,
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
    );
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy)
    throw refusal(
      request,
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
    );
  return {
    ...pod,
    spec: {
      ...spec,
      priority: value,
      preemptionPolicy: policy,
      ...(priorityClass ? { priorityClassName: priorityClass.metadata.name } : {}),
    },
  };
}
