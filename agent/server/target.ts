import type { Container } from "../../api/core/pod/container.js";
import type { Pod } from "../../api/core/pod/pod.js";
import { containersOf, runsOf } from "../pod/containers.js";
import { type ContainerRecord, type Runtime, RuntimeError } from "../runtime/runtime.js";
import { HttpProblem } from "./problem.js";

interface TargetOptions {
  readonly runtime: Runtime;
  readonly pods: () => readonly Pod[];
}

export interface Target {
  readonly pod: Pod;
  readonly name: string;
  readonly container: Container;
  readonly latest: ContainerRecord | undefined;
  readonly previous: ContainerRecord | undefined;
}

/** The container that a path names. */
export async function findTarget(
  { runtime, pods }: TargetOptions,
  [namespace = "", podName = "", name = ""]: readonly string[],
): Promise<Target> {
  const pod = findPod({ pods }, [namespace, podName]);
  const container = containersOf(pod).find((one) => one.container.name === name)?.container;
  if (!container)
    throw new HttpProblem(404, `container ${JSON.stringify(name)} not found in pod ${JSON.stringify(podName)}`);
  await checkReachable(runtime);
  const { latest, previous } = runsOf(name, await runtime.containers({ podUid: pod.metadata.uid }));
  return { pod, name, container, latest, previous };
}

/** Who asks for something waits for no runtime that is away. Throws HttpProblem 503. */
export async function checkReachable(runtime: Runtime): Promise<void> {
  try {
    await runtime.reachable?.();
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    throw new HttpProblem(503, `the container runtime of this node cannot be reached: ${error.message}: start it`);
  }
}

/** Of two pods of one name (one ending, one begun) the newer. Throws HttpProblem 404. */
export function findPod({ pods }: Pick<TargetOptions, "pods">, [namespace = "", podName = ""]: readonly string[]): Pod {
  const pod = pods()
    .filter(({ metadata }) => metadata.namespace === namespace && metadata.name === podName)
    .toSorted((a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp))[0];
  if (!pod)
    throw new HttpProblem(404, `pod ${JSON.stringify(podName)} not found in namespace ${JSON.stringify(namespace)}`);
  return pod;
}
