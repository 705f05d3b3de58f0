import { type Json, onApi } from "../harness/api-conformance.js";
import { deletesAndConfirms, selecting, updates } from "../harness/api-lifecycle.js";
import { isDiscovered, supportsOperations } from "../harness/api-operations.js";

onApi("the network's objects", (api) => {
  const networking = { group: "networking.k8s.io", version: "v1" };
  const discovery = "/apis/discovery.k8s.io/v1";
  const slices = { group: "discovery.k8s.io", version: "v1", plural: "endpointslices" };

  it("Ingress API should support creating Ingress API operations", async () => {
    const namespace = await api.namespace("ingress");
    await supportsOperations(api, {
      ...networking,
      namespace,
      plural: "ingresses",
      make: (name, labels) => ({
        metadata: { name, labels },
        spec: { defaultBackend: { service: { name: "default-backend", port: { number: 80 } } } },
      }),
      status: { loadBalancer: { ingress: [{ ip: "169.1.1.1" }] } },
    });
  });

  it("IngressClass API should support creating IngressClass API operations", () =>
    supportsOperations(api, {
      ...networking,
      plural: "ingressclasses",
      make: (name, labels) => ({ metadata: { name, labels }, spec: { controller: "example.com/controller" } }),
    }));

  it("EndpointSlice should support creating EndpointSlice API operations", async () => {
    const namespace = await api.namespace("slices");
    await supportsOperations(api, {
      ...slices,
      namespace,
      make: (name, labels) => ({
        metadata: { name, labels },
        addressType: "IPv4",
        endpoints: [{ addresses: ["1.2.3.4", "5.6.7.8"] }, { addresses: ["2.2.3.4", "6.6.7.8"] }],
      }),
    });
  });

  it("Endpoints should test the lifecycle of an Endpoint", async () => {
    const namespace = await api.namespace("endpoints");
    const path = `/api/v1/namespaces/${namespace}/endpoints`;
    const labels = { "test-endpoint-static": api.name("value") };
    const watched = await api.watch(`${path}?${selecting(labels)}`);
    const object = {
      metadata: { name: "testservice", labels },
      subsets: [{ addresses: [{ ip: "10.0.0.24" }], ports: [{ name: "http", port: 80, protocol: "TCP" }] }],
    };
    await api.ok("POST", path, object);
    expect((await watched.take(1))[0]).toMatchObject({ type: "ADDED", object: { metadata: { name: "testservice" } } });
    const { items } = await api.get(`/api/v1/endpoints?${selecting(labels)}`);
    expect(items.map(({ metadata }: Json) => `${metadata.namespace}/${metadata.name}`)).toEqual([
      `${namespace}/testservice`,
    ]);
    await updates(api, `${path}/testservice`, (found) => ({
      ...found,
      metadata: { ...found.metadata, labels: { ...labels, "test-service": "updated" } },
    }));
    expect((await watched.take(2))[1]).toMatchObject({ type: "MODIFIED" });
    expect((await api.get(`${path}/testservice`)).metadata.labels["test-service"]).toBe("updated");
    const subsets = [{ addresses: [{ ip: "10.0.0.25" }], ports: [{ name: "http-test", port: 8080, protocol: "TCP" }] }];
    const change = { metadata: { labels: { "test-service": "patched" } }, subsets };
    await api.ok("PATCH", `${path}/testservice`, change, { type: "application/strategic-merge-patch+json" });
    expect((await watched.take(3))[2]).toMatchObject({ type: "MODIFIED" });
    const patched = await api.get(`${path}/testservice`);
    expect(patched.metadata.labels).toEqual({ ...labels, "test-service": "patched" });
    expect(patched.subsets).toEqual(subsets);
    await api.ok("DELETE", `${path}?${selecting(labels)}`);
    expect((await watched.take(4))[3]).toMatchObject({ type: "DELETED" });
    watched.stop();
    expect((await api.call("GET", `${path}/testservice`)).code).toBe(404);
  });

  const slicesOf = async (namespace: string, service: string): Promise<Json[]> => {
    const selector = selecting({ "kubernetes.io/service-name": service });
    return (await api.get(`${discovery}/namespaces/${namespace}/endpointslices?${selector}`)).items;
  };
  it("EndpointSliceMirroring should mirror a custom Endpoints resource through create update and delete", async () => {
    await isDiscovered(api, slices);
    const namespace = await api.namespace("mirroring");
    const name = "example-custom-endpoints";
    const path = `/api/v1/namespaces/${namespace}/endpoints`;
    const ports = [{ name: "example", port: 80, protocol: "TCP" }];
    await api.ok("POST", `/api/v1/namespaces/${namespace}/services`, { metadata: { name }, spec: { ports } });
    const mirrors = (ip: string): Promise<void> =>
      api.until(`one slice says ${ip}`, async () => {
        const found = (await slicesOf(namespace, name)).map((slice) => [
          slice.ports.map(({ port }: Json) => port),
          slice.endpoints.map(({ addresses }: Json) => addresses),
        ]);
        return JSON.stringify(found) === JSON.stringify([[[80], [[ip]]]]);
      });
    const subsets = (ip: string): Json => [{ ports: [{ port: 80 }], addresses: [{ ip }] }];
    await api.ok("POST", path, { metadata: { name }, subsets: subsets("10.1.2.3") });
    await mirrors("10.1.2.3");
    await api.ok("PUT", `${path}/${name}`, { metadata: { name }, subsets: subsets("10.2.3.4") });
    await mirrors("10.2.3.4");
    await api.ok("DELETE", `${path}/${name}`);
    await api.until("no slice is left", async () => (await slicesOf(namespace, name)).length === 0);
  });

  /** A Service that selects what is not there. */
  const selectsNobody = async (namespace: string): Promise<{ readonly name: string; readonly path: string }> => {
    const name = "example-empty-selector";
    const services = `/api/v1/namespaces/${namespace}/services`;
    const ports = [{ name: "example", port: 80, protocol: "TCP" }];
    await api.ok("POST", services, {
      metadata: { name },
      spec: { selector: { "does-not-match-anything": "on" }, ports },
    });
    return { name, path: `${services}/${name}` };
  };

  it("EndpointSlice should create and delete EndpointSlices for a Service with a selector that matches no pods", async () => {
    await isDiscovered(api, slices);
    const namespace = await api.namespace("nobody");
    const { name, path } = await selectsNobody(namespace);
    await api.until("there is a slice", async () => (await slicesOf(namespace, name)).length > 0);
    const [slice] = await slicesOf(namespace, name);
    expect(slice.metadata.labels["endpointslice.kubernetes.io/managed-by"]).toBe("endpointslice-controller.k8s.io");
    expect(slice.endpoints ?? []).toEqual([]);
    await api.ok("DELETE", path);
    await api.until("no slice is left", async () => (await slicesOf(namespace, name)).length === 0);
  });

  it("EndpointsController should create and delete Endpoints for a Service with a selector that matches no pods", async () => {
    const namespace = await api.namespace("nobody");
    const { name, path } = await selectsNobody(namespace);
    const endpoints = `/api/v1/namespaces/${namespace}/endpoints/${name}`;
    await api.until("there are Endpoints", async () => (await api.call("GET", endpoints)).code === 200);
    expect((await api.get(endpoints)).subsets ?? []).toEqual([]);
    await api.ok("DELETE", path);
    await api.until("they are gone", async () => (await api.call("GET", endpoints)).code === 404);
  });

  /** Annotations given by a merge patch, then by an update. */
  const isAnnotated = async (path: string): Promise<void> => {
    const patched = await api.ok("PATCH", path, { metadata: { annotations: { patched: "true" } } });
    expect(patched.metadata.annotations).toMatchObject({ patched: "true" });
    const updated = await updates(api, path, (found) => ({
      ...found,
      metadata: { ...found.metadata, annotations: { ...found.metadata.annotations, updated: "true" } },
    }));
    expect(updated.metadata.annotations).toMatchObject({ patched: "true", updated: "true" });
  };

  it("ServiceCIDR and IPAddress API should support ServiceCIDR API operations", async () => {
    await isDiscovered(api, { ...networking, plural: "servicecidrs", subresources: ["status"] });
    const all = "/apis/networking.k8s.io/v1/servicecidrs";
    const own = await api.get(`${all}/kubernetes`);
    const watched = await api.watch(all);
    await isAnnotated(`${all}/kubernetes`);
    expect((await api.get(all)).items.map(({ metadata }: Json) => metadata.name)).toContain("kubernetes");
    await api.until("the watch tells of the update", async () =>
      watched.events.some(({ object }) => object.metadata.annotations?.updated === "true"),
    );
    watched.stop();
    // The verbs that the description names beside those.
    const labels = { test: api.name("cidr") };
    for (const [at, cidr] of ["192.0.2.0/25", "192.0.2.128/25"].entries())
      await api.ok("POST", all, { metadata: { name: `test-${at}`, labels }, spec: { cidrs: [cidr] } });
    const condition = {
      type: "Ready",
      status: "False",
      reason: "E2E",
      message: "",
      lastTransitionTime: "2030-01-01T00:00:00Z",
    };
    const status = { conditions: [condition] };
    expect((await api.ok("PATCH", `${all}/test-0/status`, { status })).status).toEqual(status);
    const again = { conditions: [{ ...condition, reason: "Again" }] };
    const written = await updates(api, `${all}/test-0/status`, (found) => ({ ...found, status: again }));
    expect(written.status).toEqual(again);
    await deletesAndConfirms(api, `${all}/test-0`);
    await api.ok("DELETE", `${all}?${selecting(labels)}`);
    await api.until("they are gone", async () => (await api.get(`${all}?${selecting(labels)}`)).items.length === 0);
    expect((await api.get(`${all}/kubernetes`)).metadata.uid).toBe(own.metadata.uid);
  });

  it("ServiceCIDR and IPAddress API should support IPAddress API operations", async () => {
    await isDiscovered(api, { ...networking, plural: "ipaddresses" });
    const all = "/apis/networking.k8s.io/v1/ipaddresses";
    const parentRef = { group: "mygroup", resource: "myresources", namespace: "foo", name: "bar" };
    const [broadcast, local] = ["255.255.255.255", "fe80::42:1dff:fe84:f9e2"];
    await api.ok("POST", all, { metadata: { name: broadcast, labels: { type: "broadcast" } }, spec: { parentRef } });
    await api.ok("POST", all, { metadata: { name: local, labels: { type: "link-local" } }, spec: { parentRef } });
    await isAnnotated(`${all}/${broadcast}`);
    expect((await api.get(`${all}/${broadcast}`)).spec).toEqual({ parentRef });
    const labelled = (type: string): string => `${all}?${selecting({ type })}`;
    expect((await api.get(labelled("broadcast"))).items).toHaveLength(1);
    const watched = await api.watch(labelled("broadcast"));
    await watched.take(1);
    await api.ok("DELETE", `${all}/${broadcast}`);
    expect((await watched.take(2))[1]?.type).toBe("DELETED");
    watched.stop();
    await api.ok("DELETE", labelled("link-local"));
    expect((await api.get(labelled("link-local"))).items).toEqual([]);
  });
});
