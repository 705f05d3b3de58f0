import fc from "fast-check";
import type { Pod } from "../../api/core/pod/pod.js";
import type { ContainerRecord, Sandbox } from "../runtime/runtime.js";
import { backOffAnnotation } from "./containers.js";
import { planPod, type Step } from "./plan.js";
import { container, nowMs, pod, run, sandbox } from "./pod-kit.js";
import type { PodView } from "./view.js";

/** What may happen to a pod between two rounds. */
type Happening =
  | { readonly type: "exit"; readonly which: number; readonly code: number }
  | { readonly type: "sandboxLost" }
  | { readonly type: "agentRestarts" }
  | { readonly type: "interrupted" }
  | { readonly type: "broken"; readonly which: number }
  | { readonly type: "time"; readonly ms: number }
  | { readonly type: "delete"; readonly seconds: number };

const happenings = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ type: fc.constant("exit" as const), which: fc.nat(5), code: fc.constantFrom(0, 1, 137) }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        type: fc.constant("time" as const),
        ms: fc.constantFrom(0, 100, 10_000, 400_000, 900_000),
      }),
    },
    fc.constant({ type: "sandboxLost" as const }),
    fc.constant({ type: "agentRestarts" as const }),
    fc.constant({ type: "interrupted" as const }),
    fc.record({ type: fc.constant("broken" as const), which: fc.nat(5) }),
    fc.record({ type: fc.constant("delete" as const), seconds: fc.constantFrom(0, 1, 30) }),
  ),
  { maxLength: 30 },
);

const specs = fc.record({
  restartPolicy: fc.constantFrom("Always" as const, "OnFailure" as const, "Never" as const),
  inits: fc.array(fc.boolean(), { maxLength: 3 }),
  mains: fc.integer({ min: 1, max: 3 }),
});

/** A runtime as the plan may rely on it, and no better. */
class World {
  nowMs = nowMs;
  gone = false;
  pod: Pod;
  sandboxes: Sandbox[] = [];
  containers: ContainerRecord[] = [];
  stopping = new Map<string, number>();
  broken = new Set<string>();
  endingSinceMs: number | undefined;
  released = false;
  forgotten = false;
  /** The next step is cut short by an agent that dies. */
  interrupts = false;

  constructor(of: Pod) {
    this.pod = of;
  }

  view(): PodView {
    if (this.pod.metadata.deletionTimestamp !== undefined) this.endingSinceMs ??= this.nowMs;
    return {
      pod: this.pod,
      gone: this.gone,
      sandboxes: this.sandboxes,
      containers: this.containers,
      failures: new Map(),
      stopping: this.stopping,
      messages: new Map(),
      endingSinceMs: this.endingSinceMs,
      shutdownByMs: undefined,
      nowMs: this.nowMs,
      health: new Map(
        this.containers.map(({ id }) => [
          id,
          { started: true, ready: true, ...(this.broken.has(id) ? { broken: { message: "" } } : {}) },
        ]),
      ),
    };
  }

  act(step: Step): void {
    switch (step.type) {
      case "createSandbox":
        this.sandboxes.push(sandbox({ id: `sandbox-${step.attempt}`, attempt: step.attempt }));
        return;
      case "stopSandbox":
        for (const found of this.containers.filter(
          ({ sandboxId, state }) => sandboxId === step.id && state === "running",
        ))
          this.end(found.id, 137);
        this.sandboxes = this.sandboxes.map((found) =>
          found.id === step.id ? { ...found, state: "notReady" } : found,
        );
        return;
      case "removeSandbox":
        this.sandboxes = this.sandboxes.filter(({ id }) => id !== step.id);
        this.containers = this.containers.filter(({ sandboxId }) => sandboxId !== step.id);
        return;
      case "removeContainer":
        expect(this.containers.find(({ id }) => id === step.id)?.state).not.toBe("running");
        this.containers = this.containers.filter(({ id }) => id !== step.id);
        return;
      case "start": {
        expect(
          this.containers.filter(({ name, state }) => name === step.container.name && state === "running"),
        ).toEqual([]);
        expect(step.attempt).toBe(
          Math.max(
            -1,
            ...this.containers
              .filter(({ name, state }) => name === step.container.name && state !== "created")
              .map(({ attempt }) => attempt),
          ) + 1,
        );
        this.containers.push(
          run(step.container.name, {
            id: `${step.container.name}-${step.attempt}-${this.containers.length}`,
            sandboxId: step.sandbox.id,
            attempt: step.attempt,
            state: this.interrupts ? "created" : "running",
            startedAtMs: this.nowMs,
            createdAtMs: this.nowMs,
            annotations: { [backOffAnnotation]: String(step.backOffMs) },
          }),
        );
        return;
      }
      case "kill":
        this.stopping.set(step.run.id, this.nowMs + step.graceMs);
        return;
      case "release":
        expect(this.containers.some(({ state }) => state === "running")).toBe(false);
        this.released = true;
        this.gone = true;
        return;
      case "forget":
        this.forgotten = true;
    }
  }

  end(id: string, exitCode: number): void {
    this.stopping.delete(id);
    this.containers = this.containers.map((found) =>
      found.id === id && found.state === "running"
        ? { ...found, state: "exited", exitCode, finishedAtMs: this.nowMs }
        : found,
    );
  }

  /** Time passes; containers being ended end at the latest when their grace is over. */
  pass(ms: number): void {
    this.nowMs += ms;
    for (const [id, atMs] of [...this.stopping]) if (atMs <= this.nowMs) this.end(id, 137);
  }

  happen(event: Happening): void {
    const running = this.containers.filter(({ state }) => state === "running");
    if (event.type === "exit" && running.length > 0)
      this.end(running[event.which % running.length]?.id ?? "", event.code);
    if (event.type === "broken" && running.length > 0) this.broken.add(running[event.which % running.length]?.id ?? "");
    if (event.type === "time") this.pass(event.ms);
    if (event.type === "interrupted") this.interrupts = true;
    if (event.type === "sandboxLost") for (const { id } of this.sandboxes) this.act({ type: "stopSandbox", id });
    if (event.type === "agentRestarts") {
      this.stopping.clear();
      this.broken.clear();
      this.endingSinceMs = undefined;
    }
    if (event.type === "delete" && this.pod.metadata.deletionTimestamp === undefined)
      this.pod = {
        ...this.pod,
        metadata: {
          ...this.pod.metadata,
          deletionTimestamp: new Date(this.nowMs).toISOString(),
          deletionGracePeriodSeconds: event.seconds,
        },
      };
  }

  /** One round; true when there was nothing to do. */
  round(): boolean {
    const { steps } = planPod(this.view());
    for (const step of steps) {
      this.act(step);
      if (!this.interrupts) continue;
      this.interrupts = false;
      break;
    }
    return steps.length === 0;
  }
}

const podOf = ({
  restartPolicy,
  inits,
  mains,
}: {
  readonly restartPolicy: "Always" | "OnFailure" | "Never";
  readonly inits: readonly boolean[];
  readonly mains: number;
}): Pod =>
  pod({
    restartPolicy,
    initContainers: inits.map((isSidecar, index) =>
      container(`init-${index}`, isSidecar ? { restartPolicy: "Always" } : {}),
    ),
    containers: Array.from({ length: mains }, (_, index) => container(`main-${index}`)),
  });

describe("plans, whatever happens", () => {
  it("never run a container twice at once, number runs without gaps, and come to rest", () => {
    fc.assert(
      fc.property(specs, happenings, (spec, events) => {
        const world = new World(podOf(spec));
        for (const event of events) {
          world.happen(event);
          world.round();
        }
        // From here on the world is quiet: init containers do their work, killed ones end, time passes.
        let rounds = 0;
        for (let quiet = 0; quiet < 3; rounds++) {
          expect(rounds).toBeLessThan(400);
          quiet = world.round() ? quiet + 1 : 0;
          for (const found of world.containers)
            if (
              found.state === "running" &&
              found.name.startsWith("init") &&
              !world.pod.spec.initContainers?.some(
                ({ name, restartPolicy }) => name === found.name && restartPolicy === "Always",
              )
            )
              world.end(found.id, 0);
          world.pass(301_000);
          if (world.forgotten) break;
        }
        const running = world.containers.filter(({ state }) => state === "running").map(({ name }) => name);
        if (world.pod.metadata.deletionTimestamp !== undefined) {
          expect(world.forgotten).toBe(true);
          expect(world.sandboxes).toEqual([]);
          return;
        }
        if (spec.restartPolicy === "Always") {
          const lasting = [
            ...(world.pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always"),
            ...world.pod.spec.containers,
          ];
          expect(new Set(running)).toEqual(new Set(lasting.map(({ name }) => name)));
        }
        expect(new Set(running).size).toBe(running.length);
      }),
      { numRuns: 300 },
    );
  });
});
