import { type Json, onApi } from "../harness/api-conformance.js";
import { deletesAndConfirms, selecting, updates } from "../harness/api-lifecycle.js";

onApi("persistent volumes and claims", (api) => {
  const volumes = "/api/v1/persistentvolumes";
  const access = { accessModes: ["ReadWriteOnce"] };

  /** A volume and a claim that asks for a class of nobody's; both carry the label. */
  const pair = async (claims: string, labels: Json): Promise<{ volume: Json; claim: Json }> => {
    const storageClassName = api.name("e2e-class");
    const volume = await api.ok("POST", volumes, {
      metadata: { name: api.name("pv"), labels },
      spec: {
        ...access,
        capacity: { storage: "2Gi" },
        persistentVolumeReclaimPolicy: "Retain",
        storageClassName,
        csi: { driver: "e2e-driver.example.com", volumeHandle: storageClassName },
      },
    });
    const claim = await api.ok("POST", claims, {
      metadata: { name: api.name("pvc"), labels },
      spec: { ...access, resources: { requests: { storage: "2Gi" } }, storageClassName },
    });
    return { volume, claim };
  };

  it("PersistentVolumes CSI Conformance should run through the lifecycle of a PV and a PVC", async () => {
    const namespace = await api.namespace("pv");
    const claims = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`;
    const labels = { "e2e-pv-pool": namespace };
    const others = await pair(`/api/v1/namespaces/default/persistentvolumeclaims`, { "e2e-pv-pool": "others" });
    const { volume, claim } = await pair(claims, labels);
    const objects = [
      { path: `${volumes}/${volume.metadata.name}`, object: volume },
      { path: `${claims}/${claim.metadata.name}`, object: claim },
    ];
    expect((await api.get(`${volumes}?${selecting(labels)}`)).items).toHaveLength(1);
    expect((await api.get(claims)).items).toHaveLength(1);
    for (const { path, object } of objects) {
      const { name, uid } = object.metadata;
      expect((await api.get(path)).metadata.name).toBe(name);
      const patched = await api.ok("PATCH", path, { metadata: { labels: { [name]: "patched" } } });
      expect(patched.metadata.labels).toEqual({ ...labels, [name]: "patched" });
      expect((await api.get(path)).metadata.uid).toBe(uid);
    }
    for (const { path } of [...objects].reverse()) await deletesAndConfirms(api, path);

    const next = await pair(claims, labels);
    const updated = { ...labels, "e2e-updated": "yes" };
    for (const path of [`${volumes}/${next.volume.metadata.name}`, `${claims}/${next.claim.metadata.name}`]) {
      const now = await updates(api, path, (object) => ({
        ...object,
        metadata: { ...object.metadata, labels: updated },
      }));
      expect(now.metadata.labels).toEqual(updated);
    }
    for (const path of [claims, volumes]) {
      await api.ok("DELETE", `${path}?${selecting(updated)}`);
      await api.until(
        "the collection is gone",
        async () => (await api.get(`${path}?${selecting(updated)}`)).items.length === 0,
      );
    }
    expect((await api.get(volumes)).items.map(({ metadata }: Json) => metadata.uid)).toEqual([
      others.volume.metadata.uid,
    ]);
    await deletesAndConfirms(api, `/api/v1/namespaces/default/persistentvolumeclaims/${others.claim.metadata.name}`);
    await deletesAndConfirms(api, `${volumes}/${others.volume.metadata.name}`);
  });

  it("PersistentVolumes CSI Conformance should apply changes to a pv/pvc status", async () => {
    const namespace = await api.namespace("pv");
    const claims = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`;
    const labels = { "e2e-pv-pool": namespace };
    const { volume, claim } = await pair(claims, labels);
    const volumePath = `${volumes}/${volume.metadata.name}`;
    const claimPath = `${claims}/${claim.metadata.name}`;
    expect((await api.get(`${volumes}?${selecting(labels)}`)).items).toHaveLength(1);
    expect((await api.get(claims)).items).toHaveLength(1);
    expect(["Pending", "Bound"]).toContain((await api.get(`${claimPath}/status`)).status.phase);
    expect(["Pending", "Available", "Bound"]).toContain((await api.get(`${volumePath}/status`)).status.phase);
    const condition = (type: string): Json => ({
      type,
      status: "True",
      reason: "E2E",
      message: `set by ${type}`,
    });
    for (const [path, type] of [
      [claimPath, "StatusPatched"],
      [volumePath, undefined],
    ] as const) {
      const status = type === undefined ? { message: "patched", reason: "E2E" } : { conditions: [condition(type)] };
      const patched = await api.ok("PATCH", `${path}/status`, { status });
      expect(patched.status).toMatchObject(status);
    }
    const claimNow = await updates(api, `${claimPath}/status`, (object) => ({
      ...object,
      status: { ...object.status, conditions: [condition("StatusUpdated")] },
    }));
    expect(claimNow.status.conditions).toMatchObject([condition("StatusUpdated")]);
    const volumeNow = await updates(api, `${volumePath}/status`, (object) => ({
      ...object,
      status: { ...object.status, reason: "E2EUpdated", message: "updated" },
    }));
    expect(volumeNow.status).toMatchObject({ reason: "E2EUpdated", message: "updated" });
    await deletesAndConfirms(api, claimPath);
    await deletesAndConfirms(api, volumePath);
  });
});
