import { planPod } from "./plan.js";
import { container, ended, pod, run, sandbox, view } from "./pod.test-kit.js";
import { podStatus } from "./status.js";
import { remembered } from "./view.js";

const facts = { hostIPs: ["127.64.0.1"], runtimeName: "process", features: { recursiveReadOnly: false } };
const told = (state: object, more: object = {}) => ({
  name: "main",
  state,
  ready: false,
  restartCount: 2,
  image: "busybox",
  imageID: "",
  containerID: "process://old",
  ...more,
});
const statusOf = (...containerStatuses: readonly object[]) => ({ phase: "Running", containerStatuses }) as never;

describe("runs that the runtime has forgotten", () => {
  it("count as the status told of them: what had succeeded is not done again", () => {
    const status = statusOf(told({ terminated: { exitCode: 0, reason: "Completed" } }));
    const lost = view({ pod: pod({ restartPolicy: "OnFailure" }, { status }) });
    expect(planPod(lost).steps).toEqual([]);
    expect(podStatus(lost, planPod(lost), facts)).toMatchObject({
      phase: "Succeeded",
      containerStatuses: [{ restartCount: 2, state: { terminated: { exitCode: 0 } } }],
    });
  });

  it("have ended, nobody knows how, when they were last told to run", () => {
    const status = statusOf(told({ running: { startedAt: "2030-01-01T00:00:00Z" } }));
    const lost = view({ pod: pod({ restartPolicy: "Never" }, { status }) });
    expect(podStatus(lost, planPod(lost), facts)).toMatchObject({
      phase: "Failed",
      containerStatuses: [{ state: { terminated: { exitCode: 137, reason: "ContainerStatusUnknown" } } }],
    });
  });

  it("are followed by a run of the next number, which remembers how they ended", () => {
    const status = statusOf(told({ terminated: { exitCode: 1, reason: "Error" } }));
    const again = view({ pod: pod({}, { status }), sandboxes: [sandbox()] });
    expect(planPod(again).steps).toMatchObject([{ type: "start", attempt: 3 }]);
    const running = { ...again, containers: [run("main", { attempt: 3 })] };
    expect(podStatus(running, planPod(running), facts).containerStatuses).toMatchObject([
      { restartCount: 3, lastState: { terminated: { exitCode: 1, reason: "Error" } } },
    ]);
  });

  it("are nothing new where there is a record, or nothing was ever told", () => {
    const known = view({ pod: pod({}, { status: statusOf(told({})) }), containers: [run("main")] });
    expect(remembered(known)).toBe(known);
    expect(remembered(view()).containers).toEqual([]);
  });
});

describe("a pod whose containers proper are done", () => {
  it("is over only when its sidecars and debuggers have ended, too", () => {
    const of = pod({
      restartPolicy: "Never",
      initContainers: [container("side", { restartPolicy: "Always" })],
      ephemeralContainers: [container("debug")],
    });
    const still = view({ pod: of, sandboxes: [sandbox()], containers: [ended("main", 0), run("side"), run("debug")] });
    expect(planPod(still).steps).toMatchObject([{ type: "kill", run: { name: "debug" } }]);
    expect(podStatus(still, planPod(still), facts).phase).toBe("Running");
    const done = { ...still, containers: [ended("main", 0), ended("side", 143), ended("debug", 1)] };
    expect(podStatus(done, planPod(done), facts).phase).toBe("Succeeded");
  });
});
