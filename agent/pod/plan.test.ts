import { planPod, type Step } from "./plan.js";
import { container, ended, nowMs, pod, run, sandbox, view } from "./pod.test-kit.js";

/** `start main 0`, `kill main 30000`: what a test wants to see of a step. */
const text = (step: Step): string => {
  switch (step.type) {
    case "start":
      return `start ${step.container.name} ${step.attempt}`;
    case "kill":
      return `kill ${step.run.name} ${step.graceMs}`;
    case "createSandbox":
      return `createSandbox ${step.attempt}`;
    case "stopSandbox":
    case "removeSandbox":
    case "removeContainer":
      return `${step.type} ${step.id}`;
    default:
      return step.type;
  }
};
const steps = (parts: Parameters<typeof view>[0]): readonly string[] => planPod(view(parts)).steps.map(text);
const sidecar = container("side", { restartPolicy: "Always" });
const sandboxes = [sandbox()];
const deleted = (seconds: number): object => ({
  deletionTimestamp: "2030-01-01T00:00:30Z",
  deletionGracePeriodSeconds: seconds,
});

describe("the plan for a pod that should run", () => {
  it("begins with a sandbox", () => {
    expect(steps({})).toEqual(["createSandbox 0"]);
  });

  it("starts all containers together", () => {
    expect(steps({ sandboxes, pod: pod({ containers: [container("a"), container("b")] }) })).toEqual([
      "start a 0",
      "start b 0",
    ]);
  });

  it("has nothing to do while everything runs", () => {
    expect(steps({ sandboxes, containers: [run("main")] })).toEqual([]);
  });

  it("starts an ended container again at once the first time, under the next number", () => {
    expect(steps({ sandboxes, containers: [ended("main", 1)] })).toEqual(["start main 1"]);
  });

  it.each([
    ["0", 10_000],
    ["10000", 20_000],
    ["160000", 300_000],
    ["300000", 300_000],
  ])("holds a container back after a run that was held back %s ms", (held, delayMs) => {
    const plan = planPod(
      view({
        sandboxes,
        containers: [ended("main", 1, { attempt: 3, annotations: { "navarch.dev/back-off-ms": held } })],
      }),
    );
    expect(plan.steps).toEqual([]);
    expect(plan.backOffs.get("main")).toEqual({ delayMs, untilMs: nowMs + delayMs });
    expect(plan.wakeAtMs).toBe(nowMs + delayMs);
  });

  it("starts it when that time is over, and remembers how long it was", () => {
    const late = ended("main", 1, {
      attempt: 2,
      finishedAtMs: nowMs - 10_000,
      startedAtMs: nowMs - 11_000,
      annotations: { "navarch.dev/back-off-ms": "0" },
    });
    expect(planPod(view({ sandboxes, containers: [late] })).steps).toEqual([
      expect.objectContaining({ type: "start", attempt: 3, backOffMs: 10_000 }),
    ]);
  });

  it.each([
    ["0", 1_000],
    ["1000", 1_000],
    ["10000", 1_000],
  ])("holds it back no longer than the node's maximum, after %s ms before", (before, delayMs) => {
    const failed = ended("main", 1, { attempt: 2, annotations: { "navarch.dev/back-off-ms": before } });
    const plan = planPod({ ...view({ sandboxes, containers: [failed] }), restartBackOffMaxMs: 1_000 });
    expect(plan.backOffs.get("main")?.delayMs).toBe(delayMs);
  });

  it("begins anew after a run of ten minutes", () => {
    const long = ended("main", 1, {
      attempt: 5,
      startedAtMs: nowMs - 600_000,
      annotations: { "navarch.dev/back-off-ms": "300000" },
    });
    expect(steps({ sandboxes, containers: [long] })).toEqual(["start main 6"]);
  });

  it.each([
    ["Always", 0, ["start main 1"]],
    ["Always", 1, ["start main 1"]],
    ["OnFailure", 1, ["start main 1"]],
    ["OnFailure", 0, ["stopSandbox sandbox-0"]],
    ["Never", 1, ["stopSandbox sandbox-0"]],
  ] as const)("with restartPolicy %s follows exit code %d", (restartPolicy, code, expected) => {
    expect(steps({ sandboxes, pod: pod({ restartPolicy }), containers: [ended("main", code)] })).toEqual(expected);
  });

  it("keeps the last two runs and removes those before and those never started", () => {
    const containers = [
      run("main", { attempt: 3 }),
      ...[0, 1, 2].map((attempt) => ended("main", 1, { attempt })),
      run("main", { id: "half", attempt: 4, state: "created" }),
    ];
    expect(steps({ sandboxes, containers })).toEqual([
      "removeContainer main-1",
      "removeContainer main-0",
      "removeContainer half",
    ]);
  });

  it("runs init containers one after the other, and again while they fail", () => {
    const of = pod({ initContainers: [container("one"), container("two")] });
    expect(steps({ sandboxes, pod: of })).toEqual(["start one 0"]);
    expect(steps({ sandboxes, pod: of, containers: [run("one")] })).toEqual([]);
    expect(steps({ sandboxes, pod: of, containers: [ended("one", 1)] })).toEqual(["start one 1"]);
    expect(steps({ sandboxes, pod: of, containers: [ended("one", 0)] })).toEqual(["start two 0"]);
    expect(steps({ sandboxes, pod: of, containers: [ended("one", 0), ended("two", 0)] })).toEqual(["start main 0"]);
  });

  it("gives up when an init container of a pod that never restarts fails", () => {
    const of = pod({ restartPolicy: "Never", initContainers: [container("one")] });
    expect(steps({ sandboxes, pod: of, containers: [ended("one", 1)] })).toEqual(["stopSandbox sandbox-0"]);
  });

  it("goes on past a sidecar once it has started up, and starts it again beside the others", () => {
    const of = pod({ initContainers: [sidecar, container("two")] });
    const health = (started: boolean) => new Map([["side-0", { started, ready: false }]]);
    expect(steps({ sandboxes, pod: of, containers: [run("side")], health: health(false) })).toEqual([]);
    expect(steps({ sandboxes, pod: of, containers: [run("side")], health: health(true) })).toEqual(["start two 0"]);
    expect(steps({ sandboxes, pod: of, containers: [ended("side", 0), ended("two", 0), run("main")] })).toEqual([
      "start side 1",
    ]);
  });

  it("ends sidecars when the containers proper are done", () => {
    const of = pod({ restartPolicy: "Never", initContainers: [sidecar] });
    expect(steps({ sandboxes, pod: of, containers: [run("side"), ended("main", 0)] })).toEqual(["kill side 30000"]);
    expect(steps({ sandboxes, pod: of, containers: [ended("side", 0), ended("main", 0)] })).toEqual([
      "stopSandbox sandbox-0",
    ]);
  });

  it("ends a container whose probe says so, with the probe's own grace", () => {
    const health = new Map([
      ["main-0", { started: true, ready: true, broken: { message: "failed", graceSeconds: 5 } }],
    ]);
    expect(steps({ sandboxes, containers: [run("main")], health })).toEqual(["kill main 5000"]);
    expect(
      steps({ sandboxes, containers: [run("main")], health, stopping: new Map([["main-0", nowMs + 5_000]]) }),
    ).toEqual([]);
  });

  it("waits with what could not be started until its time has come", () => {
    const failure = { reason: "ErrImagePull", message: "", count: 1 };
    expect(steps({ sandboxes, failures: new Map([["main", { ...failure, retryAtMs: nowMs + 1 }]]) })).toEqual([]);
    expect(steps({ sandboxes, failures: new Map([["main", { ...failure, retryAtMs: nowMs }]]) })).toEqual([
      "start main 0",
    ]);
  });

  describe("after a change of an image", () => {
    const changed = (policy: "Always" | "Never") =>
      pod({
        restartPolicy: policy,
        initContainers: [container("init", { image: "other" }), { ...sidecar, image: "other" }],
        containers: [container("main", { image: "other" })],
      });

    it("ends what runs the old one, but no init container", () => {
      const all = [ended("init", 0), run("side"), run("main")];
      const { steps: planned } = planPod(view({ sandboxes, pod: changed("Never"), containers: all }));
      expect(planned.map(text)).toEqual(["kill side 30000", "kill main 30000"]);
      expect(planned[1]).toMatchObject({
        message: "Container main definition changed, will be restarted",
        replaces: true,
      });
      expect(steps({ sandboxes, pod: changed("Always"), containers: [run("init")] })).toEqual([]);
    });

    it("starts another run whatever the policy and however that ended, unless it had ended before", () => {
      const all = [ended("init", 0), run("side", { image: "other" }), ended("main", 1)];
      const parts = { sandboxes, pod: changed("Never"), containers: all };
      expect(steps({ ...parts, replaced: new Set(["main-0"]) })).toEqual(["start main 1"]);
      expect(steps(parts)).toEqual(["kill side 30000"]);
    });

    it("holds nothing against the new one", () => {
      const failed = ended("main", 1, { annotations: { "navarch.dev/back-off-ms": "160000" } });
      const alone = pod({ containers: [container("main", { image: "other" })] });
      const parts = { sandboxes, pod: alone, containers: [failed] };
      expect(planPod(view(parts)).steps[0]).toMatchObject({ type: "start", backOffMs: -1 });
      const failure = { reason: "ErrImagePull", message: "", count: 1, retryAtMs: nowMs + 1_000 };
      const failures = (image: string) => new Map([["main", { ...failure, image }]]);
      expect(steps({ sandboxes, pod: alone, failures: failures("busybox") })).toEqual(["start main 0"]);
      expect(steps({ sandboxes, pod: alone, failures: failures("other") })).toEqual([]);
    });
  });

  it("makes a new sandbox when the old one stopped, and counts on", () => {
    const lost = [sandbox({ state: "notReady" })];
    expect(steps({ sandboxes: lost, containers: [ended("main", 137)] })).toEqual(["createSandbox 1"]);
    const both = [...lost, sandbox({ id: "sandbox-1", attempt: 1 })];
    expect(
      steps({
        sandboxes: both,
        containers: [ended("main", 137, { attempt: 4, annotations: { "navarch.dev/back-off-ms": "300000" } })],
      }),
    ).toEqual(["start main 5"]);
  });

  it("never starts beside what still runs in another sandbox", () => {
    const both = [sandbox({ state: "notReady" }), sandbox({ id: "sandbox-1", attempt: 1 })];
    expect(steps({ sandboxes: both, containers: [run("main")] })).toEqual(["stopSandbox sandbox-0"]);
  });

  it("does not run a pod again that never restarts", () => {
    expect(
      steps({
        sandboxes: [sandbox({ state: "notReady" })],
        pod: pod({ restartPolicy: "Never" }),
        containers: [ended("main", 137)],
      }),
    ).toEqual([]);
  });

  it("counts on from the status when the runtime has forgotten", () => {
    const status = {
      phase: "Running",
      containerStatuses: [
        { name: "main", ready: true, restartCount: 7, image: "", imageID: "", containerID: "process://x" },
      ],
    } as const;
    expect(steps({ sandboxes, pod: pod({}, { status }) })).toEqual(["start main 8"]);
  });
});

describe("the plan for a pod that has to end", () => {
  const deletedPod = (seconds: number) =>
    pod(
      { initContainers: [container("a", { restartPolicy: "Always" }), container("b", { restartPolicy: "Always" })] },
      { metadata: deleted(seconds) },
    );

  it("ends the containers proper, then the sidecars in reverse, then the sandbox, then lets go", () => {
    const of = deletedPod(30);
    expect(steps({ sandboxes, pod: of, containers: [run("a"), run("b"), run("main")] })).toEqual(["kill main 30000"]);
    expect(steps({ sandboxes, pod: of, containers: [run("a"), run("b"), ended("main", 0)] })).toEqual(["kill b 30000"]);
    expect(steps({ sandboxes, pod: of, containers: [run("a"), ended("b", 0), ended("main", 0)] })).toEqual([
      "kill a 30000",
    ]);
    expect(steps({ sandboxes, pod: of, containers: [ended("a", 0), ended("b", 0), ended("main", 0)] })).toEqual([
      "stopSandbox sandbox-0",
    ]);
    expect(steps({ sandboxes: [sandbox({ state: "notReady" })], pod: of, containers: [ended("main", 0)] })).toEqual([
      "release",
    ]);
  });

  it("shares one grace among all, and shortens it when told to", () => {
    const stopping = new Map([["main-0", nowMs + 20_000]]);
    expect(
      steps({ sandboxes, pod: deletedPod(30), containers: [run("main")], endingSinceMs: nowMs - 10_000, stopping }),
    ).toEqual([]);
    expect(
      steps({ sandboxes, pod: deletedPod(12), containers: [run("main")], endingSinceMs: nowMs - 10_000, stopping }),
    ).toEqual(["kill main 2000"]);
    expect(
      steps({ sandboxes, pod: deletedPod(0), containers: [run("main")], endingSinceMs: nowMs - 10_000, stopping }),
    ).toEqual(["kill main 0"]);
  });

  it("starts nothing any more", () => {
    expect(steps({ pod: deletedPod(30) })).toEqual(["release"]);
  });

  it("removes everything of a pod that the API server has forgotten", () => {
    expect(steps({ gone: true, sandboxes, containers: [run("main")] })).toEqual(["kill main 30000"]);
    expect(steps({ gone: true, sandboxes: [sandbox({ state: "notReady" })] })).toEqual(["removeSandbox sandbox-0"]);
    expect(steps({ gone: true })).toEqual(["forget"]);
  });

  it("ends a pod whose time is over, and keeps what is left of it", () => {
    const late = pod(
      { activeDeadlineSeconds: 60 },
      { status: { phase: "Running", startTime: "2029-12-31T23:59:00Z" } },
    );
    expect(steps({ sandboxes, pod: late, containers: [run("main")] })).toEqual(["kill main 30000"]);
    expect(steps({ sandboxes: [sandbox({ state: "notReady" })], pod: late, containers: [ended("main", 137)] })).toEqual(
      [],
    );
    const early = pod(
      { activeDeadlineSeconds: 61 },
      { status: { phase: "Running", startTime: "2029-12-31T23:59:00Z" } },
    );
    expect(planPod(view({ sandboxes, pod: early, containers: [run("main")] }))).toMatchObject({
      steps: [],
      wakeAtMs: nowMs + 1_000,
    });
  });

  it("ends what others have declared failed", () => {
    expect(steps({ sandboxes, pod: pod({}, { status: { phase: "Failed" } }), containers: [run("main")] })).toEqual([
      "kill main 30000",
    ]);
  });

  it("ends with the node within the node's grace, and is then ready to run again", () => {
    expect(steps({ sandboxes, containers: [run("main")], shutdownByMs: nowMs + 10_000 })).toEqual(["kill main 10000"]);
    expect(steps({ sandboxes, containers: [ended("main", 0)], shutdownByMs: nowMs + 10_000 })).toEqual([
      "stopSandbox sandbox-0",
    ]);
    expect(
      steps({
        sandboxes: [sandbox({ state: "notReady" })],
        containers: [ended("main", 0)],
        shutdownByMs: nowMs + 10_000,
      }),
    ).toEqual([]);
  });
});
