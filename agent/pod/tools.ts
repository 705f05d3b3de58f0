import type { Container } from "../../api/core/pod/container.js";
import type { Pod } from "../../api/core/pod/pod.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/log.js";
import type { Client } from "../../client/client.js";
import { type Recorder, referenceOf } from "../../client/events.js";
import type { ImageManager } from "../images/image-manager.js";
import type { ProbeRunner } from "../probes/probe.js";
import type { Runtime } from "../runtime/runtime.js";
import type { Volumes } from "../volumes/volumes.js";
import type { NodeFacts } from "./status.js";
import type { Retry } from "./view.js";
import type { PodState } from "./worker.js";

/** What all workers of a node share. */
export interface WorkerTools {
  readonly client: Client;
  readonly runtime: Runtime;
  readonly volumes: Volumes;
  readonly images: ImageManager;
  readonly probes: ProbeRunner;
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly log: Logger;
  readonly nodeName: string;
  /** Where profiles of this node lie that pods name. */
  readonly seccompDir: string;
  /** How long a container that fails again and again is held back at most; 5 min unless said. */
  readonly restartBackOffMaxMs?: number | undefined;
  facts(): NodeFacts;
  /** What a container without limits may use. */
  allocatable(): Readonly<Record<string, string>>;
  /** Pods that take their part of the node. */
  active(): readonly Pod[];
  /** Where pods find the API server. */
  readonly apiServer: { readonly host: string; readonly port: number } | undefined;
  /** Resolves once pods may be started: the node has its addresses, and what had to end has ended. */
  readonly mayStart: Promise<void>;
  /** The pod's worker ends. */
  forget(pod: Pod): Promise<void>;
}

/** An event about the pod, or one of its containers. */
export function tell(
  state: Pick<PodState, "pod">,
  { recorder }: Pick<WorkerTools, "recorder">,
  type: "Normal" | "Warning",
  reason: string,
  message: string,
  containerName?: string,
): void {
  recorder.record({
    about: {
      ...referenceOf(state.pod),
      ...(containerName === undefined ? {} : { fieldPath: fieldPathOf(state.pod, containerName) }),
    },
    type,
    reason,
    message,
  });
}

function fieldPathOf({ spec }: Pod, name: string): string {
  const lists = ["containers", "ephemeralContainers"] as const;
  const list = lists.find((field) => spec[field]?.some((container: Container) => container.name === name));
  return `spec.${list ?? "initContainers"}{${name}}`;
}

/**
 * Notes what could not be started; the plan leaves it alone until its time has come. A pull that failed is soon said to
 * be held back (`holdText`). What fails for another reason than before starts with the shortest delay.
 */
export function noteFailure(
  state: PodState,
  { clock }: Pick<WorkerTools, "clock">,
  key: string,
  reason: string,
  message: string,
  retry: Retry,
  { holdText, image }: { readonly holdText?: string; readonly image?: string | undefined } = {},
): void {
  const before = state.failures.get(key);
  const count = before?.retry === retry && before.image === image ? before.count + 1 : 1;
  const nowMs = clock.now();
  state.failures.set(key, {
    reason,
    message,
    count,
    retry,
    ...(image === undefined ? {} : { image }),
    retryAtMs: nowMs + Math.min(retry.maxMs, retry.baseMs * 2 ** (count - 1)),
    ...(holdText === undefined
      ? {}
      : {
          hold: {
            fromMs: nowMs + holdShownAfterMs,
            text: holdText,
            reason: "ImagePullBackOff",
            message: `${holdText}: ${reason}: ${message}`,
          },
        }),
  });
}

/** The failure itself is to be seen first. */
const holdShownAfterMs = 1_000;
