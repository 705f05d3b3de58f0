import { evictions } from "../../../api/policy/eviction.js";
import { encodeObjectOf, wrapped } from "../../encoding/protobuf.js";
import { type ApiKit, openApiKit, podManifest } from "../api.test-kit.js";

const pods = "/api/v1/namespaces/default/pods";
const deployments = "/apis/apps/v1/namespaces/default/deployments";
const merge = { "content-type": "application/merge-patch+json" };

let kit: ApiKit;
beforeEach(async () => {
  kit = await openApiKit();
});
afterEach(() => kit.close());

describe("pods/binding", () => {
  const binding = (name: string, node: string, meta: object = {}): object => ({
    metadata: { name, ...meta },
    target: { kind: "Node", name: node },
  });

  it("puts a pod on a node, once", async () => {
    await kit.json("POST", pods, { body: podManifest("p", {}, { annotations: { a: "1" } }) });
    const bound = await kit.json("POST", `${pods}/p/binding`, {
      body: binding("p", "n1", { annotations: { b: "2" } }),
    });
    expect([bound.status, bound.body.status]).toEqual([201, "Success"]);
    const { body } = await kit.json("GET", `${pods}/p`);
    expect(body.spec.nodeName).toBe("n1");
    expect(body.metadata.annotations).toEqual({ a: "1", b: "2" });
    expect(body.status).toMatchObject({ conditions: [{ type: "PodScheduled", status: "True" }] });
    const again = await kit.json("POST", `${pods}/p/binding`, { body: binding("p", "n2") });
    expect(again.status).toBe(409);
    expect(again.body.message).toBe(
      'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n1"',
    );
  });

  it("takes the pod's name from an object POSTed to bindings", async () => {
    await kit.json("POST", pods, { body: podManifest("p") });
    const bindings = "/api/v1/namespaces/default/bindings";
    expect((await kit.json("POST", bindings, { body: binding("p", "n1") })).status).toBe(201);
    expect((await kit.json("POST", bindings, { body: binding("q", "n1") })).status).toBe(404);
    expect((await kit.json("GET", bindings)).status).toBe(405);
  });

  it.each([
    ["another uid", podManifest("p"), binding("p", "n1", { uid: "u" }), 409],
    ["no node", podManifest("p"), { metadata: { name: "p" }, target: {} }, 422],
    ["something that is no node", podManifest("p"), { target: { kind: "Pod", name: "x" } }, 400],
    ["gates", podManifest("p", { schedulingGates: [{ name: "x.io/wait" }] }), binding("p", "n1"), 409],
  ])("refuses %s", async (_what, pod, body, status) => {
    await kit.json("POST", pods, { body: pod });
    expect((await kit.json("POST", `${pods}/p/binding`, { body })).status).toBe(status);
    expect((await kit.json("GET", `${pods}/p`)).body.spec).not.toHaveProperty("nodeName");
  });

  it("binds nothing in a dry run", async () => {
    await kit.json("POST", pods, { body: podManifest("p") });
    await kit.json("POST", `${pods}/p/binding?dryRun=All`, { body: binding("p", "n1") });
    expect((await kit.json("GET", `${pods}/p`)).body.spec).not.toHaveProperty("nodeName");
  });
});

describe("pods/eviction", () => {
  it.each(["policy/v1", "policy/v1beta1"])("is asked for in %s, as JSON and as protobuf", async (apiVersion) => {
    for (const name of ["a", "b"]) await kit.json("POST", pods, { body: podManifest(name) });
    const metadata = { name: "a" };
    const json = await kit.json("POST", `${pods}/a/eviction`, { body: { apiVersion, kind: "Eviction", metadata } });
    expect([json.status, json.body.status]).toEqual([201, "Success"]);
    const bytes = wrapped({ apiVersion, kind: "Eviction" }, encodeObjectOf(evictions, { metadata: { name: "b" } }));
    const headers = { "content-type": "application/vnd.kubernetes.protobuf" };
    const protobuf = await kit.json("POST", `${pods}/b/eviction`, { bytes: Buffer.from(bytes), headers });
    expect([protobuf.status, protobuf.body.status]).toEqual([201, "Success"]);
    expect((await kit.json("GET", pods)).body.items).toEqual([]);
  });

  it("deletes gracefully, under the preconditions given", async () => {
    await kit.json("POST", pods, { body: podManifest("p", { nodeName: "n1" }) });
    const wrong = { metadata: { name: "p" }, deleteOptions: { preconditions: { uid: "u" } } };
    expect((await kit.json("POST", `${pods}/p/eviction`, { body: wrong })).status).toBe(409);
    const before = (await kit.json("GET", `${pods}/p`)).body;
    expect(before.status).not.toHaveProperty("conditions");
    const { resourceVersion } = before.metadata;
    const evicted = await kit.json("POST", `${pods}/p/eviction`, {
      body: {
        ...{ apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "p" } },
        deleteOptions: { preconditions: { resourceVersion } },
      },
    });
    expect([evicted.status, evicted.body.status]).toEqual([201, "Success"]);
    expect((await kit.json("GET", `${pods}/p`)).body.status).toMatchObject({
      conditions: [{ type: "DisruptionTarget", status: "True", reason: "EvictionByEvictionAPI" }],
    });
    expect((await kit.json("GET", `${pods}/p`)).body.metadata.deletionGracePeriodSeconds).toBe(30);
    expect((await kit.json("POST", `${pods}/q/eviction`, { body: { metadata: { name: "q" } } })).status).toBe(404);
  });
});

describe("scale", () => {
  beforeEach(() =>
    kit.json("POST", deployments, {
      body: {
        metadata: { name: "web" },
        spec: {
          replicas: 2,
          selector: { matchLabels: { app: "web" } },
          template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "b" }] } },
        },
      },
    }),
  );

  it("shows and sets the number of replicas alone", async () => {
    const scale = (await kit.json("GET", `${deployments}/web/scale`)).body;
    expect(scale).toMatchObject({
      kind: "Scale",
      apiVersion: "autoscaling/v1",
      metadata: { name: "web", namespace: "default" },
      spec: { replicas: 2 },
      status: { replicas: 0, selector: "app=web" },
    });
    const put = await kit.json("PUT", `${deployments}/web/scale`, { body: { ...scale, spec: { replicas: 5 } } });
    expect(put.body.spec).toEqual({ replicas: 5 });
    expect((await kit.json("PUT", `${deployments}/web/scale`, { body: scale })).status).toBe(409);
    const patched = await kit.json("PATCH", `${deployments}/web/scale`, {
      body: { spec: { replicas: 7 } },
      headers: merge,
    });
    expect(patched.body.spec).toEqual({ replicas: 7 });
    const { body } = await kit.json("GET", `${deployments}/web`);
    expect(body.spec.replicas).toBe(7);
    expect(body.metadata.generation).toBe(3);
  });

  it("is patched by clients that speak of the object itself", async () => {
    const { status, body } = await kit.json("PATCH", `${deployments}/web/scale`, {
      body: { kind: "Deployment", metadata: { name: "web", namespace: "default" }, spec: { replicas: 4 } },
      headers: { "content-type": "application/strategic-merge-patch+json" },
    });
    expect([status, body.kind, body.spec]).toEqual([200, "Scale", { replicas: 4 }]);
  });

  it("refuses less than none", async () => {
    const { status, body } = await kit.json("PATCH", `${deployments}/web/scale`, {
      body: { spec: { replicas: -1 } },
      headers: merge,
    });
    expect(status).toBe(422);
    expect(body.message).toContain("spec.replicas: Invalid value: -1: must be greater than or equal to 0");
  });
});

describe("replicationcontrollers/scale", () => {
  it("tells the labels that the controller selects by", async () => {
    const url = "/api/v1/namespaces/default/replicationcontrollers";
    const template = { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "a", image: "b" }] } };
    await kit.json("POST", url, { body: { metadata: { name: "rc" }, spec: { template } } });
    const { body } = await kit.json("PATCH", `${url}/rc/scale`, { body: { spec: { replicas: 3 } }, headers: merge });
    expect(body).toMatchObject({ kind: "Scale", spec: { replicas: 3 }, status: { selector: "app=web" } });
  });
});
