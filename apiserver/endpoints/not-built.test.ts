import { type ApiKit, openApiKit } from "./api.test-kit.js";

const jobs = "/apis/batch/v1/namespaces/default/jobs";
const spec = { template: { spec: { containers: [{ name: "a", image: "b" }], restartPolicy: "Never" } } };
const merge = { "content-type": "application/merge-patch+json" };
const warning = ["no controller for Job runs in this cluster yet"];

let kit: ApiKit;
beforeEach(async () => {
  kit = await openApiKit();
});
afterEach(() => kit.close());

describe("kinds that nothing acts on yet", () => {
  it("say so to whoever writes them, and to nobody else", async () => {
    const created = await kit.json("POST", jobs, { body: { metadata: { name: "pi" }, spec } });
    expect([created.status, created.warnings]).toEqual([201, warning]);
    const patched = await kit.json("PATCH", `${jobs}/pi`, { body: { spec: { parallelism: 2 } }, headers: merge });
    expect([patched.status, patched.warnings]).toEqual([200, warning]);
    expect((await kit.json("PUT", `${jobs}/pi`, { body: patched.body })).warnings).toEqual(warning);
    expect((await kit.json("GET", `${jobs}/pi`)).warnings).toEqual([]);
    expect((await kit.json("DELETE", `${jobs}/pi`)).warnings).toEqual([]);
    expect((await kit.json("POST", jobs, { body: { metadata: { name: "pi" }, spec: {} } })).warnings).toEqual([]);
  });

  it("do not make other kinds speak", async () => {
    const maps = "/api/v1/namespaces/default/configmaps";
    expect((await kit.json("POST", maps, { body: { metadata: { name: "m" } } })).warnings).toEqual([]);
  });
});

describe("what follows from an object's name", () => {
  it("is there when the server made the name up", async () => {
    const { body } = await kit.json("POST", jobs, { body: { metadata: { generateName: "pi-" }, spec } });
    expect(body.metadata.name).toMatch(/^pi-.{5}$/);
    expect(body.spec).toMatchObject({
      selector: { matchLabels: { "batch.kubernetes.io/controller-uid": body.metadata.uid } },
      template: { metadata: { labels: { "batch.kubernetes.io/job-name": body.metadata.name } } },
    });
  });
});
