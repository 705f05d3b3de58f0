import type { Container } from "../../../api/core/pod/container.js";
import type { ContainerStatus } from "../../../api/core/pod/container-status.js";
import type { Pod } from "../../../api/core/pod/pod.js";
import type { ResourceRequirements } from "../../../api/core/pod/resources.js";
import { equal } from "../../../base/equal.js";
import { resourcesAnnotation, resourcesOf } from "../../pod/container-resources.js";
import { containersOf, runsOf } from "../../pod/containers.js";
import type { ContainerRecord, Runtime } from "../../runtime/runtime.js";
import { type Allocation, decideResize, wantedOf, withAllocation } from "./decide.js";

/** What a pod's status says of a change of its resources. */
export interface ResizeState {
  /** It waits. */
  readonly pending?: { readonly reason: "Infeasible" | "Deferred"; readonly message: string };
  /** It is promised and not done yet; with what went wrong last. */
  readonly inProgress?: { readonly reason?: string; readonly message?: string };
  /** What containers that run have, by container id. */
  readonly applied: ReadonlyMap<string, ResourceRequirements>;
}

/** One thing to do so that containers have what was promised. */
export type ResizeStep =
  | { readonly type: "update"; readonly run: ContainerRecord; readonly resources: ResourceRequirements }
  | { readonly type: "restart"; readonly run: ContainerRecord };

export interface ResizeTools {
  readonly runtime: Pick<Runtime, "updateContainerResources">;
  readonly allocatable: () => Readonly<Record<string, string>>;
  /** Pods that take their part of the node, this one among them. */
  readonly active: () => readonly Pod[];
}

/**
 * What one pod has been promised, and what its containers have of it. After a start of the agent both are taken from
 * the status that was told last.
 */
export class PodResize {
  readonly #tools: ResizeTools;
  #allocation: Allocation | undefined;
  readonly #applied = new Map<string, ResourceRequirements>();
  #pending: ResizeState["pending"];
  #failure: string | undefined;

  constructor(tools: ResizeTools) {
    this.#tools = tools;
  }

  /** The pod with what it has been promised. */
  allocated(pod: Pod): Pod {
    this.#allocation ??= allocationOf(pod);
    return withAllocation(pod, this.#allocation);
  }

  /** Looks whether it is promised what its spec asks for, and what is to be done for it. */
  look(pod: Pod, containers: readonly ContainerRecord[]): readonly ResizeStep[] {
    const allocated = this.allocated(pod);
    for (const id of this.#applied.keys()) if (!containers.some((run) => run.id === id)) this.#applied.delete(id);
    for (const run of containers)
      if (run.state === "running" && !this.#applied.has(run.id))
        this.#applied.set(run.id, appliedBefore(allocated, run));
    const { runtime, allocatable, active } = this.#tools;
    const verdict = decideResize({
      pod,
      allocation: this.#allocation ?? new Map(),
      others: () => active().filter(({ metadata }) => metadata.uid !== pod.metadata.uid),
      allocatable: allocatable(),
      canResize: runtime.updateContainerResources !== undefined,
    });
    this.#pending = verdict.type === "refused" ? { reason: verdict.reason, message: verdict.message } : undefined;
    if (verdict.type === "granted") this.#allocation = wantedOf(pod);
    return this.#steps(this.allocated(pod), containers);
  }

  get state(): ResizeState {
    return {
      ...(this.#pending ? { pending: this.#pending } : {}),
      ...(this.#failure === undefined ? {} : { inProgress: { reason: "Error", message: this.#failure } }),
      applied: this.#applied,
    };
  }

  /** Throws where the runtime refuses. */
  async update({ run, resources }: Extract<ResizeStep, { readonly type: "update" }>): Promise<void> {
    try {
      await this.#tools.runtime.updateContainerResources?.(run.id, resourcesOf({ resources }));
      this.#applied.set(run.id, resources);
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  #steps(pod: Pod, containers: readonly ContainerRecord[]): readonly ResizeStep[] {
    const steps = containersOf(pod).flatMap(({ container }): ResizeStep[] => {
      const { latest: run } = runsOf(container.name, containers);
      const has = run && this.#applied.get(run.id);
      if (run?.state !== "running" || !has || equal(has, container.resources)) return [];
      return [
        needsRestart(container, has)
          ? { type: "restart", run }
          : { type: "update", run, resources: container.resources },
      ];
    });
    if (steps.length === 0) this.#failure = undefined;
    return steps;
  }
}

/** A container that cannot take a change while it runs says so in its resizePolicy. */
function needsRestart({ resizePolicy = [], resources }: Container, has: ResourceRequirements): boolean {
  const changed = (name: string): boolean =>
    resources.limits?.[name] !== has.limits?.[name] || resources.requests?.[name] !== has.requests?.[name];
  return resizePolicy.some(
    ({ resourceName, restartPolicy }) => restartPolicy === "RestartContainer" && changed(resourceName),
  );
}

/** What the status told last; a pod that nobody told of has what it asks for. */
function allocationOf(pod: Pod): Allocation {
  const told = new Map(statusesOf(pod).map((status) => [status.name, status]));
  return new Map(
    [...wantedOf(pod)].map(([name, wanted]) => {
      const { resources } = told.get(name) ?? {};
      return [name, resources ? { ...wanted, ...resources } : wanted];
    }),
  );
}

/** What a run that is seen for the first time has: as told last, else as it was made. */
function appliedBefore(pod: Pod, run: ContainerRecord): ResourceRequirements {
  const told = statusesOf(pod).find(({ containerID }) => containerID?.endsWith(`://${run.id}`));
  if (told?.resources) return told.resources;
  const noted = parsed(run.annotations[resourcesAnnotation]);
  const container = containersOf(pod).find(({ container: { name } }) => name === run.name)?.container;
  return noted ?? container?.resources ?? {};
}

/** Our own words, given back by the runtime. */
function parsed(text: string | undefined): ResourceRequirements | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as ResourceRequirements);
  } catch {
    return undefined;
  }
}

const statusesOf = ({ status }: Pod): readonly ContainerStatus[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];
