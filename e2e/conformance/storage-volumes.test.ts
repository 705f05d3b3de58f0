import { nodes } from "../../api/core/node/node.js";
import { pods } from "../../api/core/pod/pod.js";
import { bytesOf, cpuMilli } from "../../apimachinery/quantity.js";
import { onRuntimes, type PodKit, script } from "../harness/conformance.js";

type Items = readonly object[];
type AsVolume = (items: Items, more?: object) => object;
const plain: AsVolume = (items, more = {}) => ({ volumes: [{ name: "v", downwardAPI: { items, ...more } }] });
const projected: AsVolume = (items, more = {}) => ({
  volumes: [{ name: "v", projected: { sources: [{ downwardAPI: { items } }], ...more } }],
});
const at = [{ name: "v", mountPath: "/v" }];
const field = (path: string, fieldPath: string, more: object = {}) => ({ path, fieldRef: { fieldPath }, ...more });
const amount = (resource: string) => ({ path: "amount", resourceFieldRef: { containerName: "test", resource } });
const resources = { requests: { cpu: "250m", memory: "32Mi" }, limits: { cpu: "1250m", memory: "64Mi" } };

async function shows(kit: PodKit, volume: object, text: string, more: object = {}): Promise<string> {
  return (await kit.run("downward", { command: script(text), volumeMounts: at, ...more }, volume)).log;
}

async function follows(kit: PodKit, as: AsVolume, what: "labels" | "annotations"): Promise<void> {
  const pod = await kit.create(
    "follow",
    {
      containers: [
        {
          name: "test",
          image: "busybox",
          command: script("while :; do cat /v/metadata; echo; sleep 0.1; done"),
          volumeMounts: at,
        },
      ],
      ...as([field("metadata", `metadata.${what}`)]),
    },
    { [what]: { key1: "value1", key2: "value2" } },
  );
  await kit.logged(await kit.ready(pod), 'key1="value1"\nkey2="value2"\n');
  const body = { metadata: { [what]: { key3: "value3" } } };
  await kit.client.patch(pods, { namespace: kit.namespace, name: pod.metadata.name }, { type: "merge", body });
  await kit.logged(pod, 'key3="value3"\n');
  await kit.delete(pod, 0);
}

onRuntimes(["process", "cri"], "volumes of fields", (kit) => {
  it.each<[string, AsVolume]>([
    ["Downward API volume should provide podname only", plain],
    ["Projected downwardAPI should provide podname only", projected],
  ])("%s", async (_title, as) => {
    const { pod, log } = await kit.run(
      "name",
      { command: script("cat /v/podname"), volumeMounts: at },
      as([field("podname", "metadata.name")]),
    );
    expect(log).toBe(pod.metadata.name);
  });

  it.each<[string, AsVolume, object, object]>([
    ["Downward API volume should set DefaultMode on files", plain, {}, { defaultMode: 0o400 }],
    ["Projected downwardAPI should set DefaultMode on files", projected, {}, { defaultMode: 0o400 }],
    ["Downward API volume should set mode on item file", plain, { mode: 0o400 }, {}],
    ["Projected downwardAPI should set mode on item file", projected, { mode: 0o400 }, {}],
  ])("%s", async (_title, as, ofItem, ofVolume) => {
    const volume = as([field("podname", "metadata.name", ofItem)], ofVolume);
    expect(await shows(kit, volume, "stat -L -c %a /v/podname")).toBe("400\n");
  });

  it.each<[string, AsVolume, "labels" | "annotations"]>([
    ["Downward API volume should update labels on modification", plain, "labels"],
    ["Projected downwardAPI should update labels on modification", projected, "labels"],
    ["Downward API volume should update annotations on modification", plain, "annotations"],
    ["Projected downwardAPI should update annotations on modification", projected, "annotations"],
  ])("%s", (_title, as, what) => follows(kit, as, what));

  it.each<[string, AsVolume, string, string]>([
    ["Downward API volume should provide container's cpu limit", plain, "limits.cpu", "2"],
    ["Downward API volume should provide container's cpu request", plain, "requests.cpu", "1"],
    ["Downward API volume should provide container's memory limit", plain, "limits.memory", "67108864"],
    ["Downward API volume should provide container's memory request", plain, "requests.memory", "33554432"],
    ["Projected downwardAPI should provide container's cpu limit", projected, "limits.cpu", "2"],
    ["Projected downwardAPI should provide container's cpu request", projected, "requests.cpu", "1"],
    ["Projected downwardAPI should provide container's memory limit", projected, "limits.memory", "67108864"],
    ["Projected downwardAPI should provide container's memory request", projected, "requests.memory", "33554432"],
  ])("%s", async (_title, as, resource, expected) => {
    expect(await shows(kit, as([amount(resource)]), "cat /v/amount", { resources })).toBe(expected);
  });

  it.each<[string, AsVolume, "cpu" | "memory"]>([
    ["Downward API volume should provide node allocatable (cpu) as default cpu limit", plain, "cpu"],
    ["Downward API volume should provide node allocatable (memory) as default memory limit", plain, "memory"],
    ["Projected downwardAPI should provide node allocatable (cpu) as default cpu limit", projected, "cpu"],
    ["Projected downwardAPI should provide node allocatable (memory) as default memory limit", projected, "memory"],
  ])("%s", async (_title, as, resource) => {
    const [node] = (await kit.client.list(nodes)).items;
    const all = node?.status?.allocatable?.[resource] ?? "0";
    const expected = resource === "cpu" ? Math.ceil(cpuMilli(all) / 1000) : bytesOf(all);
    expect(await shows(kit, as([amount(`limits.${resource}`)]), "cat /v/amount")).toBe(String(expected));
  });

  it("Projected combined should project all components that make up the projection API", async () => {
    const [map, hidden] = [await kit.configMap({ "map-key": "map" }), await kit.secret({ "secret-key": "secret" })];
    const amounts = ["limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];
    const items = [field("podname", "metadata.name"), ...amounts.map((each) => ({ ...amount(each), path: each }))];
    const sources = [
      { secret: { name: hidden, items: [{ key: "secret-key", path: "mysecret" }] } },
      { configMap: { name: map, items: [{ key: "map-key", path: "mymap" }] } },
      { downwardAPI: { items } },
    ];
    const files = ["mysecret", "mymap", "podname", ...amounts];
    const { pod, log } = await kit.run(
      "all",
      { command: script(`cd /v; for f in ${files.join(" ")}; do cat $f; echo; done`), volumeMounts: at, resources },
      { volumes: [{ name: "v", projected: { sources } }] },
    );
    const wanted = ["secret", "map", pod.metadata.name, "2", "67108864", "1", "33554432"];
    expect(log.trim().split("\n")).toEqual(wanted);
  });
});

onRuntimes(["process", "cri"], "empty volumes", (kit) => {
  const memory = { medium: "Memory" };
  /** Makes a file of that mode, and tells what it finds. */
  const file = (mode: string) =>
    script(`echo content >/v/f && chmod ${mode} /v/f && stat -c '%a %u' /v/f && cat /v/f && stat -f -c %T /v`);

  it.each<[string, object, string]>([
    ["EmptyDir volumes should support (root,0644,default)", {}, "0644"],
    ["EmptyDir volumes should support (root,0666,default)", {}, "0666"],
    ["EmptyDir volumes should support (root,0777,default)", {}, "0777"],
    ["EmptyDir volumes should support (root,0644,tmpfs)", memory, "0644"],
    ["EmptyDir volumes should support (root,0666,tmpfs)", memory, "0666"],
    ["EmptyDir volumes should support (root,0777,tmpfs)", memory, "0777"],
  ])("%s", async (_title, emptyDir, mode) => {
    const { log } = await kit.run(
      "empty",
      { command: file(mode), volumeMounts: at },
      { volumes: [{ name: "v", emptyDir }] },
    );
    const [first, content, type] = log.split("\n");
    expect([first, content]).toEqual([`${mode.slice(1)} 0`, "content"]);
    if (emptyDir === memory) expect(type).toBe("tmpfs");
  });

  it.each<[string, object]>([
    ["EmptyDir volumes volume on default medium should have the correct mode", {}],
    ["EmptyDir volumes volume on tmpfs should have the correct mode", memory],
  ])("%s", async (_title, emptyDir) => {
    const volume = { volumes: [{ name: "v", emptyDir }] };
    const { log } = await kit.run(
      "mode",
      { command: script("stat -c %a /v; stat -f -c %T /v"), volumeMounts: at },
      volume,
    );
    expect(log.startsWith("777\n")).toBe(true);
    if (emptyDir === memory) expect(log).toBe("777\ntmpfs\n");
  });

  it("EmptyDir volumes pod should support shared volumes between containers", async () => {
    const pod = await kit.create("shared", {
      containers: [
        {
          name: "reader",
          image: "busybox",
          command: script("while :; do cat /v/f; sleep 0.1; done"),
          volumeMounts: at,
        },
        { name: "writer", image: "busybox", command: script("echo hello >/v/f; sleep 3600"), volumeMounts: at },
      ],
      volumes: [{ name: "v", emptyDir: {} }],
    });
    await kit.logged(await kit.ready(pod), "hello\n", "reader");
    await kit.delete(pod, 0);
  });
});

onRuntimes(["process", "cri"], "paths in volumes", (kit) => {
  /** A container that sees one entry of the volume, again and again; absent: its pod's name. */
  const sees = async (volume: object, subPath: string, text?: string, mountPath = "/sub"): Promise<void> => {
    const { pod, log } = await kit.run(
      "sub",
      {
        command: script(`for i in 1 2 3; do cat ${mountPath}; echo; done`),
        volumeMounts: [{ name: "v", mountPath, subPath }],
      },
      { volumes: [{ name: "v", ...volume }] },
    );
    const expected = text ?? pod.metadata.name;
    expect(log.trim().split("\n")).toEqual([expected, expected, expected]);
  };

  it("Subpath Atomic writer volumes should support subpaths with secret pod", async () => {
    await sees(
      { secret: { secretName: await kit.secret({ "secret-key": "secret-value" }) } },
      "secret-key",
      "secret-value",
    );
  });
  it("Subpath Atomic writer volumes should support subpaths with configmap pod", async () => {
    await sees({ configMap: { name: await kit.configMap({ "map-key": "map-value" }) } }, "map-key", "map-value");
  });
  it("Subpath Atomic writer volumes should support subpaths with configmap pod with mountPath of existing file", async () => {
    const name = await kit.configMap({ "map-key": "map-value" });
    await sees({ configMap: { name } }, "map-key", "map-value", "/etc/resolv.conf");
  });
  it("Subpath Atomic writer volumes should support subpaths with downward pod", async () => {
    await sees({ downwardAPI: { items: [field("downward/podname", "metadata.name")] } }, "downward/podname");
  });
  it("Subpath Atomic writer volumes should support subpaths with projected pod", async () => {
    const sources = [
      {
        configMap: {
          name: await kit.configMap({ "map-key": "map-value" }),
          items: [{ key: "map-key", path: "p/map" }],
        },
      },
    ];
    await sees({ projected: { sources } }, "p/map", "map-value");
  });
});

onRuntimes(["cri"], "volumes of ordinary users", (kit) => {
  const user = { securityContext: { runAsUser: 1001, runAsNonRoot: true } };
  const memory = { medium: "Memory" };

  it.each<[string, object, string]>([
    ["EmptyDir volumes should support (non-root,0644,default)", {}, "644"],
    ["EmptyDir volumes should support (non-root,0666,default)", {}, "666"],
    ["EmptyDir volumes should support (non-root,0777,default)", {}, "777"],
    ["EmptyDir volumes should support (non-root,0644,tmpfs)", memory, "644"],
    ["EmptyDir volumes should support (non-root,0666,tmpfs)", memory, "666"],
    ["EmptyDir volumes should support (non-root,0777,tmpfs)", memory, "777"],
  ])("%s", async (_title, emptyDir, mode) => {
    const text = `echo content >/v/f && chmod ${mode} /v/f && stat -c '%a %u' /v/f && cat /v/f && stat -f -c %T /v`;
    const { log } = await kit.run(
      "owned",
      { command: script(text), volumeMounts: at, ...user },
      { volumes: [{ name: "v", emptyDir }] },
    );
    const [first, content, type] = log.split("\n");
    expect([first, content]).toEqual([`${mode} 1001`, "content"]);
    if (emptyDir === memory) expect(type).toBe("tmpfs");
  });

  const mapped = { items: [{ key: "data-1", path: "path/to/data" }] };
  it.each<[string, boolean, object, string]>([
    ["ConfigMap should be consumable from pods in volume as non-root", false, {}, "data-1"],
    ["ConfigMap should be consumable from pods in volume with mappings as non-root", false, mapped, "path/to/data"],
    ["Projected configMap should be consumable from pods in volume as non-root", true, {}, "data-1"],
    [
      "Projected configMap should be consumable from pods in volume with mappings as non-root",
      true,
      mapped,
      "path/to/data",
    ],
  ])("%s", async (_title, isProjected, more, path) => {
    const source = { name: await kit.configMap({ "data-1": "value-1" }), ...more };
    const volume = isProjected ? { projected: { sources: [{ configMap: source }] } } : { configMap: source };
    const { log } = await kit.run(
      "read",
      { command: script(`id -u; stat -L -c %a /v/${path}; cat /v/${path}`), volumeMounts: at, ...user },
      { volumes: [{ name: "v", ...volume }] },
    );
    expect(log).toBe("1001\n644\nvalue-1");
  });

  it.each<[string, boolean]>([
    ["Secrets should be consumable from pods in volume as non-root with defaultMode and fsGroup set", false],
    ["Projected secret should be consumable from pods in volume as non-root with defaultMode and fsGroup set", true],
  ])("%s", async (_title, isProjected) => {
    const name = await kit.secret({ "data-1": "value-1" });
    const volume = isProjected
      ? { projected: { defaultMode: 0o440, sources: [{ secret: { name } }] } }
      : { secret: { secretName: name, defaultMode: 0o440 } };
    const { log } = await kit.run(
      "group",
      { command: script("id -u; stat -L -c '%a %g' /v/data-1; cat /v/data-1"), volumeMounts: at },
      { securityContext: { runAsUser: 1000, fsGroup: 1001 }, volumes: [{ name: "v", ...volume }] },
    );
    expect(log).toBe("1000\n440 1001\nvalue-1");
  });
});
