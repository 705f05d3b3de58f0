import { type Json, onApi } from "../harness/api-conformance.js";
import { deletesAndConfirms, livesThrough, selecting } from "../harness/api-lifecycle.js";
import { supportsOperations } from "../harness/api-operations.js";

const storage = "/apis/storage.k8s.io/v1";
const driver = "e2e-test.storage.k8s.io";

onApi("objects of storage", (api) => {
  it("CSIInlineVolumes should run through the lifecycle of a CSIDriver", async () => {
    const path = `${storage}/csidrivers`;
    const labels = { "e2e-test": api.name("drivers") };
    const names = [api.name("inline-driver"), api.name("inline-driver")] as const;
    const make = (name: string, modes: readonly string[]): Json => ({
      metadata: { name, labels },
      spec: { volumeLifecycleModes: modes, fsGroupPolicy: "ReadWriteOnceWithFSType" },
    });
    const first = await api.ok("POST", path, make(names[0], ["Ephemeral"]));
    const second = await api.ok("POST", path, make(names[1], ["Persistent", "Ephemeral"]));
    const other = api.name("other-driver");
    await api.ok("POST", path, { metadata: { name: other }, spec: {} });
    const again = await api.call("POST", path, make(names[0], ["Ephemeral"]));
    expect([again.code, again.body.reason]).toEqual([409, "AlreadyExists"]);
    for (const { metadata } of [first, second])
      expect((await api.get(`${path}/${metadata.name}`)).metadata.uid).toBe(metadata.uid);
    const patched = await api.ok(
      "PATCH",
      `${path}/${names[1]}`,
      { metadata: { labels: { [names[1]]: "patched" } } },
      { type: "application/strategic-merge-patch+json" },
    );
    expect(patched.metadata.labels).toEqual({ ...labels, [names[1]]: "patched" });
    const updated = await api.ok("PUT", `${path}/${names[1]}`, {
      ...patched,
      metadata: { ...patched.metadata, labels: { ...labels, [names[1]]: "updated" } },
    });
    expect(updated.metadata.labels[names[1]]).toBe("updated");
    expect((await api.get(`${path}?${selecting(labels)}`)).items).toHaveLength(2);
    await deletesAndConfirms(api, `${path}/${names[0]}`);
    await api.ok("DELETE", `${path}?${selecting({ [names[1]]: "updated" })}`);
    await api.until(
      "the second driver is gone",
      async () => (await api.call("GET", `${path}/${names[1]}`)).code === 404,
    );
    await deletesAndConfirms(api, `${path}/${other}`);
  });

  it("CSIInlineVolumes should support CSIVolumeSource in Pod API", async () => {
    const namespace = await api.namespace("csi-inline");
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const name = "pod-csi-inline-volumes";
    const volumes = [
      { name: "csi-inline-vol1", csi: { driver: "e2e.example.com" } },
      { name: "csi-inline-vol2", csi: { driver: "e2e.example.com", fsType: "ext4", readOnly: true } },
    ];
    const pod = {
      metadata: { name },
      spec: {
        volumes,
        containers: [
          {
            name,
            image: "busybox",
            command: ["sh", "-c", "ls /mnt/*"],
            volumeMounts: volumes.map((volume, at) => ({ name: volume.name, mountPath: `/mnt/vol${at + 1}` })),
          },
        ],
      },
    };
    const made = await api.ok("POST", path, pod);
    expect(made.spec.volumes).toEqual(expect.arrayContaining(volumes));
    expect((await api.call("POST", path, pod)).code).toBe(409);
    expect((await api.get(`${path}/${name}`)).metadata.uid).toBe(made.metadata.uid);
    expect((await api.get(path)).items).toHaveLength(1);
    const patched = await api.ok("PATCH", `${path}/${name}`, { metadata: { annotations: { patched: "true" } } });
    expect(patched.metadata.annotations).toMatchObject({ patched: "true" });
    await api.ok("DELETE", `${path}/${name}`);
    const { code, body } = await api.call("GET", `${path}/${name}`);
    expect(code === 404 || body.metadata.deletionTimestamp !== undefined).toBe(true);
  });

  it("CSINodes should run through the lifecycle of a csinode", () =>
    livesThrough(api, `${storage}/csinodes`, (metadata) => ({
      metadata,
      spec: { drivers: [{ name: driver, nodeID: metadata.name }] },
    })));

  it("StorageClasses should run through the lifecycle of a StorageClass", () =>
    livesThrough(api, `${storage}/storageclasses`, (metadata) => ({ metadata, provisioner: "e2e-fake-provisioner" })));

  it("VolumeAttributesClass should run through the lifecycle of a VolumeAttributesClass", () =>
    livesThrough(api, `${storage}/volumeattributesclasses`, (metadata) => ({
      metadata,
      driverName: "e2e-fake-csi-driver",
      parameters: { iops: "1000" },
    })));

  const attachment = (node: string, metadata: Json): Json => ({
    metadata,
    spec: { attacher: driver, nodeName: node, source: { persistentVolumeName: `pv-${metadata.name}` } },
    status: { attached: false },
  });
  const aNode = async (): Promise<string> => (await api.get("/api/v1/nodes")).items[0]?.metadata.name ?? "e2e-node";

  it("VolumeAttachment should run through the lifecycle of a VolumeAttachment", async () => {
    const node = await aNode();
    await livesThrough(api, `${storage}/volumeattachments`, (metadata) => attachment(node, metadata));
  });

  it("VolumeAttachment should apply changes to a volumeattachment status", async () => {
    const name = api.name("va-e2e");
    const path = `${storage}/volumeattachments`;
    await api.ok("POST", path, attachment(await aNode(), { name }));
    const patched = await api.ok("PATCH", `${path}/${name}`, { metadata: { labels: { [name]: "patched" } } });
    expect(patched.metadata.labels).toEqual({ [name]: "patched" });
    expect((await api.get(`${path}/${name}/status`)).status.attached).toBe(false);
    const attached = await api.ok("PATCH", `${path}/${name}/status`, { status: { attached: true } });
    expect(attached.status.attached).toBe(true);
    const detached = await api.ok("PUT", `${path}/${name}/status`, { ...attached, status: { attached: false } });
    expect(detached.status.attached).toBe(false);
    await deletesAndConfirms(api, `${path}/${name}`);
    expect((await api.get(`${path}?${selecting({ [name]: "patched" })}`)).items).toEqual([]);
  });

  it("CSIStorageCapacity should support CSIStorageCapacities API operations", async () => {
    const namespace = await api.namespace("capacity");
    const make = (name: string, labels: Readonly<Record<string, string>>): object => ({
      metadata: { name, labels },
      storageClassName: "my-sc",
      nodeTopology: {},
      capacity: "1Gi",
    });
    await supportsOperations(api, {
      group: "storage.k8s.io",
      version: "v1",
      plural: "csistoragecapacities",
      namespace,
      make,
    });
    const labels = { everywhere: namespace };
    const everywhere = `${storage}/csistoragecapacities?${selecting(labels)}`;
    const watch = await api.watch(everywhere);
    const name = api.name("capacity");
    await api.ok("POST", `${storage}/namespaces/${namespace}/csistoragecapacities`, make(name, labels));
    expect((await api.get(everywhere)).items.map(({ metadata }: Json) => metadata.name)).toEqual([name]);
    await deletesAndConfirms(api, `${storage}/namespaces/${namespace}/csistoragecapacities/${name}`);
    await watch.take(2);
    expect(watch.told).toEqual([`ADDED ${name}`, `DELETED ${name}`]);
    watch.stop();
  });
});
