import { qosClass } from "../../api/core/pod/qos.js";
import type { PodStatus } from "../../api/core/pod/status.js";
import { planPod } from "./plan.js";
import { container, ended, nowMs, pod, run, sandbox, view } from "./pod.test-kit.js";
import { durationText, podStatus } from "./status.js";
import type { PodView } from "./view.js";

const status = (parts: Partial<PodView>): PodStatus => {
  const of = view({ sandboxes: [sandbox()], ...parts });
  return podStatus(of, planPod(of), {
    hostIPs: ["127.64.0.1"],
    runtimeName: "process",
    features: { recursiveReadOnly: false },
  });
};
const condition = ({ conditions = [] }: PodStatus, type: string) => conditions.find((found) => found.type === type);
const once = { attempt: 0, annotations: { "navarch.dev/back-off-ms": "0" } };

describe("the phase", () => {
  it.each([
    ["nothing has started", {}, "Pending"],
    [
      "one of two has not started",
      { pod: pod({ containers: [container("main"), container("two")] }), containers: [run("main")] },
      "Pending",
    ],
    ["all run", { containers: [run("main")] }, "Running"],
    ["one waits to be started again", { containers: [ended("main", 1, once)] }, "Running"],
    [
      "all have succeeded and are not restarted",
      { pod: pod({ restartPolicy: "Never" }), containers: [ended("main", 0)] },
      "Succeeded",
    ],
    [
      "one has failed and is not restarted",
      { pod: pod({ restartPolicy: "Never" }), containers: [ended("main", 2)] },
      "Failed",
    ],
    [
      "one has failed while another runs",
      {
        pod: pod({ restartPolicy: "Never", containers: [container("main"), container("two")] }),
        containers: [ended("main", 2), run("two")],
      },
      "Running",
    ],
    [
      "an init container runs",
      { pod: pod({ initContainers: [container("first")] }), containers: [run("first")] },
      "Pending",
    ],
    [
      "an init container has failed for good",
      { pod: pod({ restartPolicy: "Never", initContainers: [container("first")] }), containers: [ended("first", 1)] },
      "Failed",
    ],
    [
      "it was deleted and all has ended",
      { pod: pod({}, { metadata: { deletionTimestamp: "2030-01-01T00:00:00Z" } }), containers: [ended("main", 143)] },
      "Failed",
    ],
    [
      "it has failed before, whatever runs",
      { pod: pod({}, { status: { phase: "Failed" } }), containers: [run("main")] },
      "Failed",
    ],
  ] as const)("when %s", (_title, parts, phase) => {
    expect(status(parts as Partial<PodView>).phase).toBe(phase);
  });

  it("is Failed with a reason when the pod's time is over", () => {
    const late = pod({ activeDeadlineSeconds: 1 }, { status: { phase: "Running", startTime: "2029-01-01T00:00:00Z" } });
    expect(status({ pod: late, containers: [ended("main", 137)] })).toMatchObject({
      phase: "Failed",
      reason: "DeadlineExceeded",
      message: "Pod was active on the node longer than the specified deadline",
    });
  });
});

describe("container statuses", () => {
  const main = (parts: Partial<PodView>) => status(parts).containerStatuses?.[0];

  it("tell what waits and why", () => {
    expect(main({})).toMatchObject({
      state: { waiting: { reason: "ContainerCreating" } },
      ready: false,
      started: false,
      restartCount: 0,
      image: "busybox",
      imageID: "",
    });
    expect(main({ pod: pod({ initContainers: [container("first")] }) })?.state).toEqual({
      waiting: { reason: "PodInitializing" },
    });
    const failures = new Map([["main", { reason: "ErrImagePull", message: "no", retryAtMs: nowMs + 1, count: 1 }]]);
    expect(main({ failures })?.state).toEqual({ waiting: { reason: "ErrImagePull", message: "no" } });
  });

  it("tell of the run of which the start was taken to have failed, once it has ended for good", () => {
    const failures = new Map([["main", { reason: "RunContainerError", message: "", retryAtMs: nowMs + 1, count: 1 }]]);
    const containers = [ended("main", 0), run("two")];
    const both = { containers: [container("main"), container("two")] };
    expect(main({ pod: pod({ ...both, restartPolicy: "Never" }), containers, failures })?.state).toMatchObject({
      terminated: { exitCode: 0 },
    });
    expect(main({ pod: pod(both), containers, failures })?.state).toMatchObject({
      waiting: { reason: "RunContainerError" },
    });
  });

  it("tell how volumes are mounted, also while it waits, of every kind of container", () => {
    const volumeMounts = [
      { name: "v", mountPath: "/v" },
      { name: "w", mountPath: "/w", readOnly: true },
    ];
    const mounting = (name: string) => container(name, { volumeMounts });
    const told = status({
      pod: pod({
        initContainers: [mounting("first")],
        containers: [mounting("main")],
        ephemeralContainers: [mounting("look")],
      }),
      containers: [run("first")],
    });
    for (const statuses of [told.initContainerStatuses, told.containerStatuses, told.ephemeralContainerStatuses])
      expect(statuses?.[0]?.volumeMounts).toEqual([
        { name: "v", mountPath: "/v" },
        { name: "w", mountPath: "/w", readOnly: true, recursiveReadOnly: "Disabled" },
      ]);
  });

  it("name the container with its runtime", () => {
    expect(main({ containers: [run("main")] })).toMatchObject({
      containerID: "process://main-0",
      ready: true,
      started: true,
      state: { running: { startedAt: "2029-12-31T23:59:59Z" } },
    });
  });

  it("say of each container why the pod is refused as a whole, and nothing of volumes that come late", () => {
    const failing = (reason: string) =>
      status({
        sandboxes: [],
        pod: pod({ initContainers: [container("first")] }),
        failures: new Map([["", { reason, message: "why", retryAtMs: nowMs + 1, count: 1 }]]),
      });
    const refused = failing("CreateContainerConfigError");
    for (const told of [refused.initContainerStatuses, refused.containerStatuses])
      expect(told?.[0]?.state).toEqual({ waiting: { reason: "CreateContainerConfigError", message: "why" } });
    expect(failing("FailedMount").containerStatuses?.[0]?.state).toEqual({ waiting: { reason: "PodInitializing" } });
  });

  it("show a container that is held back as Kubernetes does", () => {
    const found = main({
      containers: [ended("main", 1, { attempt: 2, annotations: { "navarch.dev/back-off-ms": "40000" } })],
    });
    expect(found).toMatchObject({ restartCount: 2, lastState: { terminated: { exitCode: 1, reason: "Error" } } });
    expect(found?.state).toEqual({
      waiting: {
        reason: "CrashLoopBackOff",
        message: "back-off 1m20s restarting failed container=main pod=p_default(u)",
      },
    });
  });

  it("keep the run before as lastState, with its last word", () => {
    const found = main({
      containers: [run("main", { attempt: 1 }), ended("main", 3)],
      messages: new Map([["main-0", "why"]]),
    });
    expect(found?.lastState?.terminated).toMatchObject({
      exitCode: 3,
      message: "why",
      containerID: "process://main-0",
    });
  });

  it("call an init container ready once it has succeeded, and a sidecar while it runs", () => {
    const of = pod({ initContainers: [container("one"), container("side", { restartPolicy: "Always" })] });
    const { initContainerStatuses } = status({ pod: of, containers: [ended("one", 0), run("side")] });
    expect(initContainerStatuses?.map(({ ready }) => ready)).toEqual([true, true]);
  });
});

describe("conditions", () => {
  it("follow the containers", () => {
    const waiting = status({});
    expect(condition(waiting, "PodReadyToStartContainers")?.status).toBe("True");
    expect(condition(waiting, "Initialized")?.status).toBe("True");
    expect(condition(waiting, "Ready")).toMatchObject({
      status: "False",
      reason: "ContainersNotReady",
      message: "containers with unready status: [main]",
    });
    const ready = status({ containers: [run("main")] });
    expect(["PodScheduled", "ContainersReady", "Ready"].map((type) => condition(ready, type)?.status)).toEqual([
      "True",
      "True",
      "True",
    ]);
  });

  it("wait for the init containers", () => {
    const of = pod({ initContainers: [container("one"), container("two")] });
    expect(condition(status({ pod: of, containers: [ended("one", 0)] }), "Initialized")).toMatchObject({
      status: "False",
      reason: "ContainersNotInitialized",
      message: "containers with incomplete status: [two]",
    });
  });

  it("are not Ready after the end, and say how it ended", () => {
    const of = pod({ restartPolicy: "Never" });
    expect(condition(status({ pod: of, containers: [ended("main", 0)] }), "Ready")).toMatchObject({
      status: "False",
      reason: "PodCompleted",
    });
    expect(condition(status({ pod: of, containers: [ended("main", 1)] }), "Ready")).toMatchObject({
      status: "False",
      reason: "PodFailed",
    });
  });

  it("wait for the gates of others, whose conditions stay as they are", () => {
    const gated = (conditions: PodStatus["conditions"]) =>
      pod(
        { readinessGates: [{ conditionType: "x/y" }] },
        { status: { phase: "Running", ...(conditions ? { conditions } : {}) } },
      );
    expect(condition(status({ pod: gated(undefined), containers: [run("main")] }), "Ready")).toMatchObject({
      status: "False",
      reason: "ReadinessGatesNotReady",
      message: 'corresponding condition of pod readiness gate "x/y" does not exist.',
    });
    const open = status({ pod: gated([{ type: "x/y", status: "True" }]), containers: [run("main")] });
    expect(condition(open, "Ready")?.status).toBe("True");
    expect(condition(open, "x/y")).toEqual({ type: "x/y", status: "True" });
  });

  it("keep the time of their last transition until they change", () => {
    const conditions = [{ type: "Ready", status: "True" as const, lastTransitionTime: "2029-06-01T00:00:00Z" }];
    const before = pod({}, { status: { phase: "Running", conditions } });
    expect(condition(status({ pod: before, containers: [run("main")] }), "Ready")?.lastTransitionTime).toBe(
      "2029-06-01T00:00:00Z",
    );
    expect(condition(status({ pod: before, containers: [ended("main", 1)] }), "Ready")?.lastTransitionTime).toBe(
      "2030-01-01T00:00:00Z",
    );
  });
});

describe("quality of service", () => {
  it("is the API server's, whatever says nothing", () => {
    const amounts = { cpu: "1", memory: "1Gi" };
    const full = container("main", { resources: { limits: amounts, requests: amounts } });
    for (const resources of [{}, { requests: {} }, { requests: { "hugepages-2Mi": "2Mi" } }]) {
      const { spec } = pod({ resources, containers: [full] });
      expect(status({ pod: pod(spec) }).qosClass).toBe(qosClass(spec));
    }
  });

  const qos = (resources: object) => status({ pod: pod({ containers: [container("main", { resources })] }) }).qosClass;
  it("follows requests and limits", () => {
    expect(qos({})).toBe("BestEffort");
    expect(qos({ requests: { cpu: "1" } })).toBe("Burstable");
    expect(qos({ limits: { cpu: "1", memory: "1Gi" } })).toBe("Guaranteed");
    expect(qos({ limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "1000m", memory: "1Gi" } })).toBe("Guaranteed");
    expect(qos({ limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "500m" } })).toBe("Burstable");
  });
});

it("durations are written as Kubernetes writes them", () => {
  expect([10_000, 80_000, 300_000].map(durationText)).toEqual(["10s", "1m20s", "5m0s"]);
});

describe("a pod that the agent has dismissed", () => {
  const dismissal = {
    reason: "Evicted",
    message: "The node was low on resource: memory. ",
    graceMs: 0,
    disruption: { reason: "TerminationByKubelet", message: "The node was low on resource: memory. " },
  };

  it("shows at once that it is being disturbed, and is Failed when nothing of it runs", () => {
    const before = status({ containers: [run("main")], dismissal });
    expect(before).toMatchObject({ phase: "Running" });
    expect(before.reason).toBeUndefined();
    expect(condition(before, "DisruptionTarget")).toMatchObject({ status: "True", reason: "TerminationByKubelet" });
    expect(status({ containers: [ended("main", 0)], dismissal })).toMatchObject({
      phase: "Failed",
      reason: "Evicted",
      message: dismissal.message,
      containerStatuses: [{ state: { terminated: { exitCode: 0 } } }],
    });
  });

  it("is ended within the grace of its dismissal, and nothing is started", () => {
    const of = view({ sandboxes: [sandbox()], containers: [run("main")], endingSinceMs: nowMs, dismissal });
    expect(planPod(of).steps).toMatchObject([{ type: "kill", graceMs: 0 }]);
    expect(planPod(view({ dismissal })).steps).toEqual([]);
  });

  it("tells nothing of containers where it was never let in", () => {
    const away = { reason: "OutOfcpu", message: "Pod was rejected: there is none" };
    const told = status({ sandboxes: [], dismissal: away });
    expect(told).toMatchObject({ phase: "Failed", ...away, qosClass: "BestEffort" });
    expect(told.containerStatuses).toBeUndefined();
    expect(told.conditions).toBeUndefined();
  });
});
