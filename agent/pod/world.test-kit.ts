import fc from "fast-check";
import type { Container } from "../../api/core/pod/container.js";
import type { Pod } from "../../api/core/pod/pod.js";
import type { ContainerRecord, Sandbox } from "../runtime/runtime.js";
import { backOffAnnotation } from "./containers.js";
import { planPod, type Step } from "./plan.js";
import { container, nowMs, run, sandbox } from "./pod.test-kit.js";
import { podStatus } from "./status.js";
import type { PodView, StartFailure } from "./view.js";

/** What may happen to a pod between two rounds. */
export type Happening =
  | { readonly type: "exit"; readonly which: number; readonly code: number }
  | { readonly type: "probed"; readonly which: number; readonly well: boolean }
  | { readonly type: "broken"; readonly which: number }
  | { readonly type: "startFails"; readonly which: number }
  | { readonly type: "sandboxLost" | "recordsLost" | "agentRestarts" | "interrupted" | "apiServerAway" | "debugged" }
  | { readonly type: "time"; readonly ms: number }
  | { readonly type: "delete"; readonly seconds: number };

const which = fc.nat(7);
export const happenings = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ type: fc.constant("exit" as const), which, code: fc.constantFrom(0, 1, 42, 137) }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        type: fc.constant("time" as const),
        ms: fc.constantFrom(0, 100, 10_000, 400_000, 900_000),
      }),
    },
    { weight: 4, arbitrary: fc.record({ type: fc.constant("probed" as const), which, well: fc.boolean() }) },
    fc.record({
      type: fc.constantFrom(
        "sandboxLost" as const,
        "recordsLost" as const,
        "agentRestarts" as const,
        "interrupted" as const,
        "apiServerAway" as const,
        "debugged" as const,
      ),
    }),
    fc.record({ type: fc.constantFrom("broken" as const, "startFails" as const), which }),
    fc.record({ type: fc.constant("delete" as const), seconds: fc.constantFrom(0, 1, 30) }),
  ),
  { maxLength: 30 },
);

/** A runtime, an API server and probes as the plan may rely on them, and no better. It notices every breach of a promise. */
export class World {
  nowMs = nowMs;
  gone = false;
  pod: Pod;
  sandboxes: Sandbox[] = [];
  containers: ContainerRecord[] = [];
  stopping = new Map<string, number>();
  failures = new Map<string, StartFailure>();
  broken = new Set<string>();
  /** What probes have said of each run, in this life of the agent. */
  well = new Set<string>();
  /** The last end of each container, whatever the runtime has forgotten. */
  readonly ends = new Map<string, { readonly code: number; readonly sandboxId: string }>();
  readonly runs = new Map<string, number>();
  endingSinceMs: number | undefined;
  forgotten = false;
  made = 0;
  /** The next step is cut short by an agent that dies. */
  interrupts = false;
  /** The next status does not reach the API server. */
  isAway = false;
  failsNext: number | undefined;

  constructor(of: Pod) {
    this.pod = of;
  }

  is(name: string): "init" | "sidecar" | "main" | "ephemeral" {
    if (name.startsWith("debug")) return "ephemeral";
    if (name.startsWith("main")) return "main";
    return this.spec(name).restartPolicy === "Always" ? "sidecar" : "init";
  }

  spec(name: string): Container {
    const { containers, initContainers = [], ephemeralContainers = [] } = this.pod.spec;
    const found = [...containers, ...initContainers, ...ephemeralContainers].find((each) => each.name === name);
    if (!found) throw new Error(`no container ${name}`);
    return found;
  }

  get running(): readonly ContainerRecord[] {
    return this.containers.filter(({ state }) => state === "running");
  }

  view(): PodView {
    const { deletionTimestamp } = this.pod.metadata;
    const deadline = this.deadlineMs() <= this.nowMs;
    const over = ["Succeeded", "Failed"].includes(this.pod.status?.phase ?? "");
    if (deletionTimestamp !== undefined || deadline || over) this.endingSinceMs ??= this.nowMs;
    return {
      pod: this.pod,
      gone: this.gone,
      sandboxes: this.sandboxes,
      containers: this.containers,
      failures: this.failures,
      stopping: this.stopping,
      messages: new Map(),
      endingSinceMs: this.endingSinceMs,
      shutdownByMs: undefined,
      nowMs: this.nowMs,
      health: new Map(
        this.running.map(({ id }) => [
          id,
          {
            started: this.well.has(id),
            ready: this.well.has(id),
            ...(this.broken.has(id) ? { broken: { message: "broken" } } : {}),
          },
        ]),
      ),
    };
  }

  deadlineMs(): number {
    const { activeDeadlineSeconds } = this.pod.spec;
    const started = this.pod.status?.startTime;
    if (activeDeadlineSeconds === undefined || started === undefined) return Number.POSITIVE_INFINITY;
    return Date.parse(started) + activeDeadlineSeconds * 1000;
  }

  act(step: Step): void {
    switch (step.type) {
      case "createSandbox":
        expect(this.sandboxes.filter(({ state }) => state === "ready")).toEqual([]);
        this.sandboxes.push(sandbox({ id: `sandbox-${this.made++}`, attempt: step.attempt }));
        return;
      case "stopSandbox":
        for (const { id, sandboxId } of this.running) if (sandboxId === step.id) this.end(id, 137);
        this.sandboxes = this.sandboxes.map((each) => (each.id === step.id ? { ...each, state: "notReady" } : each));
        return;
      case "removeSandbox":
        this.sandboxes = this.sandboxes.filter(({ id }) => id !== step.id);
        this.containers = this.containers.filter(({ sandboxId }) => sandboxId !== step.id);
        return;
      case "removeContainer":
        expect(this.containers.find(({ id }) => id === step.id)?.state).not.toBe("running");
        this.containers = this.containers.filter(({ id }) => id !== step.id);
        return;
      case "start":
        this.start(step);
        return;
      case "kill":
        if (step.message.startsWith("Stopping")) this.endsInOrder(step.run);
        this.stopping.set(step.run.id, this.nowMs + step.graceMs);
        return;
      case "release":
        expect(this.running).toEqual([]);
        this.gone = true;
        return;
      case "forget":
        expect(this.running).toEqual([]);
        this.forgotten = true;
    }
  }

  start({
    container: { name },
    sandbox: { id: sandboxId },
    attempt,
    backOffMs,
  }: Extract<Step, { type: "start" }>): void {
    expect(this.running.filter((each) => each.name === name)).toEqual([]);
    expect(this.pod.metadata.deletionTimestamp).toBeUndefined();
    expect(["Succeeded", "Failed"]).not.toContain(this.pod.status?.phase);
    expect(this.deadlineMs()).toBeGreaterThan(this.nowMs);
    expect(this.sandboxes.find(({ id }) => id === sandboxId)?.state).toBe("ready");
    this.mayRunAgain(name, sandboxId);
    this.startsInOrder(name, sandboxId);
    if (this.failsNext !== undefined) {
      this.failures.set(name, { reason: "ErrImagePull", message: "", count: 1, retryAtMs: this.nowMs + 10_000 });
      this.failsNext = undefined;
      return;
    }
    this.failures.delete(name);
    const made: ContainerRecord = run(name, {
      id: `${name}-${attempt}-${this.runs.get(name) ?? 0}-${this.nowMs}`,
      sandboxId,
      attempt,
      state: this.interrupts ? "created" : "running",
      startedAtMs: this.nowMs,
      createdAtMs: this.nowMs,
      annotations: { [backOffAnnotation]: String(backOffMs) },
    });
    if (made.state === "running") this.runs.set(name, (this.runs.get(name) ?? 0) + 1);
    this.containers.push(made);
  }

  /** What ended is followed by another run only where its policy says so. */
  mayRunAgain(name: string, sandboxId: string): void {
    const ended = this.ends.get(name);
    if (!ended) return;
    const policy = this.spec(name).restartPolicy ?? this.pod.spec.restartPolicy;
    const role = this.is(name);
    expect(role).not.toBe("ephemeral");
    if (role === "sidecar") return;
    if (role === "init" && ended.sandboxId !== sandboxId) return;
    const again = policy === "OnFailure" || role === "init" ? ended.code !== 0 : true;
    expect([name, policy, ended.code, policy !== "Never" && again]).toEqual([name, policy, ended.code, true]);
  }

  /** Each after those before it: init containers have succeeded, sidecars have started up. */
  startsInOrder(name: string, sandboxId: string): void {
    const inits = this.pod.spec.initContainers ?? [];
    const role = this.is(name);
    if (role === "ephemeral") return;
    const past = this.containers.some((each) => this.is(each.name) === "main" && each.sandboxId === sandboxId);
    if (past) return;
    const before =
      role === "main"
        ? inits
        : inits.slice(
            0,
            inits.findIndex((each) => each.name === name),
          );
    for (const each of before) {
      const here = this.containers.filter((record) => record.name === each.name && record.sandboxId === sandboxId);
      if (this.is(each.name) === "init")
        expect([each.name, here.some(({ exitCode }) => exitCode === 0)]).toEqual([each.name, true]);
      else
        expect([each.name, here.some(({ id, state }) => state === "running" && this.well.has(id))]).toEqual([
          each.name,
          true,
        ]);
    }
  }

  /** Sidecars end after everything else, the last first. */
  endsInOrder(ending: ContainerRecord): void {
    if (this.is(ending.name) !== "sidecar") return;
    const order = (this.pod.spec.initContainers ?? []).map(({ name }) => name);
    const later = this.running.filter(
      ({ name }) => this.is(name) !== "sidecar" || order.indexOf(name) > order.indexOf(ending.name),
    );
    expect(later.map(({ name }) => name)).toEqual([]);
  }

  end(id: string, exitCode: number): void {
    this.stopping.delete(id);
    this.containers = this.containers.map((found) => {
      if (found.id !== id || found.state !== "running") return found;
      this.ends.set(found.name, { code: exitCode, sandboxId: found.sandboxId });
      return { ...found, state: "exited", exitCode, finishedAtMs: this.nowMs };
    });
  }

  /** Time passes; containers being ended end at the latest when their grace is over. */
  pass(ms: number): void {
    this.nowMs += ms;
    for (const [id, atMs] of [...this.stopping]) if (atMs <= this.nowMs) this.end(id, 137);
  }

  happen(event: Happening): void {
    const chosen = "which" in event ? this.running[event.which % Math.max(1, this.running.length)] : undefined;
    if (event.type === "exit" && chosen) this.end(chosen.id, event.code);
    if (event.type === "broken" && chosen) this.broken.add(chosen.id);
    if (event.type === "probed" && chosen) this.well[event.well ? "add" : "delete"](chosen.id);
    if (event.type === "startFails") this.failsNext = event.which;
    if (event.type === "time") this.pass(event.ms);
    if (event.type === "interrupted") this.interrupts = true;
    if (event.type === "apiServerAway") this.isAway = true;
    if (event.type === "sandboxLost") for (const { id } of this.sandboxes) this.act({ type: "stopSandbox", id });
    if (event.type === "recordsLost") {
      // What was never told of is known to nobody.
      this.isAway = false;
      this.report(this.view(), planPod(this.view()));
      for (const { id } of this.running) this.end(id, 137);
      this.sandboxes = [];
      this.containers = [];
    }
    if (event.type === "agentRestarts") {
      for (const known of [this.stopping, this.failures, this.broken, this.well]) known.clear();
      this.endingSinceMs = undefined;
    }
    if (event.type === "debugged") {
      const { ephemeralContainers: before = [] } = this.pod.spec;
      const ephemeralContainers = [...before, container(`debug-${before.length}`)];
      this.pod = { ...this.pod, spec: { ...this.pod.spec, ephemeralContainers } };
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
    const view = this.view();
    const plan = planPod(view);
    this.report(view, plan);
    for (const step of plan.steps) {
      this.act(step);
      if (!this.interrupts) continue;
      this.interrupts = false;
      break;
    }
    return plan.steps.length === 0;
  }

  report(view: PodView, plan: ReturnType<typeof planPod>): void {
    const before = this.pod.status?.phase;
    const status = podStatus(view, plan, {
      hostIPs: ["127.64.0.1"],
      runtimeName: "process",
      features: { recursiveReadOnly: false },
    });
    const mains = status.containerStatuses ?? [];
    for (const { name, ready } of [...mains, ...(status.initContainerStatuses ?? [])]) {
      if (!ready || this.is(name) === "init") continue;
      expect([name, this.running.some((each) => each.name === name && this.well.has(each.id))]).toEqual([name, true]);
    }
    if (status.conditions?.find(({ type }) => type === "Ready")?.status === "True")
      expect(mains.map(({ ready }) => ready)).toEqual(mains.map(() => true));
    if (status.phase === "Succeeded" || status.phase === "Failed") expect(this.running).toEqual([]);
    if (before === "Succeeded" || before === "Failed") expect(status.phase).toBe(before);
    if (status.reason === "DeadlineExceeded") expect(status.phase).not.toBe("Succeeded");
    expect(status.conditions?.map(({ observedGeneration }) => observedGeneration)).toEqual(
      status.conditions?.map(() => 1),
    );
    if (this.isAway) this.isAway = false;
    else this.pod = { ...this.pod, status };
  }

  /** From here on nothing bad happens: init containers do their work, probes succeed, killed ones end, time passes. */
  settle(): void {
    this.failsNext = undefined;
    for (let rounds = 0, quiet = 0; quiet < 3 && !this.forgotten; rounds++) {
      expect(rounds).toBeLessThan(500);
      quiet = this.round() ? quiet + 1 : 0;
      for (const { id, name } of this.running) {
        const role = this.is(name);
        if (role === "init" || role === "ephemeral") this.end(id, 0);
        else this.well.add(id);
      }
      this.pass(301_000);
    }
  }
}
