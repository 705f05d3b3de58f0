import { type ApiKit, openApiKit, podManifest } from "../api.test-kit.js";

const pods = "/api/v1/namespaces/default/pods";
const path = `${pods}/p/ephemeralcontainers`;
const strategic = { "content-type": "application/strategic-merge-patch+json" };
const debugger_ = { name: "debugger", image: "busybox" };

let kit: ApiKit;
beforeEach(async () => {
  kit = await openApiKit();
  await kit.json("POST", pods, { body: podManifest("p") });
});
afterEach(() => kit.close());

const put = async (ephemeralContainers: readonly object[], more: object = {}) => {
  const { body } = await kit.json("GET", `${pods}/p`);
  return kit.json("PUT", path, { body: { ...body, spec: { ...body.spec, ephemeralContainers, ...more } } });
};
const patch = (...ephemeralContainers: readonly object[]) =>
  kit.json("PATCH", path, { body: { spec: { ephemeralContainers } }, headers: strategic });

describe("pods/ephemeralcontainers", () => {
  it("takes containers by patch and by update, and answers the pod", async () => {
    const first = await patch(debugger_);
    expect([first.status, first.body.kind]).toEqual([200, "Pod"]);
    expect(first.body.spec.ephemeralContainers).toEqual([
      expect.objectContaining({ ...debugger_, imagePullPolicy: "Always", terminationMessagePolicy: "File" }),
    ]);
    const kept = (await kit.json("GET", path)).body.spec.ephemeralContainers as readonly object[];
    const second = await put([...kept, { ...debugger_, name: "second" }]);
    expect(second.status).toBe(200);
    expect((await kit.json("GET", path)).body.spec.ephemeralContainers).toHaveLength(2);
    expect((await kit.json("GET", `${pods}/p`)).body.metadata.generation).toBe(3);
  });

  it("writes nothing but them", async () => {
    const { status } = await put([debugger_], { activeDeadlineSeconds: 5, nodeName: "elsewhere" });
    expect(status).toBe(200);
    const { spec } = (await kit.json("GET", `${pods}/p`)).body;
    expect(spec).not.toHaveProperty("activeDeadlineSeconds");
    expect(spec).not.toHaveProperty("nodeName");
  });

  it("are applied: by whom they are, and nothing but them", async () => {
    const apply = (containers: readonly object[], manager = "me") =>
      kit.json("PATCH", `${path}?fieldManager=${manager}`, {
        body: {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name: "p", labels: { no: "effect" } },
          spec: { activeDeadlineSeconds: 5, ephemeralContainers: containers },
        },
        headers: { "content-type": "application/apply-patch+yaml" },
      });
    const made = await apply([debugger_]);
    expect([made.status, made.body.message]).toEqual([200, undefined]);
    expect(made.body.spec).not.toHaveProperty("activeDeadlineSeconds");
    expect(made.body.metadata).not.toHaveProperty("labels.no");
    const entry = made.body.metadata.managedFields?.find(({ manager }) => manager === "me");
    expect(entry).toMatchObject({ operation: "Apply", subresource: "ephemeralcontainers" });
    expect(entry?.fieldsV1).toEqual({
      "f:spec": {
        "f:ephemeralContainers": { 'k:{"name":"debugger"}': { ".": {}, "f:image": {}, "f:name": {} } },
      },
    });
    const again = await apply([debugger_]);
    expect(again.body.metadata.resourceVersion).toBe(made.body.metadata.resourceVersion);
    const conflict = await apply([{ ...debugger_, image: "other" }], "other");
    expect([conflict.status, conflict.body.reason]).toEqual([409, "Conflict"]);
    const gone = await apply([]);
    expect([gone.status, gone.body.message]).toEqual([422, expect.stringContaining("may not be removed")]);
  });

  it("lets none go or change", async () => {
    await patch(debugger_);
    const removed = await put([]);
    expect([removed.status, removed.body.message]).toEqual([
      422,
      'Pod "p" is invalid: spec.ephemeralContainers: Forbidden: existing ephemeral containers "debugger" may not be removed\n',
    ]);
    expect((await patch({ ...debugger_, image: "other" })).body.message).toContain(
      'existing ephemeral containers "debugger" may not be changed',
    );
  });

  it.each([
    [
      { ports: [{ containerPort: 80 }] },
      "spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral",
    ],
    [{ livenessProbe: { tcpSocket: { port: 1 } } }, "spec.ephemeralContainers[0].livenessProbe: Forbidden"],
    [{ lifecycle: { preStop: { sleep: { seconds: 1 } } } }, "spec.ephemeralContainers[0].lifecycle: Forbidden"],
    [{ resources: { limits: { cpu: "1" } } }, "spec.ephemeralContainers[0].resources: Forbidden"],
    [{ restartPolicy: "Always" }, "spec.ephemeralContainers[0].restartPolicy: Forbidden"],
    [{ name: "c" }, 'spec.ephemeralContainers[0].name: Duplicate value: "c"'],
    [{ targetContainerName: "no" }, 'spec.ephemeralContainers[0].targetContainerName: Not found: "no"'],
    [{ volumeMounts: [{ name: "v", mountPath: "/v" }] }, "spec.ephemeralContainers[0].volumeMounts[0].name: Not found"],
    [
      { volumeMounts: [{ name: "v", mountPath: "/v", subPath: "x" }] },
      "spec.ephemeralContainers[0].volumeMounts[0].subPath: Forbidden: cannot be set for an Ephemeral Container",
    ],
  ])("refuses %j", async (more, message) => {
    const { status, body } = await patch({ ...debugger_, ...more });
    expect(status).toBe(422);
    expect(body.message).toContain(message);
    expect((await kit.json("GET", `${pods}/p`)).body.spec).not.toHaveProperty("ephemeralContainers");
  });

  it("refuses them in a mirror pod, in a new pod and in an update of the pod itself", async () => {
    await kit.json("POST", pods, {
      body: podManifest("m", {}, { annotations: { "kubernetes.io/config.mirror": "x" } }),
    });
    const mirrored = await kit.json("PATCH", `${pods}/m/ephemeralcontainers`, {
      body: { spec: { ephemeralContainers: [debugger_] } },
      headers: strategic,
    });
    expect([mirrored.status, mirrored.body.message]).toEqual([400, "static pods do not support ephemeral containers"]);
    const made = await kit.json("POST", pods, { body: podManifest("n", { ephemeralContainers: [debugger_] }) });
    expect(made.body.message).toContain("spec.ephemeralContainers: Forbidden: cannot be set on create");
    const updated = await kit.json("PATCH", `${pods}/p`, {
      body: { spec: { ephemeralContainers: [debugger_] } },
      headers: strategic,
    });
    expect(updated.status).toBe(422);
  });
});
