import { configMaps } from "../../api/core/config-map.js";
import { nodes } from "../../api/core/node/node.js";
import { secrets } from "../../api/core/secret.js";
import { services } from "../../api/core/service.js";
import { bytesOf, cpuMilli } from "../../apimachinery/quantity.js";
import { onRuntimes, type PodKit, script, waits, webServer, www } from "../harness/conformance.js";

const env = { command: script("env") };
const lines = (log: string): readonly string[] => log.split("\n");
const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
const amount = (name: string, resource: string, more: object = {}) => ({
  name,
  valueFrom: { resourceFieldRef: { resource, ...more } },
});

async function withPrefixes(kit: PodKit, ref: object): Promise<readonly string[]> {
  const { log } = await kit.run("prefixed", {
    command: ["env"],
    envFrom: [ref, { prefix: "p_", ...ref }, { prefix: "p-dash.", ...ref }, { prefix: "1", ...ref }],
  });
  return lines(log);
}

onRuntimes(["process", "cri"], "environment", (kit) => {
  const data = { data_1: "value-1", data_2: "value-2", data_3: "value-3" };

  it("ConfigMap should be consumable via environment variable", async () => {
    const name = await kit.configMap({ "data-1": "value-1" });
    const { log } = await kit.run("env", {
      ...env,
      env: [{ name: "CONFIG_DATA_1", valueFrom: { configMapKeyRef: { name, key: "data-1" } } }],
    });
    expect(lines(log)).toContain("CONFIG_DATA_1=value-1");
  });

  it("ConfigMap should be consumable via the environment", async () => {
    const name = await kit.configMap(data);
    const ref = { configMapRef: { name } };
    const { log } = await kit.run("env", { ...env, envFrom: [ref, { prefix: "p_", ...ref }] });
    const expected = Object.entries(data).flatMap(([key, value]) => [`${key}=${value}`, `p_${key}=${value}`]);
    expect(lines(log)).toEqual(expect.arrayContaining(expected));
  });

  it("ConfigMap should be consumable as environment variable names with various prefixes", async () => {
    const name = await kit.configMap(data);
    expect(await withPrefixes(kit, { configMapRef: { name } })).toEqual(
      expect.arrayContaining(["data_1=value-1", "p_data_2=value-2", "p-dash.data_3=value-3", "1data_1=value-1"]),
    );
  });

  it("Secrets should be consumable from pods in env vars", async () => {
    const name = await kit.secret({ "data-1": "value-1" });
    const { log } = await kit.run("env", {
      ...env,
      env: [{ name: "SECRET_DATA", valueFrom: { secretKeyRef: { name, key: "data-1" } } }],
    });
    expect(lines(log)).toContain("SECRET_DATA=value-1");
  });

  it("Secrets should be consumable via the environment", async () => {
    const name = await kit.secret(data);
    const ref = { secretRef: { name } };
    const { log } = await kit.run("env", { ...env, envFrom: [ref, { prefix: "p_", ...ref }] });
    const expected = Object.entries(data).flatMap(([key, value]) => [`${key}=${value}`, `p_${key}=${value}`]);
    expect(lines(log)).toEqual(expect.arrayContaining(expected));
  });

  it("Secrets should be consumable as environment variable names with various prefixes", async () => {
    const name = await kit.secret(data);
    expect(await withPrefixes(kit, { secretRef: { name } })).toEqual(
      expect.arrayContaining(["data_1=value-1", "p_data_2=value-2", "p-dash.data_3=value-3", "1data_1=value-1"]),
    );
  });

  it("ConfigMap should fail to create ConfigMap with empty key", async () => {
    await expect(
      kit.client.create(configMaps, { metadata: { name: "empty", namespace: kit.namespace }, data: { "": "v" } }),
    ).rejects.toMatchObject({ reason: "Invalid" });
  });

  it("Secrets should fail to create secret due to empty secret key", async () => {
    const metadata = { name: "empty", namespace: kit.namespace };
    await expect(kit.client.create(secrets, { metadata, data: { "": "dg==" } } as never)).rejects.toMatchObject({
      reason: "Invalid",
    });
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
    expect(lines(log)).toContain(`HOST_IPS=${(pod.status?.hostIPs ?? []).map(({ ip }) => ip).join(",")}`);
  });

  it("Downward API should provide pod UID as env vars", async () => {
    const { pod, log } = await kit.run("down", { ...env, env: [field("POD_UID", "metadata.uid")] });
    expect(lines(log)).toContain(`POD_UID=${pod.metadata.uid}`);
  });

  const asked = [
    amount("CPU_LIMIT", "limits.cpu"),
    amount("MEMORY_LIMIT", "limits.memory"),
    amount("CPU_REQUEST", "requests.cpu", { divisor: "1m" }),
    amount("MEMORY_REQUEST", "requests.memory", { divisor: "1Mi" }),
  ];

  it("Downward API should provide container's limits.cpu/memory and requests.cpu/memory as env vars", async () => {
    const { log } = await kit.run("down", {
      ...env,
      env: asked,
      resources: { requests: { cpu: "250m", memory: "32Mi" }, limits: { cpu: "1250m", memory: "64Mi" } },
    });
    expect(lines(log)).toEqual(
      expect.arrayContaining(["CPU_LIMIT=2", "MEMORY_LIMIT=67108864", "CPU_REQUEST=250", "MEMORY_REQUEST=32"]),
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
    await kit.client.create(services, {
      metadata: { name: "fooservice", namespace: kit.namespace },
      spec: { selector: { "name-of": "server" }, ports: [{ port: 8765, targetPort: 8080 }] },
    } as never);
    const { log } = await kit.run("client", env);
    for (const variable of [
      "FOOSERVICE_SERVICE_HOST=",
      "FOOSERVICE_SERVICE_PORT=8765",
      "FOOSERVICE_PORT=tcp://",
      "FOOSERVICE_PORT_8765_TCP_PORT=8765",
      "FOOSERVICE_PORT_8765_TCP_PROTO=tcp",
      "FOOSERVICE_PORT_8765_TCP=tcp://",
      "FOOSERVICE_PORT_8765_TCP_ADDR=",
    ])
      expect(log).toContain(variable);
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
    const pod = await kit.create("latersub", {
      containers: [{ name: "test", image: "busybox", command: waits, ...subPath("$(ANNOTATION)/$(POD_NAME)") }],
      ...work,
    });
    await kit.until(pod, "is refused", ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.message);
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
    await inside("touch /volume/test.log");
    expect(await inside(`ls /whole/mypath/${name}`)).toBe("test.log\n");
    await kit.cluster.ok(["annotate", "-n", kit.namespace, "--overwrite", `pod/${name}`, "mysubpath=mynewpath"]);
    expect(await inside("ls /volume")).toBe("test.log\n");
    await kit.delete(pod);
  });
});
