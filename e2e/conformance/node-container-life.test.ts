import type { Pod } from "../../api/core/pod/pod.js";
import { ApiUser, type Json } from "../harness/api-conformance.js";
import {
  isReady,
  onRuntimes,
  type PodKit,
  type SpecDraft,
  script,
  waits,
  webServer,
  www,
} from "../harness/conformance.js";

jest.setTimeout(90_000);

const main = (text: string, more: object = {}): object => ({
  name: "test",
  image: "busybox",
  command: script(text),
  ...more,
});
const lasting: object = { name: "test", image: "busybox", command: waits };
const endOf = ({ status }: Pod) => status?.containerStatuses?.[0]?.state?.terminated;

onRuntimes(
  ["process", "cri"],
  "containers that begin and end",
  (kit) => {
    const api = new ApiUser();
    beforeAll(() => api.use(kit.cluster));

    initContainers(kit, api);
    endings(kit, api);
    hooks(kit);
  },
  { flags: ["--max-container-restart-period", "1s"] },
);

function initContainers(kit: PodKit, api: ApiUser): void {
  const init = (name: string, text: string): object => ({ name, image: "busybox", command: script(text) });
  /** What a watch tells of a new pod, in order, up to the first state that is this one. */
  const follow = async (spec: SpecDraft, what: string, is: (pod: Json) => boolean): Promise<readonly Json[]> => {
    const pod = await kit.create("pod-init", spec);
    const { name, resourceVersion } = pod.metadata;
    const query = `fieldSelector=metadata.name%3D${name}&resourceVersion=${resourceVersion}`;
    const watched = await api.watch(`/api/v1/namespaces/${kit.namespace}/pods?${query}`);
    const states = (): readonly Json[] => watched.events.map(({ object }) => object);
    await api.until(`${name} ${what}`, async () => states().some(is), 40_000);
    watched.stop();
    await kit.delete(pod, 0);
    expect(watched.events.every(({ type }) => type !== "ADDED" && type !== "ERROR")).toBe(true);
    return states().slice(0, states().findIndex(is) + 1);
  };
  const initialized = ({ status }: Json): Json => status.conditions?.find(({ type }: Json) => type === "Initialized");
  const hasEndedWell = ({ state }: Json): boolean => state?.terminated?.exitCode === 0;
  const isUntouched = ({ state, lastState, ready, started, restartCount }: Json): boolean =>
    state.waiting?.reason === "PodInitializing" && !(lastState?.terminated || ready || started) && restartCount === 0;
  /** One after the other, and the containers of the pod only after all of them, as each state of it says. */
  const isInOrder = (states: readonly Json[]): void => {
    const told = states.filter(({ status }) => status.initContainerStatuses !== undefined);
    expect(told).not.toEqual([]);
    for (const { status, ...rest } of told) {
      const inits: readonly Json[] = status.initContainerStatuses;
      expect(inits.map(({ name }) => name)).toEqual(["init1", "init2"]);
      const [first, second] = inits;
      const all = inits.every(hasEndedWell);
      expect({ status, holds: hasEndedWell(first) || isUntouched(second) }).toMatchObject({ holds: true });
      expect({ status, holds: all || status.containerStatuses.every(isUntouched) }).toMatchObject({ holds: true });
      expect({ status, now: initialized({ status, ...rest }).status }).toMatchObject({ now: all ? "True" : "False" });
      for (const { name, ready, ...each } of inits) expect([name, ready]).toEqual([name, hasEndedWell(each)]);
    }
  };

  it("InitContainer should invoke init containers on a RestartNever pod", async () => {
    const states = await follow(
      {
        restartPolicy: "Never",
        initContainers: [init("init1", "true"), init("init2", "true")],
        containers: [main("true")],
      },
      "has succeeded",
      ({ status }) => status.phase === "Succeeded",
    );
    isInOrder(states);
    const { status } = states.at(-1);
    expect(initialized({ status }).status).toBe("True");
    expect(status.initContainerStatuses.map(hasEndedWell)).toEqual([true, true]);
    expect(status.containerStatuses.map(({ state, restartCount }: Json) => [state.terminated, restartCount])).toEqual([
      [expect.objectContaining({ exitCode: 0, reason: "Completed" }), 0],
    ]);
  });

  it("InitContainer should invoke init containers on a RestartAlways pod", async () => {
    const states = await follow(
      {
        restartPolicy: "Always",
        initContainers: [init("init1", "true"), init("init2", "true")],
        containers: [lasting],
      },
      "is running",
      ({ status }) => status.phase === "Running" && status.containerStatuses[0].state.running,
    );
    isInOrder(states);
    const { status } = states.at(-1);
    expect(initialized({ status }).status).toBe("True");
    expect(status.initContainerStatuses.map(hasEndedWell)).toEqual([true, true]);
  });

  it("InitContainer should not start app containers if init containers fail on a RestartAlways pod", async () => {
    const states = await follow(
      {
        restartPolicy: "Always",
        initContainers: [init("init1", "false"), init("init2", "true")],
        containers: [lasting],
      },
      "has tried three times again",
      ({ status }) => status.initContainerStatuses?.[0].restartCount >= 3,
    );
    isInOrder(states);
    expect(states.some(({ status }) => status.initContainerStatuses?.[0].lastState?.terminated)).toBe(true);
    for (const { status } of states) {
      const [first] = status.initContainerStatuses ?? [];
      const codes = [first?.state.terminated?.exitCode, first?.lastState?.terminated?.exitCode];
      for (const code of codes) expect([undefined, 1]).toContain(code);
      expect(status.phase).toBe("Pending");
    }
    expect(initialized(states.at(-1))).toMatchObject({
      status: "False",
      reason: "ContainersNotInitialized",
      message: "containers with incomplete status: [init1 init2]",
    });
  });

  it("InitContainer should not start app containers and fail the pod if init containers fail on a RestartNever pod", async () => {
    const states = await follow(
      {
        restartPolicy: "Never",
        initContainers: [init("init1", "true"), init("init2", "false")],
        containers: [main("true")],
      },
      "has failed",
      ({ status }) => status.phase === "Failed",
    );
    isInOrder(states);
    const last = states.at(-1);
    expect(
      last.status.initContainerStatuses.map(({ state, restartCount }: Json) => [
        state.terminated.exitCode,
        restartCount,
      ]),
    ).toEqual([
      [0, 0],
      [1, 0],
    ]);
    expect(last.status.containerStatuses[0].state.waiting).toBeDefined();
    expect(initialized(last)).toMatchObject({
      status: "False",
      reason: "ContainersNotInitialized",
      message: "containers with incomplete status: [init2]",
    });
  });
}

function endings(kit: PodKit, api: ApiUser): void {
  const message = async (text: string, phase: string): Promise<string | undefined> => {
    const spec = {
      restartPolicy: "Never",
      containers: [main(text, { terminationMessagePolicy: "FallbackToLogsOnError" })],
    };
    const end = endOf(await kit.phase(await kit.create("word", spec), phase));
    expect(end).toBeDefined();
    return end?.message;
  };

  it("Container Runtime blackbox test should report termination message as empty when pod succeeds and FallbackToLogsOnError is set", async () => {
    expect(await message("echo -n DONE; true", "Succeeded")).toBeUndefined();
  });
  it("Container Runtime blackbox test should report termination message from file when pod succeeds and FallbackToLogsOnError is set", async () => {
    expect(await message("echo -n OK >/dev/termination-log; echo DONE", "Succeeded")).toBe("OK");
  });
  it("Container Runtime blackbox test should report termination message from log output if FallbackToLogsOnError is set", async () => {
    expect(await message("echo -n DONE; exit 1", "Failed")).toBe("DONE");
  });

  it("Container Runtime blackbox test container that exits should run with the expected status", async () => {
    const exits = async (restartPolicy: string, phase: string, state: string, restarts: number): Promise<void> => {
      // Fails the first time, succeeds the second, then lasts.
      const text = "cd /v; echo >>runs; case $(wc -l <runs) in 1) exit 1;; 2) exit 0;; *) sleep 3600;; esac";
      const pod = await kit.create("exits", {
        restartPolicy,
        containers: [main(text, { volumeMounts: [{ name: "v", mountPath: "/v" }] })],
        volumes: [{ name: "v", emptyDir: {} }],
      });
      const now = await kit.until(
        pod,
        `is ${phase}, ${state} after ${restarts} restarts`,
        ({ status }) =>
          status?.phase === phase &&
          status.containerStatuses?.[0]?.restartCount === restarts &&
          Object.keys(status.containerStatuses[0].state ?? {}).join() === state,
      );
      expect(isReady(now)).toBe(state === "running");
      await kit.delete(pod, 0);
    };
    await Promise.all([
      exits("Always", "Running", "running", 2),
      exits("OnFailure", "Succeeded", "terminated", 1),
      exits("Never", "Failed", "terminated", 0),
    ]);
  });

  it("Kubelet busybox command should print the output to logs", async () => {
    const made = await kit.create("log", {
      restartPolicy: "Never",
      containers: [main("echo 'Hello World'; echo 'Hello error' >&2; sleep 240")],
    });
    const pod = await kit.ready(made);
    const sinceTime = new Date(Date.now() - 3_600_000).toISOString();
    const path = `/api/v1/namespaces/${kit.namespace}/pods/${pod.metadata.name}/log?sinceTime=${sinceTime}`;
    const lines = async (): Promise<readonly string[]> => String((await api.get(path)) ?? "").split("\n");
    await api.until("both lines are there", async () => (await lines()).length > 2);
    // Which of two streams is read first is nobody's promise.
    expect((await lines()).toSorted()).toEqual(["", "Hello World", "Hello error"]);
    await kit.delete(pod, 0);
  });

  it("Kubelet always-failing busybox should have a terminated reason", async () => {
    const made = await kit.create("failing", { restartPolicy: "Never", containers: [main("false")] });
    const pod = await kit.until(made, "has ended", endOf);
    expect(pod.status?.containerStatuses).toHaveLength(1);
    expect(endOf(pod)).toMatchObject({ exitCode: 1, reason: "Error" });
    await kit.delete(pod);
  });
  it("Kubelet always-failing busybox should be possible to delete", async () => {
    const made = await kit.create("failing", { restartPolicy: "Never", containers: [main("false")] });
    const pod = await kit.phase(made, "Failed");
    await kit.delete(pod);
    const { code } = await api.call("GET", `/api/v1/namespaces/${kit.namespace}/pods/${pod.metadata.name}`);
    expect(code).toBe(404);
  });
  it("Kubelet agnhost Pod with hostAliases should write entries to /etc/hosts", async () => {
    const hostAliases = [{ ip: "123.45.67.89", hostnames: ["foo", "bar"] }];
    const { log } = await kit.run("aliases", { command: script("cat /etc/hosts") }, { hostAliases });
    expect(log).toContain("# Entries added by HostAliases.");
    expect(log).toContain("123.45.67.89\tfoo\tbar");
  });
}

function hooks(kit: PodKit): void {
  const answers = "for name in postStart preStop; do echo ok >/www/$name; done";
  const server = async (): Promise<Pod> =>
    kit.ready(await kit.create("server", { containers: [webServer(answers)], volumes: [www] }));
  const ask = (ip: string | undefined, what: string) => script(`busybox wget -q -O- http://${ip}:8080/${what}; true`);

  it.each([
    ["Container Lifecycle Hook should execute poststart exec hook properly", "postStart", "exec"],
    ["Container Lifecycle Hook should execute poststart http hook properly", "postStart", "httpGet"],
    ["Container Lifecycle Hook should execute prestop exec hook properly", "preStop", "exec"],
    ["Container Lifecycle Hook should execute prestop http hook properly", "preStop", "httpGet"],
  ])("%s", async (_title, hook, how) => {
    const handler = await server();
    const host = handler.status?.podIP;
    const action =
      how === "exec" ? { exec: { command: ask(host, hook) } } : { httpGet: { host, port: 8080, path: `/${hook}` } };
    const pod = await kit.ready(
      await kit.create("hooked", {
        terminationGracePeriodSeconds: 15,
        containers: [{ ...lasting, lifecycle: { [hook]: action } }],
      }),
    );
    const asked = new RegExp(`url:/${hook}`);
    if (hook === "postStart") await kit.logged(handler, asked);
    else expect(await kit.log(handler)).not.toMatch(asked);
    await kit.delete(pod);
    await kit.logged(handler, asked);
    await kit.delete(handler, 0);
  });
}
