import { type ApiKit, openApiKit, podManifest } from "../api.test-kit.js";

const pods = "/api/v1/namespaces/default/pods";
const path = `${pods}/p/resize`;
const strategic = { "content-type": "application/strategic-merge-patch+json" };
const limits = { cpu: "200m", memory: "64Mi" };
const requests = { cpu: "100m", memory: "32Mi" };

let kit: ApiKit;
beforeEach(async () => {
  kit = await openApiKit();
});
afterEach(() => kit.close());

const create = (resources: object, spec: object = {}) =>
  kit.json("POST", pods, {
    body: podManifest("p", { containers: [{ name: "c", image: "x", resources }], ...spec }),
  });
const patch = (resources: object, more: object = {}) =>
  kit.json("PATCH", path, { body: { spec: { containers: [{ name: "c", resources, ...more }] } }, headers: strategic });

describe("pods/resize", () => {
  it("changes resources by patch and by update, counted as a generation, and answers the pod", async () => {
    await create({ requests, limits });
    const { status, body } = await patch({ requests: { cpu: "150m" } });
    expect([status, body.kind, body.metadata.generation]).toEqual([200, "Pod", 2]);
    const resources = { requests: { cpu: "150m", memory: "32Mi" }, limits };
    expect(body.spec).toMatchObject({ containers: [{ resources }] });
    const whole = (await kit.json("GET", path)).body;
    const more = { ...resources, limits: { cpu: "200m", memory: "128Mi" } };
    const put = await kit.json("PUT", path, {
      body: { ...whole, spec: { ...whole.spec, containers: [{ name: "c", image: "x", resources: more }] } },
    });
    expect(put.body.spec).toMatchObject({ containers: [{ resources: more }] });
  });

  it("writes nothing but them", async () => {
    await create({ requests, limits });
    const { status, body } = await patch(
      { requests: { cpu: "150m" } },
      { image: "other", resizePolicy: [{ resourceName: "memory", restartPolicy: "RestartContainer" }] },
    );
    expect(status).toBe(200);
    const resizePolicy = [{ resourceName: "memory", restartPolicy: "RestartContainer" }];
    expect(body.spec).toMatchObject({ containers: [{ image: "x", resizePolicy }] });
  });

  it.each<[string, object, object, string]>([
    [
      "to another class of service",
      { requests, limits },
      { requests: limits },
      'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
    ],
    ["from nothing", {}, { requests: { cpu: "1" } }, 'spec: Invalid value: "BestEffort": Pod QOS Class may not change'],
    [
      "away with a limit",
      { requests, limits },
      { limits: { memory: null } },
      "spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed",
    ],
    [
      "away with a request",
      { requests },
      { requests: { cpu: null } },
      "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed",
    ],
    [
      "what else there is",
      { requests, limits },
      { requests: { "ephemeral-storage": "1Gi" } },
      "spec.containers[0].resources: Forbidden: only cpu and memory resources are mutable",
    ],
    [
      "requests above limits",
      { requests, limits },
      { requests: { cpu: "2" } },
      'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 200m',
    ],
  ])("does not go %s", async (_what, before, after, message) => {
    await create(before);
    const { status, body } = await patch(after);
    expect(status).toBe(422);
    expect(body.message).toContain(message);
  });

  it("leaves init containers as they are, but for sidecars", async () => {
    const init = (name: string, restart: object = {}) => ({ name, image: "x", resources: { requests }, ...restart });
    await create({ requests, limits }, { initContainers: [init("i"), init("s", { restartPolicy: "Always" })] });
    const resize = (name: string) =>
      kit.json("PATCH", path, {
        body: { spec: { initContainers: [{ name, resources: { requests: { cpu: "150m" } } }] } },
        headers: strategic,
      });
    expect((await resize("i")).body.message).toContain(
      "spec.initContainers[0].resources: Forbidden: resources for non-sidecar init containers are immutable",
    );
    const { status, body } = await resize("s");
    expect(status).toBe(200);
    expect(body.spec).toMatchObject({ initContainers: [{}, { resources: { requests: { cpu: "150m" } } }] });
  });

  it("is the only way: an update of the pod itself changes no resources", async () => {
    await create({ requests, limits });
    const { status } = await kit.json("PATCH", `${pods}/p`, {
      body: { spec: { containers: [{ name: "c", resources: { requests: { cpu: "150m" } } }] } },
      headers: strategic,
    });
    expect(status).toBe(422);
  });
});
