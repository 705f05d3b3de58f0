import { podColumns, podState } from "./columns.js";
import type { ContainerStatus } from "./container-status.js";
import type { Pod } from "./pod.js";

const nowMs = Date.parse("2026-01-01T01:00:00Z");
const spec = { containers: [{ name: "a" }], initContainers: [] } as unknown as Pod["spec"];

function pod(change: { readonly spec?: object; readonly status?: object; readonly metadata?: object }): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "web",
      uid: "u",
      resourceVersion: "1",
      creationTimestamp: "2026-01-01T00:54:57Z",
      ...change.metadata,
    },
    spec: { ...spec, ...change.spec },
    status: { phase: "Pending", ...change.status },
  };
}
const status = (name: string, state: object, more: object = {}): ContainerStatus => ({
  name,
  image: "",
  imageID: "",
  ready: false,
  restartCount: 0,
  state,
  ...more,
});
const running = { running: {} };
const ended = (exitCode: number, reason?: string): object => ({
  terminated: { exitCode, ...(reason ? { reason } : {}) },
});
const withInit = { initContainers: [{ name: "i" }, { name: "j" }] };
const reasonOf = (object: Pod): string => podState(object).reason;

describe("the status of a pod in a table", () => {
  it.each<[string, Pod]>([
    ["Pending", pod({})],
    ["Evicted", pod({ status: { phase: "Failed", reason: "Evicted" } })],
    [
      "ContainerCreating",
      pod({ status: { containerStatuses: [status("a", { waiting: { reason: "ContainerCreating" } })] } }),
    ],
    [
      "CrashLoopBackOff",
      pod({
        status: { phase: "Running", containerStatuses: [status("a", { waiting: { reason: "CrashLoopBackOff" } })] },
      }),
    ],
    ["Running", pod({ status: { phase: "Running", containerStatuses: [status("a", running, { ready: true })] } })],
    ["Completed", pod({ status: { phase: "Succeeded", containerStatuses: [status("a", ended(0, "Completed"))] } })],
    ["Error", pod({ status: { phase: "Failed", containerStatuses: [status("a", ended(1, "Error"))] } })],
    ["ExitCode:3", pod({ status: { phase: "Failed", containerStatuses: [status("a", ended(3))] } })],
    ["Init:0/2", pod({ spec: withInit, status: { initContainerStatuses: [status("i", running)] } })],
    [
      "Init:1/2",
      pod({ spec: withInit, status: { initContainerStatuses: [status("i", ended(0)), status("j", running)] } }),
    ],
    ["Init:Error", pod({ spec: withInit, status: { initContainerStatuses: [status("i", ended(1, "Error"))] } })],
    [
      "Init:CrashLoopBackOff",
      pod({
        spec: withInit,
        status: { initContainerStatuses: [status("i", { waiting: { reason: "CrashLoopBackOff" } })] },
      }),
    ],
    [
      "Terminating",
      pod({
        metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" },
        status: { phase: "Running", containerStatuses: [status("a", running, { ready: true })] },
      }),
    ],
    [
      "SchedulingGated",
      pod({ status: { conditions: [{ type: "PodScheduled", status: "False", reason: "SchedulingGated" }] } }),
    ],
    ["Unknown", pod({ metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" }, status: { reason: "NodeLost" } })],
  ])("is %s", (reason, object) => {
    expect(reasonOf(object)).toBe(reason);
  });

  it("tells a pod that still runs from one that has completed", () => {
    const containerStatuses = [status("a", ended(0, "Completed")), status("b", running, { ready: true })];
    const conditions = [{ type: "Ready", status: "True" }];
    expect(reasonOf(pod({ status: { phase: "Running", containerStatuses, conditions } }))).toBe("Running");
    expect(reasonOf(pod({ status: { phase: "Running", containerStatuses } }))).toBe("NotReady");
  });

  it("counts sidecars among the containers, and their restarts", () => {
    const object = pod({
      spec: { initContainers: [{ name: "s", restartPolicy: "Always" }] },
      status: {
        phase: "Running",
        initContainerStatuses: [status("s", running, { ready: true, started: true, restartCount: 2 })],
        containerStatuses: [status("a", running, { ready: true, restartCount: 1 })],
      },
    });
    expect(podState(object)).toMatchObject({ ready: 2, restarts: 3 });
    expect(podColumns.slice(0, 3).map(({ cell }) => cell(object, { nowMs }))).toEqual(["web", "2/2", "Running"]);
  });

  it("says how long ago the last restart was", () => {
    const lastState = { terminated: { exitCode: 1, finishedAt: "2026-01-01T00:59:00Z" } };
    const object = pod({ status: { containerStatuses: [status("a", running, { restartCount: 4, lastState })] } });
    const cells = Object.fromEntries(podColumns.map(({ name, cell }) => [name, cell(object, { nowMs })]));
    expect(cells).toMatchObject({ Restarts: "4 (60s ago)", Age: "5m3s", IP: undefined });
  });
});
