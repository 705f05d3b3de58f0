import { configMaps } from "../../api/core/config-map.js";
import { nodes } from "../../api/core/node/node.js";
import { secrets } from "../../api/core/secret.js";
import { services } from "../../api/core/service.js";
import { bytesOf, cpuMilli } from "../../apimachinery/quantity.js";
import { onRuntimes, type PodKit, script, waits, webServer, www } from "../harness/conformance.js";
import { eventually } from "../harness/run.js";

const env = { command: script("env") };
const lines = (log: string): readonly string[] => log.split("\n");
const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
const amount = (name: string, resource: string, more: object = {}) => ({
  name,
  valueFrom: { resourceFieldRef: { resource, ...more } },
});

/** Every variable that is the source's own and one more for each of these prefixes, and nothing else with such a value. */
async function comesWith(kit: PodKit, source: object, prefixes: readonly string[]): Promise<void> {
  const envFrom = prefixes.map((prefix) => (prefix === "" ? source : { prefix, ...source }));
  // Asked for without a shell, which leaves out names that it could not use itself.
  const { log } = await kit.run("prefixed", { command: ["env"], envFrom });
  const wanted = prefixes.flatMap((prefix) => [1, 2, 3].map((each) => `${prefix}data-${each}=value-${each}`));
  expect(
    lines(log)
      .filter((line) => /=value-\d$/.test(line))
      .toSorted(),
  ).toEqual(wanted.toSorted());
}

const emptyKey = {
  ...{ code: 422, reason: "Invalid" },
  message: expect.stringMatching(/^\w+ "empty" is invalid: data\[\]: Invalid value: "": /),
};

const anyPrefix = ["", "1-", "$_-", "ABC_", "#@!"];

onRuntimes(["process", "cri"], "environment", (kit) => {
  const data = { "data-1": "value-1", "data-2": "value-2", "data-3": "value-3" };
  /** As files end. */
  const texts = { "data-1": "value-1\n", "data-2": "value-2\n", "data-3": "value-3\n" };

  it("ConfigMap should be consumable via environment variable", async () => {
    const name = await kit.configMap(data);
    const { log } = await kit.run("env", {
      ...env,
      env: [{ name: "CONFIG_DATA_1", valueFrom: { configMapKeyRef: { name, key: "data-1" } } }],
    });
    expect(lines(log)).toContain("CONFIG_DATA_1=value-1");
  });

  it("ConfigMap should be consumable via the environment", async () => {
    await comesWith(kit, { configMapRef: { name: await kit.configMap(data) } }, ["", "p-"]);
  });

  it("ConfigMap should be consumable as environment variable names with various prefixes", async () => {
    await comesWith(kit, { configMapRef: { name: await kit.configMap(data) } }, anyPrefix);
  });

  it("Secrets should be consumable from pods in env vars", async () => {
    const name = await kit.secret(texts);
    const { log } = await kit.run("env", {
      ...env,
      env: [{ name: "SECRET_DATA", valueFrom: { secretKeyRef: { name, key: "data-1" } } }],
    });
    expect(log).toMatch(/^SECRET_DATA=value-1\n\n/m);
  });

  it("Secrets should be consumable via the environment", async () => {
    await comesWith(kit, { secretRef: { name: await kit.secret(texts) } }, ["", "p-"]);
  });

  it("Secrets should be consumable as environment variable names with various prefixes", async () => {
    await comesWith(kit, { secretRef: { name: await kit.secret(texts) } }, anyPrefix);
  });

  it("ConfigMap should fail to create ConfigMap with empty key", async () => {
    const metadata = { name: "empty", namespace: kit.namespace };
    await expect(kit.client.create(configMaps, { metadata, data: { "": "v" } })).rejects.toMatchObject(emptyKey);
  });

  it("Secrets should fail to create secret due to empty secret key", async () => {
    const metadata = { name: "empty", namespace: kit.namespace };
    const made = kit.client.create(secrets, { metadata, data: { "": "dg==" } } as never);
    await expect(made).rejects.toMatchObject(emptyKey);
  });

  it("Downward API should provide pod name, namespace and IP address as env vars", async () => {
    const { pod, log } = await kit.run("down", {
      ...env,
      env: [
        field("POD_NAME", "metadata.name"),
        field("POD_NAMESPACE", "metadata.namespace"),
        field("THE_IP", "status.podIP"),
      ],
    });
    expect(lines(log)).toEqual(
      expect.arrayContaining([
        `POD_NAME=${pod.metadata.name}`,
        `POD_NAMESPACE=${kit.namespace}`,
        `THE_IP=${pod.status?.podIP}`,
      ]),
    );
  });

  it("Downward API should provide host IP as an env var", async () => {
    const { pod, log } = await kit.run("down", { ...env, env: [field("HOST_IP", "status.hostIP")] });
    expect(pod.status?.hostIP).toMatch(/^[\d.]+$/);
    expect(lines(log)).toContain(`HOST_IP=${pod.status?.hostIP}`);
  });

  it("Downward API should provide hostIPs as an env var", async () => {
    const { pod, log } = await kit.run("down", { ...env, env: [field("HOST_IPS", "status.hostIPs")] });
    expect(pod.status?.hostIPs).toEqual([{ ip: expect.stringMatching(/^[\d.]+$/) }]);
    expect(lines(log)).toContain(`HOST_IPS=${(pod.status?.hostIPs ?? []).map(({ ip }) => ip).join(",")}`);
  });

  it("Downward API should provide pod UID as env vars", async () => {
    const { pod, log } = await kit.run("down", { ...env, env: [field("POD_UID", "metadata.uid")] });
    expect(lines(log)).toContain(`POD_UID=${pod.metadata.uid}`);
  });

  const asked = [
    amount("CPU_LIMIT", "limits.cpu"),
    amount("MEMORY_LIMIT", "limits.memory"),
    amount("CPU_REQUEST", "requests.cpu"),
    amount("MEMORY_REQUEST", "requests.memory"),
    amount("CPU_MILLI", "requests.cpu", { divisor: "1m" }),
    amount("MEMORY_MI", "requests.memory", { divisor: "1Mi" }),
  ];

  it("Downward API should provide container's limits.cpu/memory and requests.cpu/memory as env vars", async () => {
    const { log } = await kit.run("down", {
      ...env,
      env: asked,
      resources: { requests: { cpu: "250m", memory: "32Mi" }, limits: { cpu: "1250m", memory: "64Mi" } },
    });
    expect(lines(log)).toEqual(
      expect.arrayContaining([
        ...["CPU_LIMIT=2", "MEMORY_LIMIT=67108864", "CPU_REQUEST=1", "MEMORY_REQUEST=33554432"],
        ...["CPU_MILLI=250", "MEMORY_MI=32"],
      ]),
    );
  });

  it("Downward API should provide default limits.cpu/memory from node allocatable", async () => {
    const { log } = await kit.run("down", { ...env, env: asked.slice(0, 2) });
    const [node] = (await kit.client.list(nodes)).items;
    const { cpu = "0", memory = "0" } = node?.status?.allocatable ?? {};
    expect(lines(log)).toEqual(
      expect.arrayContaining([`CPU_LIMIT=${Math.ceil(cpuMilli(cpu) / 1000)}`, `MEMORY_LIMIT=${bytesOf(memory)}`]),
    );
  });

  it("Variable Expansion should allow composing env vars into new env vars", async () => {
    const { log } = await kit.run("composed", {
      ...env,
      env: [
        { name: "FOO", value: "foo-value" },
        { name: "BAR", value: "bar-value" },
        { name: "FOOBAR", value: "$(FOO);;$(BAR)" },
      ],
    });
    expect(lines(log)).toEqual(
      expect.arrayContaining(["FOO=foo-value", "BAR=bar-value", "FOOBAR=foo-value;;bar-value"]),
    );
  });

  it("Variable Expansion should allow substituting values in a container's command", async () => {
    const { log } = await kit.run("command", {
      command: script('echo "$(TEST_VAR)"'),
      env: [{ name: "TEST_VAR", value: "test-value" }],
    });
    expect(log).toBe("test-value\n");
  });

  it("Variable Expansion should allow substituting values in a container's args", async () => {
    const { log } = await kit.run("args", {
      command: ["sh", "-c"],
      args: ['echo "$(TEST_VAR)"'],
      env: [{ name: "TEST_VAR", value: "test-value" }],
    });
    expect(log).toBe("test-value\n");
  });

  it("Pods should contain environment variables for services", async () => {
    const server = await kit.create(
      "server",
      { containers: [webServer()], volumes: [www] },
      { labels: { "name-of": "server" } },
    );
    await kit.ready(server);
    const { spec } = await kit.client.create(services, {
      metadata: { name: "fooservice", namespace: kit.namespace },
      spec: { selector: { "name-of": "server" }, ports: [{ port: 8765, targetPort: 8080 }] },
    } as never);
    const host = spec.clusterIP;
    expect(host).toMatch(/^[\d.]+$/);
    // The node may hear of the pod before it hears of the service.
    await eventually("a new pod has its variables", async () => {
      const { log } = await kit.run("client", env);
      const told = lines(log).filter((line) => line.startsWith("FOOSERVICE_"));
      expect(told.toSorted()).toEqual([
        `FOOSERVICE_PORT=tcp://${host}:8765`,
        `FOOSERVICE_PORT_8765_TCP=tcp://${host}:8765`,
        `FOOSERVICE_PORT_8765_TCP_ADDR=${host}`,
        "FOOSERVICE_PORT_8765_TCP_PORT=8765",
        "FOOSERVICE_PORT_8765_TCP_PROTO=tcp",
        `FOOSERVICE_SERVICE_HOST=${host}`,
        "FOOSERVICE_SERVICE_PORT=8765",
      ]);
      return true;
    });
    await kit.client.delete(services, { namespace: kit.namespace, name: "fooservice" });
    await kit.delete(server, 0);
  });

  const subPath = (subPathExpr: string, more: object = {}) => ({
    volumeMounts: [
      { name: "work", mountPath: "/volume", subPathExpr },
      { name: "work", mountPath: "/whole" },
    ],
    env: [field("POD_NAME", "metadata.name"), field("ANNOTATION", "metadata.annotations['mysubpath']")],
    ...more,
  });
  const work = { volumes: [{ name: "work", emptyDir: {} }] };

  it("Variable Expansion should allow substituting values in a volume subpath", async () => {
    const { pod, log } = await kit.run(
      "sub",
      subPath("$(POD_NAME)", { command: script("echo here >/volume/file; ls /whole; cat /whole/$POD_NAME/file") }),
      work,
    );
    expect(log).toBe(`${pod.metadata.name}\nhere\n`);
  });

  it.each([
    ["Variable Expansion should fail substituting values in a volume subpath with backticks", ".."],
    ["Variable Expansion should fail substituting values in a volume subpath with absolute path", "/tmp"],
  ])("%s", async (_title, value) => {
    const bad = { ...subPath("$(POD_NAME)"), env: [{ name: "POD_NAME", value }] };
    const pod = await kit.create("badsub", {
      containers: [{ name: "test", image: "busybox", command: waits, ...bad }],
      ...work,
    });
    await kit.until(
      pod,
      "is refused",
      ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === "CreateContainerConfigError",
    );
    await kit.delete(pod, 0);
  });

  it("Variable Expansion should verify that a failing subpath expansion can be modified during the lifecycle of a container", async () => {
    const container = { name: "test", image: "busybox", command: waits, ...subPath("$(ANNOTATION)/$(POD_NAME)") };
    const spec = { containers: [container], ...work };
    const pod = await kit.create("latersub", spec, { annotations: { notmysubpath: "mypath" } });
    const refused = await kit.until(
      pod,
      "is refused",
      ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.message,
    );
    expect(refused.status?.phase).toBe("Pending");
    await kit.cluster.ok([
      "annotate",
      "-n",
      kit.namespace,
      "--overwrite",
      `pod/${pod.metadata.name}`,
      "mysubpath=mypath",
    ]);
    await kit.ready(pod);
    await kit.delete(pod);
  });

  it("Variable Expansion should succeed in writing subpaths in container", async () => {
    const container = {
      name: "test",
      image: "busybox",
      command: waits,
      ...subPath("$(ANNOTATION)/$(POD_NAME)"),
    };
    const pod = await kit.create(
      "written",
      { containers: [container], ...work },
      { annotations: { mysubpath: "mypath" } },
    );
    await kit.ready(pod);
    const { name } = pod.metadata;
    const inside = (text: string) => kit.cluster.ok(["exec", "-n", kit.namespace, name, "--", "sh", "-c", text]);
    await inside(`touch /whole/mypath/${name}/test.log`);
    expect(await inside("ls /volume; touch /volume/back.log")).toBe("test.log\n");
    expect(await inside(`ls /whole/mypath/${name}`)).toBe("back.log\ntest.log\n");
    await kit.cluster.ok(["annotate", "-n", kit.namespace, "--overwrite", `pod/${name}`, "mysubpath=mynewpath"]);
    expect(await inside("ls /volume")).toBe("back.log\ntest.log\n");
    expect((await kit.get(pod)).status?.containerStatuses?.[0]).toMatchObject({ ready: true, restartCount: 0 });
    await kit.delete(pod);
  });
});
