import { configMaps } from "../../api/core/config-map.js";
import { secrets } from "../../api/core/secret.js";
import { StatusError } from "../../apimachinery/status.js";
import { onRuntimes, type PodKit, script } from "../harness/conformance.js";

/** A source of files as a volume of its own, or as one of a projected volume. */
interface Kind {
  readonly word: "configMap" | "secret";
  make(kit: PodKit, data: Readonly<Record<string, string>>): Promise<string>;
  volume(name: string, more?: object): object;
}

const configMap: Kind = {
  word: "configMap",
  make: (kit, data) => kit.configMap(data),
  volume: (name, more = {}) => ({ configMap: { name, ...more } }),
};
const secret: Kind = {
  word: "secret",
  make: (kit, data) => kit.secret(data),
  volume: (name, more = {}) => ({ secret: { secretName: name, ...more } }),
};
const projected = (kind: Kind): Kind => ({
  ...kind,
  volume: (name, { defaultMode, ...more }: { readonly defaultMode?: number } = {}) => ({
    projected: { ...(defaultMode === undefined ? {} : { defaultMode }), sources: [{ [kind.word]: { name, ...more } }] },
  }),
});

/** Mode and content of a file below /v, as `644 text`. */
const shown = (path: string): string => `stat -L -c %a /v/${path}; cat /v/${path}`;
const mounted = (volume: object) => ({ volumes: [{ name: "v", ...volume }] });
const at = (...paths: readonly string[]) => paths.map((mountPath) => ({ name: "v", mountPath, readOnly: true }));

async function file(kit: PodKit, volume: object, path: string): Promise<string> {
  const { log } = await kit.run("file", { command: script(shown(path)), volumeMounts: at("/v") }, mounted(volume));
  return log.trim().replace("\n", " ");
}

async function inTwoVolumes(kit: PodKit, kind: Kind): Promise<void> {
  const name = await kind.make(kit, { "data-1": "value-1" });
  const { log } = await kit.run(
    "two",
    {
      command: script("for d in one two; do stat -L -c %a /$d/data-1; cat /$d/data-1; echo; done"),
      volumeMounts: [
        { name: "one", mountPath: "/one", readOnly: true },
        { name: "two", mountPath: "/two", readOnly: true },
      ],
    },
    { volumes: ["one", "two"].map((volume) => ({ name: volume, ...kind.volume(name) })) },
  );
  expect(log).toBe("644\nvalue-1\n644\nvalue-1\n");
}

/** Three optional sources: one that goes, one that changes, one that comes. */
async function optionalUpdates(kit: PodKit, kind: Kind): Promise<void> {
  const definition = kind.word === "configMap" ? configMaps : secrets;
  const gone = await kind.make(kit, { "data-1": "value-1" });
  const changed = await kind.make(kit, { "data-1": "value-1" });
  const late = kit.name("late");
  const names = { gone, changed, late };
  const follow = (volume: string, key: string) => ({
    name: volume,
    image: "busybox",
    command: script(`while :; do cat /v/${key} 2>/dev/null || echo none; echo; sleep 0.1; done`),
    volumeMounts: [{ name: volume, mountPath: "/v", readOnly: true }],
  });
  const pod = await kit.create("optional", {
    containers: [follow("gone", "data-1"), follow("changed", "data-3"), follow("late", "data-1")],
    volumes: Object.entries(names).map(([volume, name]) => ({
      name: volume,
      ...kind.volume(name, { optional: true }),
    })),
  });
  await kit.ready(pod);
  await kit.logged(pod, "value-1", "gone");
  await kit.logged(pod, "none", "late");
  await kit.logged(pod, "none", "changed");
  const address = (name: string) => ({ namespace: kit.namespace, name });
  await kit.client.delete(definition, address(gone));
  const data =
    kind.word === "configMap" ? { "data-3": "value-3" } : { "data-3": Buffer.from("value-3").toString("base64") };
  await kit.client.patch<never>(definition as never, address(changed), {
    type: "merge",
    body: { data: { "data-1": null, ...data } },
  });
  const metadata = { name: late, namespace: kit.namespace };
  if (kind.word === "configMap") await kit.client.create(configMaps, { metadata, data: { "data-1": "value-1" } });
  else await kit.client.create(secrets, { metadata, stringData: { "data-1": "value-1" } } as never);
  await kit.logged(pod, "value-3", "changed");
  await kit.logged(pod, "value-1", "late");
  await kit.logged(pod, /value-1(.|\n)*none/, "gone");
  await kit.delete(pod, 0);
}

onRuntimes(["process", "cri"], "files of ConfigMaps and Secrets", (kit) => {
  const consumable = async (kind: Kind, more: object, path: string, expected: string): Promise<void> => {
    const name = await kind.make(kit, { "data-1": "value-1", "data-2": "value-2" });
    expect(await file(kit, kind.volume(name, more), path)).toBe(expected);
  };
  const items = (mode?: number) => ({
    items: [{ key: "data-2", path: "path/to/data-2", ...(mode === undefined ? {} : { mode }) }],
  });

  it.each<[string, Kind, object, string, string]>([
    ["ConfigMap should be consumable from pods in volume", configMap, {}, "data-1", "644 value-1"],
    [
      "ConfigMap should be consumable from pods in volume with defaultMode set",
      configMap,
      { defaultMode: 0o400 },
      "data-1",
      "400 value-1",
    ],
    [
      "ConfigMap should be consumable from pods in volume with mappings",
      configMap,
      items(),
      "path/to/data-2",
      "644 value-2",
    ],
    [
      "ConfigMap should be consumable from pods in volume with mappings and Item mode set",
      configMap,
      items(0o400),
      "path/to/data-2",
      "400 value-2",
    ],
    ["Projected configMap should be consumable from pods in volume", projected(configMap), {}, "data-1", "644 value-1"],
    [
      "Projected configMap should be consumable from pods in volume with defaultMode set",
      projected(configMap),
      { defaultMode: 0o400 },
      "data-1",
      "400 value-1",
    ],
    [
      "Projected configMap should be consumable from pods in volume with mappings",
      projected(configMap),
      items(),
      "path/to/data-2",
      "644 value-2",
    ],
    [
      "Projected configMap should be consumable from pods in volume with mappings and Item mode set",
      projected(configMap),
      items(0o400),
      "path/to/data-2",
      "400 value-2",
    ],
    ["Secrets should be consumable from pods in volume", secret, {}, "data-1", "644 value-1"],
    [
      "Secrets should be consumable from pods in volume with defaultMode set",
      secret,
      { defaultMode: 0o400 },
      "data-1",
      "400 value-1",
    ],
    [
      "Secrets should be consumable from pods in volume with mappings",
      secret,
      items(),
      "path/to/data-2",
      "644 value-2",
    ],
    [
      "Secrets should be consumable from pods in volume with mappings and Item Mode set",
      secret,
      items(0o400),
      "path/to/data-2",
      "400 value-2",
    ],
    ["Projected secret should be consumable from pods in volume", projected(secret), {}, "data-1", "644 value-1"],
    [
      "Projected secret should be consumable from pods in volume with defaultMode set",
      projected(secret),
      { defaultMode: 0o400 },
      "data-1",
      "400 value-1",
    ],
    [
      "Projected secret should be consumable from pods in volume with mappings",
      projected(secret),
      items(),
      "path/to/data-2",
      "644 value-2",
    ],
    [
      "Projected secret should be consumable from pods in volume with mappings and Item Mode set",
      projected(secret),
      items(0o400),
      "path/to/data-2",
      "400 value-2",
    ],
  ])("%s", (_title, kind, more, path, expected) => consumable(kind, more, path, expected));

  it.each<[string, Kind]>([
    ["ConfigMap should be consumable in multiple volumes in the same pod", configMap],
    ["Projected configMap should be consumable in multiple volumes in the same pod", projected(configMap)],
    ["Secrets should be consumable in multiple volumes in a pod", secret],
    ["Projected secret should be consumable in multiple volumes in a pod", projected(secret)],
  ])("%s", (_title, kind) => inTwoVolumes(kit, kind));

  it.each<[string, Kind]>([
    ["ConfigMap optional updates should be reflected in volume", configMap],
    ["Projected configMap optional updates should be reflected in volume", projected(configMap)],
    ["Secrets optional updates should be reflected in volume", secret],
    ["Projected secret optional updates should be reflected in volume", projected(secret)],
  ])("%s", (_title, kind) => optionalUpdates(kit, kind));

  it.each<[string, Kind]>([
    ["ConfigMap updates should be reflected in volume", configMap],
    ["Projected configMap updates should be reflected in volume", projected(configMap)],
  ])("%s", async (_title, kind) => {
    const name = await kind.make(kit, { "data-1": "value-1" });
    const pod = await kit.create("follow", {
      containers: [
        {
          name: "test",
          image: "busybox",
          command: script("while :; do cat /v/data-1; echo; sleep 0.1; done"),
          volumeMounts: at("/v"),
        },
      ],
      ...mounted(kind.volume(name)),
    });
    await kit.logged(await kit.ready(pod), "value-1");
    const body = { data: { "data-1": "value-2" } };
    await kit.client.patch(configMaps, { namespace: kit.namespace, name }, { type: "merge", body });
    await kit.logged(pod, "value-2");
    await kit.delete(pod, 0);
  });

  it("ConfigMap binary data should be reflected in volume", async () => {
    const binary = Buffer.from([0xde, 0xca, 0xfe, 0xba, 0xd0, 0xfe, 0xff]);
    const name = await kit.configMap({ "data-1": "value-1" }, { binaryData: { dump: binary.toString("base64") } });
    const { log } = await kit.run(
      "binary",
      { command: script("cat /v/data-1; echo; od -An -tx1 /v/dump"), volumeMounts: at("/v") },
      mounted(configMap.volume(name)),
    );
    expect(log.replaceAll(/\s+/g, " ").trim()).toBe("value-1 de ca fe ba d0 fe ff");
  });

  it("Secrets should mount in a volume regardless of a same-named secret in another namespace", async () => {
    const name = await kit.secret({ "data-1": "value-1" });
    const elsewhere = kit.name("elsewhere");
    await kit.cluster.ok(["create", "namespace", elsewhere]);
    await kit.client.create(secrets, {
      metadata: { name, namespace: elsewhere },
      stringData: { "data-1": "not this" },
    } as never);
    expect(await file(kit, secret.volume(name), "data-1")).toBe("644 value-1");
    await kit.cluster.ok(["delete", "namespace", elsewhere, "--wait=false"]);
  });

  it.each<[string, Kind]>([
    ["ConfigMap should be immutable if immutable field is set", configMap],
    ["Secrets should be immutable if immutable field is set", secret],
  ])("%s", async (_title, kind) => {
    const definition: never = (kind.word === "configMap" ? configMaps : secrets) as never;
    const name = await kind.make(kit, { "data-1": "value-1" });
    const address = { namespace: kit.namespace, name };
    const value = (text: string) => (kind.word === "configMap" ? text : Buffer.from(text).toString("base64"));
    const change = (body: object) => kit.client.patch<never>(definition, address, { type: "merge", body });
    await change({ data: { "data-4": value("4") } });
    await change({ immutable: true });
    for (const body of [
      { data: { "data-5": value("5") } },
      { data: { "data-1": value("other") } },
      { immutable: false },
      { data: null },
    ])
      await expect(change(body)).rejects.toMatchObject({ reason: "Invalid" });
    await change({ metadata: { labels: { still: "free" } } });
    await kit.client.delete(definition, address);
    await expect(kit.client.get(definition, address)).rejects.toBeInstanceOf(StatusError);
  });

  it("EmptyDir wrapper volumes should not conflict", async () => {
    const map = await kit.configMap({ "data-1": "map" });
    const hidden = await kit.secret({ "data-1": "secret" });
    const pod = await kit.create("wrapper", {
      containers: [
        {
          name: "test",
          image: "busybox",
          command: script("cat /map/data-1 /secret/data-1; echo; sleep 3600"),
          volumeMounts: [
            { name: "map", mountPath: "/map" },
            { name: "secret", mountPath: "/secret", readOnly: true },
          ],
        },
      ],
      volumes: [
        { name: "map", ...configMap.volume(map) },
        { name: "secret", ...secret.volume(hidden) },
      ],
    });
    await kit.ready(pod);
    await kit.logged(pod, "mapsecret");
    await kit.client.delete(secrets, { namespace: kit.namespace, name: hidden });
    await kit.client.delete(configMaps, { namespace: kit.namespace, name: map });
    await kit.delete(pod, 0);
  });

  it("EmptyDir wrapper volumes should not cause race condition when used for configmaps", async () => {
    const maps: string[] = [];
    for (let count = 0; count < 50; count++) maps.push(await kit.configMap({ "data-1": `value-${count}` }));
    const containers = [
      {
        name: "test",
        image: "busybox",
        command: script("cat /m/*/data-1 | wc -c; sleep 3600"),
        volumeMounts: maps.map((_, index) => ({ name: `racy-${index}`, mountPath: `/m/${index}` })),
      },
    ];
    const volumes = maps.map((name, index) => ({
      name: `racy-${index}`,
      ...configMap.volume(name, { items: [{ key: "data-1", path: "data-1" }] }),
    }));
    // All at a time.
    const pods = await Promise.all(Array.from({ length: 5 }, () => kit.create("race", { containers, volumes })));
    for (const pod of pods) await kit.logged(await kit.ready(pod), String(10 * 7 + 40 * 8));
    for (const pod of pods) {
      expect((await kit.get(pod)).status?.containerStatuses?.[0]?.restartCount).toBe(0);
      await kit.delete(pod, 0);
    }
  });
});
