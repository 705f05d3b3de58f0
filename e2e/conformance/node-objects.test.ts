import { type Json, onApi } from "../harness/api-conformance.js";
import { deletesAndConfirms, selecting, updates } from "../harness/api-lifecycle.js";

const strategic = { type: "application/strategic-merge-patch+json" };

onApi("objects of nodes and pods", (api) => {
  it("ConfigMap should run through a ConfigMap lifecycle", async () => {
    const namespace = await api.namespace("configmap");
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    const labels = { "test-configmap-static": namespace };
    const name = "test-configmap";
    const watch = await api.watch(`${path}?${selecting(labels)}`);
    await api.ok("POST", path, { metadata: { name, labels }, data: { valueName: "value" } });
    await watch.take(1);
    const change = { metadata: { labels: { "test-configmap": "patched" } }, data: { valueName: "value1" } };
    await api.ok("PATCH", `${path}/${name}`, change, strategic);
    await watch.take(2);
    const now = await api.get(`${path}/${name}`);
    expect(now.data).toEqual({ valueName: "value1" });
    expect(now.metadata.labels).toEqual({ ...labels, "test-configmap": "patched" });
    const all = await api.get(`/api/v1/configmaps?${selecting(labels)}`);
    expect(all.items).toEqual([
      expect.objectContaining({
        metadata: expect.objectContaining({ name, namespace }),
        data: { valueName: "value1" },
      }),
    ]);
    await api.ok("DELETE", `${path}?${selecting(labels)}`);
    await watch.take(3);
    expect(watch.told).toEqual([`ADDED ${name}`, `MODIFIED ${name}`, `DELETED ${name}`]);
    expect((await api.get(`${path}?${selecting(labels)}`)).items).toEqual([]);
    watch.stop();
  });

  it("ConfigMap should update ConfigMap successfully", async () => {
    const namespace = await api.namespace("configmap");
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    const name = "cm-update";
    const made = await api.ok("POST", path, { metadata: { name }, data: { data: "value" } });
    const labels = { "configmap-update": namespace };
    const updated = await updates(api, `${path}/${name}`, (object) => ({
      ...object,
      metadata: { ...object.metadata, labels },
      data: { data: "updated" },
    }));
    expect(updated.metadata.uid).toBe(made.metadata.uid);
    expect(updated.metadata.resourceVersion).not.toBe(made.metadata.resourceVersion);
    const now = await api.get(`${path}/${name}`);
    expect([now.data, now.metadata.labels]).toEqual([{ data: "updated" }, labels]);
    expect((await api.get(`${path}?${selecting(labels)}`)).items).toHaveLength(1);
  });

  it("Secrets should patch a secret", async () => {
    const namespace = await api.namespace("secret");
    const path = `/api/v1/namespaces/${namespace}/secrets`;
    const labels = { testsecret: namespace };
    const everywhere = `/api/v1/secrets?${selecting(labels)}`;
    const coded = (text: string): string => Buffer.from(text).toString("base64");
    const name = api.name("test-secret");
    await api.ok("POST", path, {
      metadata: { name, labels: { ...labels, "testsecret-constant": "true" } },
      data: { key: coded("value") },
      type: "Opaque",
    });
    expect((await api.get(everywhere)).items.map(({ metadata }: Json) => metadata.name)).toEqual([name]);
    const change = { metadata: { labels: { patched: "true" } }, data: { key: coded("value1") } };
    await api.ok("PATCH", `${path}/${name}`, change, strategic);
    const now = await api.get(`${path}/${name}`);
    expect(now.metadata.labels).toEqual({ ...labels, "testsecret-constant": "true", patched: "true" });
    expect(now.data).toEqual({ key: coded("value1") });
    await api.ok("DELETE", `${path}?${selecting({ "testsecret-constant": "true" })}`);
    expect((await api.get(everywhere)).items).toEqual([]);
  });

  const template = (name: string, labels: Json): Json => ({
    metadata: { name, labels },
    template: { spec: { containers: [{ name: "nginx", image: "nginx" }] } },
  });

  it("PodTemplates should run the lifecycle of PodTemplates", async () => {
    const namespace = await api.namespace("podtemplate");
    const path = `/api/v1/namespaces/${namespace}/podtemplates`;
    const labels = { "podtemplate-static": namespace };
    const everywhere = `/api/v1/podtemplates?${selecting(labels)}`;
    expect((await api.get(everywhere)).items).toEqual([]);
    const name = api.name("nginx-pod-template");
    await api.ok("POST", path, template(name, labels));
    await api.ok("PATCH", `${path}/${name}`, { metadata: { labels: { podtemplate: "patched" } } }, strategic);
    const now = await api.get(`${path}/${name}`);
    expect(now.metadata.labels).toEqual({ ...labels, podtemplate: "patched" });
    const patched = await api.get(`/api/v1/podtemplates?${selecting({ ...labels, podtemplate: "patched" })}`);
    expect(patched.items.map(({ metadata }: Json) => metadata.name)).toEqual([name]);
    await deletesAndConfirms(api, `${path}/${name}`);
    expect((await api.get(everywhere)).items).toEqual([]);
  });

  it("PodTemplates should delete a collection of pod templates", async () => {
    const namespace = await api.namespace("podtemplate");
    const path = `/api/v1/namespaces/${namespace}/podtemplates`;
    const labels = { "podtemplate-set": "true" };
    const names = ["test-podtemplate-1", "test-podtemplate-2", "test-podtemplate-3"];
    for (const name of names) await api.ok("POST", path, template(name, labels));
    const listed = await api.get(`${path}?${selecting(labels)}`);
    expect(listed.items.map(({ metadata }: Json) => metadata.name).sort()).toEqual(names);
    await api.ok("DELETE", `${path}?${selecting(labels)}`);
    await api.until("no template is left", async () => {
      const { items } = await api.get(`${path}?${selecting(labels)}`);
      return items.length === 0;
    });
  });

  it("PodTemplates should replace a pod template", async () => {
    const namespace = await api.namespace("podtemplate");
    const path = `/api/v1/namespaces/${namespace}/podtemplates`;
    const name = api.name("podtemplate");
    await api.ok("POST", path, template(name, { "podtemplate-e2e": namespace }));
    const replaced = await updates(api, `${path}/${name}`, (object) => ({
      ...object,
      metadata: { ...object.metadata, annotations: { updated: "true" } },
    }));
    expect(replaced.metadata.annotations).toMatchObject({ updated: "true" });
    expect((await api.get(`${path}/${name}`)).metadata.annotations).toMatchObject({ updated: "true" });
  });

  it("Lease API should be available", async () => {
    const namespace = await api.namespace("lease");
    const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
    const spec = (holderIdentity: string, leaseDurationSeconds: number, leaseTransitions: number): Json => {
      const [acquireTime, renewTime] = [2, 5].map(
        (seconds) => `2030-01-01T00:0${leaseTransitions}:0${seconds}.000001Z`,
      );
      return { holderIdentity, leaseDurationSeconds, acquireTime, renewTime, leaseTransitions };
    };
    const lease = `${path}/lease`;
    await api.ok("POST", path, { metadata: { name: "lease" }, spec: spec("holder", 30, 0) });
    expect((await api.get(lease)).spec).toEqual(spec("holder", 30, 0));
    await updates(api, lease, (now) => ({ ...now, spec: spec("holder2", 45, 1) }));
    expect((await api.get(lease)).spec).toEqual(spec("holder2", 45, 1));
    await api.ok("PATCH", lease, { spec: spec("holder3", 60, 2) }, strategic);
    expect((await api.get(lease)).spec).toEqual(spec("holder3", 60, 2));
    const labels = { deletecollection: "true" };
    await api.ok("POST", path, { metadata: { name: "lease2", labels }, spec: spec("holder", 30, 0) });
    const names = async (): Promise<readonly string[]> =>
      (await api.get(path)).items.map(({ metadata }: Json) => metadata.name).toSorted();
    expect(await names()).toEqual(["lease", "lease2"]);
    await api.ok("DELETE", `${path}?${selecting(labels)}`);
    expect(await names()).toEqual(["lease"]);
    await api.ok("DELETE", lease);
    const { code, body } = await api.call("GET", lease);
    expect([code, body.reason]).toEqual([404, "NotFound"]);
    const everywhere = await api.get("/apis/coordination.k8s.io/v1/leases");
    expect(everywhere.items.filter(({ metadata }: Json) => metadata.namespace === namespace)).toEqual([]);
  });

  it("Node Lifecycle should run through the lifecycle of a node", async () => {
    const path = "/api/v1/nodes";
    const name = api.name("e2e-fake-node");
    const node = {
      metadata: { name },
      status: { phase: "Running", conditions: [{ type: "Ready", status: "True", reason: "KubeletReady" }] },
    };
    expect((await api.ok("POST", path, node)).metadata.name).toBe(name);
    expect((await api.get(`${path}/${name}`)).metadata.name).toBe(name);
    const change = { metadata: { labels: { [name]: "patched" } } };
    const patched = await api.ok("PATCH", `${path}/${name}`, change, strategic);
    expect(patched.metadata.labels[name]).toBe("patched");
    const listed = await api.get(`${path}?${selecting({ [name]: "patched" })}`);
    expect(listed.items.map(({ metadata }: Json) => metadata.name)).toEqual([name]);
    const updated = await updates(api, `${path}/${name}`, (object) => ({
      ...object,
      metadata: { ...object.metadata, labels: { ...object.metadata.labels, [name]: "updated" } },
    }));
    expect(updated.metadata.labels[name]).toBe("updated");
    await deletesAndConfirms(api, `${path}/${name}`);
    expect((await api.get(`${path}?${selecting({ [name]: "updated" })}`)).items).toEqual([]);
  });
});
