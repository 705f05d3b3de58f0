import { leases } from "../../api/coordination/lease.js";
import { type Pod, pods } from "../../api/core/pod/pod.js";
import { isReady, onRuntimes, script, waits, webServer, www } from "../harness/conformance.js";
import { eventually } from "../harness/run.js";

const main = (text: string, more: object = {}): object => ({
  name: "test",
  image: "busybox",
  command: script(text),
  ...more,
});
const present = { imagePullPolicy: "IfNotPresent" };
const lasting: object = { name: "test", image: "busybox", command: waits };
const endOf = ({ status }: Pod) => status?.containerStatuses?.[0]?.state?.terminated;
const condition = ({ status }: Pod, type: string) => status?.conditions?.find((each) => each.type === type)?.status;

onRuntimes(["process", "cri"], "init containers", (kit) => {
  const init = (name: string, text: string): object => ({ name, image: "busybox", command: script(text) });

  it("InitContainer should invoke init containers on a RestartNever pod", async () => {
    const made = await kit.create("init", {
      restartPolicy: "Never",
      initContainers: [init("init1", "true"), init("init2", "true")],
      containers: [main("true")],
    });
    const pod = await kit.phase(made, "Succeeded");
    expect(condition(pod, "Initialized")).toBe("True");
    for (const { ready, state } of pod.status?.initContainerStatuses ?? [])
      expect([ready, state?.terminated?.exitCode]).toEqual([true, 0]);
    expect(pod.status?.initContainerStatuses).toHaveLength(2);
  });

  it("InitContainer should invoke init containers on a RestartAlways pod", async () => {
    const made = await kit.create("init", {
      restartPolicy: "Always",
      initContainers: [init("init1", "true"), init("init2", "true")],
      containers: [lasting],
    });
    const pod = await kit.ready(made);
    expect(condition(pod, "Initialized")).toBe("True");
    for (const { ready, state } of pod.status?.initContainerStatuses ?? [])
      expect([ready, state?.terminated?.exitCode]).toEqual([true, 0]);
    await kit.delete(pod, 0);
  });

  it("InitContainer should not start app containers if init containers fail on a RestartAlways pod", async () => {
    const made = await kit.create("init", {
      restartPolicy: "Always",
      initContainers: [init("init1", "false"), init("init2", "true")],
      containers: [lasting],
    });
    const pod = await kit.until(
      made,
      "has tried again",
      ({ status }) => (status?.initContainerStatuses?.[0]?.restartCount ?? 0) > 0,
    );
    expect(pod.status?.phase).toBe("Pending");
    expect(condition(pod, "Initialized")).toBe("False");
    expect(pod.status?.initContainerStatuses?.[1]?.state?.waiting?.reason).toBe("PodInitializing");
    expect(pod.status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe("PodInitializing");
    await kit.delete(pod, 0);
  });

  it("InitContainer should not start app containers and fail the pod if init containers fail on a RestartNever pod", async () => {
    const made = await kit.create("init", {
      restartPolicy: "Never",
      initContainers: [init("init1", "true"), init("init2", "false")],
      containers: [main("true")],
    });
    const pod = await kit.phase(made, "Failed");
    const [first, second] = pod.status?.initContainerStatuses ?? [];
    expect([first?.state?.terminated?.exitCode, second?.state?.terminated?.exitCode]).toEqual([0, 1]);
    expect(pod.status?.containerStatuses?.[0]?.state?.waiting).toBeDefined();
    expect(condition(pod, "Initialized")).toBe("False");
  });
});

onRuntimes(["process", "cri"], "containers that end", (kit) => {
  const message = async (text: string, phase: string): Promise<string | undefined> => {
    const spec = {
      restartPolicy: "Never",
      containers: [main(text, { terminationMessagePolicy: "FallbackToLogsOnError" })],
    };
    return endOf(await kit.phase(await kit.create("word", spec), phase))?.message;
  };

  it("Container Runtime blackbox test should report termination message as empty when pod succeeds and FallbackToLogsOnError is set", async () => {
    expect(await message("echo DONE", "Succeeded")).toBeUndefined();
  });
  it("Container Runtime blackbox test should report termination message from file when pod succeeds and FallbackToLogsOnError is set", async () => {
    expect(await message("echo -n OK >/dev/termination-log; echo DONE", "Succeeded")).toBe("OK");
  });
  it("Container Runtime blackbox test should report termination message from log output if FallbackToLogsOnError is set", async () => {
    expect(await message("echo -n DONE; exit 1", "Failed")).toBe("DONE");
  });

  it("Container Runtime blackbox test container that exits should run with the expected status", async () => {
    for (const [restartPolicy, phase, restarts] of [
      ["Always", "Running", 2],
      ["OnFailure", "Succeeded", 1],
      ["Never", "Failed", 0],
    ] as const) {
      const volumes = [{ name: "v", emptyDir: {} }];
      const count = "n=$(cat /v/n 2>/dev/null || echo 0); echo $((n + 1)) >/v/n";
      // As often as it is started again: fails the first time, succeeds the second, then lasts.
      const text = `${count}; case $n in 0) exit 1;; 1) ${restartPolicy === "Always" ? "exit 1" : "exit 0"};; *) sleep 3600;; esac`;
      const pod = await kit.create("exits", {
        restartPolicy,
        containers: [main(text, { volumeMounts: [{ name: "v", mountPath: "/v" }] })],
        volumes,
      });
      const now = await kit.until(
        pod,
        `has restarted ${restarts} times`,
        ({ status }) =>
          status?.phase === phase &&
          status.containerStatuses?.[0]?.restartCount === restarts &&
          (phase !== "Running" || status.containerStatuses[0].state?.running),
      );
      expect(isReady(now)).toBe(phase === "Running");
      await kit.delete(pod, 0);
    }
  });

  it("Kubelet busybox command should print the output to logs", async () => {
    expect((await kit.run("log", { command: script("echo 'Hello World'") })).log).toBe("Hello World\n");
  });
  it("Kubelet always-failing busybox should have a terminated reason", async () => {
    const pod = await kit.create("failing", { restartPolicy: "Never", containers: [main("false")] });
    expect(endOf(await kit.phase(pod, "Failed"))?.reason).toBe("Error");
  });
  it("Kubelet always-failing busybox should be possible to delete", async () => {
    const pod = await kit.create("failing", { containers: [main("false")] });
    await kit.until(pod, "fails", ({ status }) => (status?.containerStatuses?.[0]?.restartCount ?? 0) > 0);
    await kit.delete(pod);
  });
  it("Kubelet agnhost Pod with hostAliases should write entries to /etc/hosts", async () => {
    const hostAliases = [{ ip: "123.45.67.89", hostnames: ["foo", "bar"] }];
    const { log } = await kit.run("aliases", { command: script("cat /etc/hosts") }, { hostAliases });
    expect(log).toContain("# Entries added by HostAliases.");
    expect(log).toContain("123.45.67.89\tfoo\tbar");
  });
});

onRuntimes(["process", "cri"], "hooks", (kit) => {
  const answers = "for name in postStart preStop prestop; do echo ok >/www/$name; done";
  const server = async (): Promise<Pod> =>
    kit.ready(await kit.create("server", { containers: [webServer(answers)], volumes: [www] }));
  const ask = (ip: string | undefined, what: string) => [
    "sh",
    "-c",
    `busybox wget -q -O- http://${ip}:8080/${what}; true`,
  ];

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
        terminationGracePeriodSeconds: 5,
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

  it("PreStop should call prestop when killing a pod", async () => {
    const handler = await server();
    const preStop = { exec: { command: ask(handler.status?.podIP, "prestop") } };
    const pod = await kit.ready(
      await kit.create("tester", {
        terminationGracePeriodSeconds: 5,
        containers: [{ ...lasting, lifecycle: { preStop } }],
      }),
    );
    await kit.delete(pod);
    await kit.logged(handler, /url:.prestop/);
    await kit.delete(handler, 0);
  });
});

onRuntimes(["process", "cri"], "pods", (kit) => {
  const address = (pod: Pod) => ({ namespace: kit.namespace, name: pod.metadata.name });

  it("Ephemeral Containers will start an ephemeral container in an existing pod", async () => {
    const pod = await kit.ready(await kit.create("debugged", { containers: [lasting] }));
    const debug = { ...main("while :; do echo polo; sleep 1; done"), name: "debugger", ...present };
    const patch = {
      type: "strategic" as const,
      subresource: "ephemeralcontainers",
      body: { spec: { ephemeralContainers: [debug] } },
    };
    await kit.client.patch(pods, address(pod), patch);
    await kit.until(pod, "is debugged", ({ status }) => status?.ephemeralContainerStatuses?.[0]?.state?.running);
    const inside = ["exec", "-n", kit.namespace, pod.metadata.name, "-c", "debugger", "--", "echo", "marco"];
    expect(await kit.cluster.ok(inside)).toBe("marco\n");
    await kit.logged(pod, "polo", "debugger");
    await kit.delete(pod, 0);
  });

  it("Ephemeral Containers should update the ephemeral containers in an existing pod", async () => {
    const pod = await kit.ready(await kit.create("debugged", { containers: [lasting] }));
    const debug = (name: string) => ({ ...lasting, ...present, name });
    const put = async (name: string): Promise<void> => {
      const now = await kit.get(pod);
      const ephemeralContainers = [...(now.spec.ephemeralContainers ?? []), debug(name)];
      await kit.client.update(pods, { ...now, spec: { ...now.spec, ephemeralContainers } } as never, {
        subresource: "ephemeralcontainers",
      });
    };
    await put("debugger1");
    await kit.until(pod, "is debugged", ({ status }) => status?.ephemeralContainerStatuses?.[0]?.state?.running);
    await put("debugger2");
    const now = await kit.until(
      pod,
      "is debugged twice",
      ({ status }) =>
        status?.ephemeralContainerStatuses?.every(({ state }) => state?.running) &&
        status.ephemeralContainerStatuses.length === 2,
    );
    expect(now.spec.ephemeralContainers?.map(({ name }) => name)).toEqual(["debugger1", "debugger2"]);
    await kit.delete(pod, 0);
  });

  it("Pods should get a host IP", async () => {
    const pod = await kit.create("hosted", { containers: [lasting] });
    const { status } = await kit.until(pod, "has a host", (now) => now.status?.hostIP);
    expect(status?.hostIPs?.[0]?.ip).toBe(status?.hostIP);
    await kit.delete(pod, 0);
  });

  it("Pods should be submitted and removed", async () => {
    const labels = { time: kit.name("t") };
    const query = { namespace: kit.namespace, labelSelector: `time=${labels.time}` };
    expect((await kit.client.list(pods, query)).items).toEqual([]);
    const over = new AbortController();
    const seen: string[] = [];
    const watching = (async () => {
      const start = (await kit.client.list(pods, query)).metadata.resourceVersion ?? "";
      for await (const event of kit.client.watch(pods, { ...query, resourceVersion: start }, over.signal))
        seen.push(event.type);
    })().catch(() => {});
    const pod = await kit.create("submitted", { containers: [lasting] }, { labels });
    expect((await kit.client.list(pods, query)).items).toHaveLength(1);
    await kit.ready(pod);
    await kit.client.delete(pods, address(pod), { gracePeriodSeconds: 30 });
    await eventually("the deletion is seen", () => (seen.at(-1) === "DELETED" ? true : undefined));
    expect(seen[0]).toBe("ADDED");
    expect((await kit.client.list(pods, query)).items).toEqual([]);
    over.abort();
    await watching;
  });

  it("Pods should be updated", async () => {
    const pod = await kit.ready(await kit.create("updated", { containers: [lasting] }, { labels: { time: "one" } }));
    const now = await kit.get(pod);
    await kit.client.update(pods, { ...now, metadata: { ...now.metadata, labels: { time: "two" } } });
    const { items } = await kit.client.list(pods, { namespace: kit.namespace, labelSelector: "time=two" });
    expect(items.map(({ metadata }) => metadata.uid)).toEqual([pod.metadata.uid]);
    await kit.delete(pod, 0);
  });

  it("Pods should allow activeDeadlineSeconds to be updated", async () => {
    const pod = await kit.ready(await kit.create("deadline", { containers: [lasting] }));
    await kit.client.patch(pods, address(pod), { type: "merge", body: { spec: { activeDeadlineSeconds: 2 } } });
    const now = await kit.phase(pod, "Failed");
    expect(now.status?.reason).toBe("DeadlineExceeded");
    await kit.delete(pod, 0);
  });

  it("Pods should delete a collection of pods", async () => {
    const labels = { type: "Testing" };
    const made: Pod[] = [];
    for (let count = 0; count < 3; count++) made.push(await kit.create("set", { containers: [lasting] }, { labels }));
    for (const pod of made) await kit.phase(pod, "Running");
    const query = { namespace: kit.namespace, labelSelector: "type=Testing" };
    expect((await kit.client.list(pods, query)).items).toHaveLength(3);
    await kit.client.deleteCollection(pods, query);
    await eventually("all are gone", async () =>
      (await kit.client.list(pods, query)).items.length === 0 ? true : undefined,
    );
  });

  it("Pods Extended QOS Class should be set on Pods with matching requests and limits for memory and cpu", async () => {
    const amounts = { cpu: "100m", memory: "100Mi" };
    const pod = await kit.create("qos", {
      containers: [{ ...lasting, resources: { requests: amounts, limits: amounts } }],
    });
    expect((await kit.get(pod)).status?.qosClass).toBe("Guaranteed");
    await kit.delete(pod, 0);
  });

  it("Pods Extended Pod Generation should start at 1 and increment per update", async () => {
    const pod = await kit.ready(await kit.create("generation", { containers: [lasting] }));
    expect(pod.metadata.generation).toBe(1);
    const change = (body: object) => kit.client.patch(pods, address(pod), { type: "merge", body });
    expect((await change({ spec: { activeDeadlineSeconds: 5000 } })).metadata.generation).toBe(2);
    expect((await change({ metadata: { labels: { a: "b" } } })).metadata.generation).toBe(2);
    const toleration = { key: "k", operator: "Exists", effect: "NoSchedule" };
    const { spec } = await kit.get(pod);
    expect(
      (await change({ spec: { tolerations: [...(spec.tolerations ?? []), toleration] } })).metadata.generation,
    ).toBe(3);
    await kit.until(pod, "is observed", ({ status }) => status?.observedGeneration === 3);
    await kit.delete(pod, 0);
  });

  it("Pods Extended Pod Generation custom-set generation on new pods and graceful delete", async () => {
    const spec = {
      containers: [{ ...lasting, command: script("trap '' TERM; while :; do sleep 1; done") }],
      terminationGracePeriodSeconds: 3,
    };
    const pod = await kit.ready(await kit.create("generation", spec, { generation: 100 }));
    expect(pod.metadata.generation).toBe(1);
    await kit.client.delete(pods, address(pod));
    const ending = await kit.get(pod);
    expect(ending.metadata.deletionTimestamp).toBeDefined();
    expect(ending.metadata.generation).toBe(2);
    await kit.delete(pod, 0);
  });

  it("Pods Extended Pod Generation issue 500 podspec updates; generation and observedGeneration converge", async () => {
    const pod = await kit.ready(await kit.create("generation", { containers: [lasting] }));
    for (let count = 0; count < 500; count++)
      await kit.client.patch(pods, address(pod), {
        type: "merge",
        body: { spec: { activeDeadlineSeconds: 100_000 - count } },
      });
    const now = await kit.until(
      pod,
      "is observed",
      ({ status, metadata }) => metadata.generation === 501 && status?.observedGeneration === 501,
    );
    expect(now.metadata.generation).toBe(501);
    await kit.delete(pod, 0);
  });

  it("Pods should patch a pod status", async () => {
    const pod = await kit.ready(await kit.create("patched", { containers: [lasting] }, { labels: { is: "patched" } }));
    const { items } = await kit.client.list(pods, { labelSelector: "is=patched" });
    expect(items).toHaveLength(1);
    const conditions = [{ type: "Custom", status: "True", reason: "E2E", message: "Patched by e2e test" }];
    const patched = await kit.client.patch(pods, address(pod), {
      type: "strategic",
      subresource: "status",
      body: { status: { conditions } },
    });
    expect(patched.status?.conditions).toContainEqual(expect.objectContaining({ message: "Patched by e2e test" }));
    expect((await kit.get(pod)).status?.conditions).toContainEqual(expect.objectContaining({ type: "Custom" }));
    await kit.delete(pod, 0);
  });

  it("Lease API should be available", async () => {
    const name = kit.name("lease");
    const spec = {
      holderIdentity: "me",
      leaseDurationSeconds: 30,
      acquireTime: "2030-01-01T00:00:00.000000Z",
      renewTime: "2030-01-01T00:00:00.000000Z",
      leaseTransitions: 0,
    };
    const at = { namespace: kit.namespace, name };
    const made = await kit.client.create(leases, { metadata: { ...at, labels: { deletecollection: "true" } }, spec });
    expect((await kit.client.get(leases, at)).spec).toEqual(made.spec);
    const updated = await kit.client.update(leases, {
      ...made,
      spec: { ...spec, holderIdentity: "you", leaseDurationSeconds: 45, leaseTransitions: 1 },
    });
    expect((await kit.client.get(leases, at)).spec).toEqual(updated.spec);
    await kit.client.patch(leases, at, { type: "strategic", body: { spec: { leaseDurationSeconds: 60 } } });
    expect((await kit.client.get(leases, at)).spec.leaseDurationSeconds).toBe(60);
    const query = { namespace: kit.namespace, labelSelector: "deletecollection=true" };
    await kit.client.create(leases, {
      metadata: { namespace: kit.namespace, name: `${name}-b`, labels: { deletecollection: "true" } },
      spec,
    });
    expect((await kit.client.list(leases, query)).items).toHaveLength(2);
    await kit.client.deleteCollection(leases, query);
    expect((await kit.client.list(leases, query)).items).toEqual([]);
    await kit.client.create(leases, { metadata: at, spec });
    await kit.client.delete(leases, at);
    await expect(kit.client.get(leases, at)).rejects.toMatchObject({ reason: "NotFound" });
  });
});
