import type { Container } from "../../api/core/pod/container.js";
import type { Pod } from "../../api/core/pod/pod.js";
import type { ContainerRecord } from "../runtime/runtime.js";

/** What the runtime knows of one container of a pod, across its restarts. */
export interface Runs {
  /** The newest run that was started, of any sandbox. */
  readonly latest: ContainerRecord | undefined;
  /** The run before it. */
  readonly previous: ContainerRecord | undefined;
  /** Made and never started: an agent was interrupted there. */
  readonly unstarted: readonly ContainerRecord[];
  /** Older than `previous`. */
  readonly outdated: readonly ContainerRecord[];
}

export function runsOf(name: string, containers: readonly ContainerRecord[]): Runs {
  const own = containers
    .filter((container) => container.name === name)
    .toSorted((a, b) => b.attempt - a.attempt || b.createdAtMs - a.createdAtMs);
  const [latest, previous, ...outdated] = own.filter(({ state }) => state !== "created");
  return { latest, previous, outdated, unstarted: own.filter(({ state }) => state === "created") };
}

export type ContainerRole = "init" | "sidecar" | "main" | "ephemeral";

/** An init container that restarts always runs beside the others: a sidecar. */
export const roleOfInit = ({ restartPolicy }: Container): ContainerRole =>
  restartPolicy === "Always" ? "sidecar" : "init";

export function containersOf({
  spec,
}: Pod): readonly { readonly container: Container; readonly role: ContainerRole }[] {
  return [
    ...(spec.initContainers ?? []).map((container) => ({ container, role: roleOfInit(container) })),
    ...spec.containers.map((container) => ({ container, role: "main" as const })),
    ...(spec.ephemeralContainers ?? []).map((container) => ({ container, role: "ephemeral" as const })),
  ];
}

/** Those that the pod came with. */
export const ownContainersOf = (pod: Pod): ReturnType<typeof containersOf> =>
  containersOf(pod).filter(({ role }) => role !== "ephemeral");

/** Whether a run that ended like this is followed by another. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy */
export function isRestarted(pod: Pod, container: Container, role: ContainerRole, exitCode: number): boolean {
  if (role === "sidecar") return true;
  if (role === "ephemeral") return false;
  const rule = (container.restartPolicyRules ?? []).find(
    ({ exitCodes }) =>
      exitCodes !== undefined && (exitCodes.values ?? []).includes(exitCode) === (exitCodes.operator === "In"),
  );
  if (rule) return true;
  const policy = container.restartPolicy ?? pod.spec.restartPolicy;
  if (role === "init") return exitCode !== 0 && policy !== "Never";
  return policy === "Always" || (policy === "OnFailure" && exitCode !== 0);
}

/** Where a run notes how long its start was held back. */
export const backOffAnnotation = "navarch.dev/back-off-ms";

/**
 * How long after its end a run is followed by the next: at once the first time, then 10 s, doubling up to the node's
 * maximum (5 min); a run of 10 min starts anew. What the runtime gives back with the run is enough to know, so an
 * agent's restart changes nothing.
 */
export function backOffAfter(run: ContainerRecord, maxMs = backOffMaxMs): number {
  const ranMs = (run.finishedAtMs ?? 0) - (run.startedAtMs ?? run.finishedAtMs ?? 0);
  const heldMs = Number(run.annotations[backOffAnnotation] ?? -1);
  if (heldMs < 0 || ranMs >= backOffResetMs) return 0;
  return Math.min(maxMs, heldMs === 0 ? backOffBaseMs : heldMs * 2);
}

const backOffBaseMs = 10_000;
const backOffMaxMs = 300_000;
const backOffResetMs = 600_000;
