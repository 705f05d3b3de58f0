import { systemClock } from "../../../base/clock.js";
import { seededRandom } from "../../../base/random.js";
import { VirtualClock } from "../../../base/virtual-clock.js";
import { describeRuntime } from "../runtime.contract.js";
import { openSimulatedRuntime } from "./simulated.js";

describeRuntime("the simulated runtime", async () => {
  const runtime = openSimulatedRuntime({ clock: systemClock, random: seededRandom(1) });
  return {
    runtime,
    lasting: {},
    ending: (code) => ({
      annotations: { "navarch.dev/simulated-run-time": "5ms", "navarch.dev/simulated-exit-code": String(code) },
    }),
    close: () => runtime.close(),
  };
});

describe("simulated containers", () => {
  const pod = { uid: "u", namespace: "default", name: "p" };
  const config = { name: "main", attempt: 0, image: "x", command: [], args: [], env: [], mounts: [] };
  const setUp = async () => {
    const clock = new VirtualClock();
    const runtime = openSimulatedRuntime({ clock, random: seededRandom(1) });
    await runtime.setPodCidr("10.0.0.0/24");
    const sandbox = await runtime.runSandbox({ pod, attempt: 0, hostname: "", labels: {}, annotations: {} });
    const stateOf = async (id: string) => (await runtime.containers()).find((container) => container.id === id);
    return { clock, runtime, sandbox, stateOf };
  };

  it("start, run and end after the times of their annotations", async () => {
    const { clock, runtime, sandbox, stateOf } = await setUp();
    const id = await runtime.createContainer(sandbox, {
      ...config,
      annotations: {
        "navarch.dev/simulated-start-delay": "2s",
        "navarch.dev/simulated-run-time": "1m",
        "navarch.dev/simulated-exit-code.main": "9",
      },
    });
    const started = runtime.startContainer(id);
    await clock.advance(1_999);
    expect((await stateOf(id))?.state).toBe("created");
    await clock.advance(1);
    await started;
    expect((await stateOf(id))?.state).toBe("running");
    await clock.advance(60_000);
    expect(await stateOf(id)).toMatchObject({ state: "exited", exitCode: 9 });
  });

  it("use what their annotations say", async () => {
    const { clock, runtime, sandbox } = await setUp();
    const annotations = { "navarch.dev/simulated-cpu": "250m", "navarch.dev/simulated-memory": "64Mi" };
    const id = await runtime.createContainer(sandbox, { ...config, annotations });
    await runtime.startContainer(id);
    await clock.advance(4_000);
    expect(await runtime.stats()).toEqual([
      { id, atMs: clock.now(), cpuNanoseconds: 1e9, workingSetBytes: 64 * 1024 * 1024 },
    ]);
  });

  it("end late when they are told to, and at once when the grace is over", async () => {
    const { clock, runtime, sandbox, stateOf } = await setUp();
    const id = await runtime.createContainer(sandbox, {
      ...config,
      annotations: { "navarch.dev/simulated-stop-delay": "1m" },
    });
    await runtime.startContainer(id);
    void runtime.stopContainer(id, 30_000);
    await clock.advance(29_999);
    expect((await stateOf(id))?.state).toBe("running");
    await clock.advance(1);
    expect(await stateOf(id)).toMatchObject({ state: "exited", exitCode: 137 });
  });

  it("fail only as often as they should", async () => {
    const { clock, runtime, sandbox, stateOf } = await setUp();
    const annotations = {
      "navarch.dev/simulated-run-time": "1s",
      "navarch.dev/simulated-exit-code": "1",
      "navarch.dev/simulated-failures": "1",
    };
    const ids = await Promise.all(
      [0, 1].map((attempt) => runtime.createContainer(sandbox, { ...config, attempt, annotations })),
    );
    for (const id of ids) await runtime.startContainer(id);
    await clock.advance(10_000);
    expect((await Promise.all(ids.map(stateOf))).map((record) => record?.state)).toEqual(["exited", "running"]);
  });

  it("refuse annotations that mean nothing", async () => {
    const { runtime, sandbox } = await setUp();
    await expect(
      runtime.createContainer(sandbox, { ...config, annotations: { "navarch.dev/simulated-run-time": "soon" } }),
    ).rejects.toMatchObject({ reason: "CreateContainerConfigError" });
  });

  it("do not get an image that is said to fail", async () => {
    const { runtime } = await setUp();
    const options = { pod, containerName: "main", hasCommand: false, signal: new AbortController().signal };
    await expect(
      runtime.pullImage("x", { ...options, annotations: { "navarch.dev/simulated-pull-failure": "no such image" } }),
    ).rejects.toMatchObject({ reason: "ErrImagePull", message: "no such image" });
    await runtime.pullImage("x", { ...options, annotations: {} });
    expect(await runtime.imageStatus("x")).toBeDefined();
  });
});
