import { StatusError } from "../../../apimachinery/status.js";
import type { Admission } from "../../admission/admission.js";
import { type ApiKit, admitAll, configMap, openApiKit, podManifest } from "../api.test-kit.js";

const maps = "/api/v1/namespaces/default/configmaps";
const pods = "/api/v1/namespaces/default/pods";
const merge = { "content-type": "application/merge-patch+json" };

let kit: ApiKit;
beforeEach(async () => {
  kit = await openApiKit();
});
afterEach(() => kit.close());

const secondsUntil = (time: unknown): number => (Date.parse(String(time)) - Date.now()) / 1000;

describe("delete", () => {
  it("answers a Status with the uid of what is gone", async () => {
    const made = (await kit.json("POST", maps, { body: configMap("a") })).body;
    const { status, body } = await kit.json("DELETE", `${maps}/a`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      kind: "Status",
      status: "Success",
      details: { name: "a", kind: "configmaps", uid: made.metadata.uid },
    });
    expect((await kit.json("DELETE", `${maps}/a`)).status).toBe(404);
  });

  it("keeps preconditions", async () => {
    const made = (await kit.json("POST", maps, { body: configMap("a") })).body;
    const wrongUid = await kit.json("DELETE", `${maps}/a`, { body: { preconditions: { uid: "u" } } });
    expect(wrongUid.status).toBe(409);
    expect(wrongUid.body.message).toContain("the UID in the precondition (u) does not match the UID in record");
    const wrongVersion = { preconditions: { resourceVersion: "1" } };
    expect((await kit.json("DELETE", `${maps}/a`, { body: wrongVersion })).status).toBe(409);
    const { uid, resourceVersion } = made.metadata;
    const right = { preconditions: { uid, resourceVersion } };
    expect((await kit.json("DELETE", `${maps}/a`, { body: right })).status).toBe(200);
  });

  it("only marks what has finalizers; the object goes with the last of them", async () => {
    await kit.json("POST", maps, { body: configMap("a", {}, { finalizers: ["x.io/one", "x.io/two"] }) });
    const { status, body } = await kit.json("DELETE", `${maps}/a`);
    expect([status, body.kind]).toEqual([200, "ConfigMap"]);
    expect(body.metadata).toMatchObject({ deletionGracePeriodSeconds: 0, deletionTimestamp: expect.any(String) });
    const again = await kit.json("DELETE", `${maps}/a`);
    expect(again.body.metadata.resourceVersion).toBe(body.metadata.resourceVersion);
    const added = { metadata: { finalizers: ["x.io/one", "x.io/three"] } };
    expect((await kit.json("PATCH", `${maps}/a`, { body: added, headers: merge })).status).toBe(422);
    await kit.json("PATCH", `${maps}/a`, { body: { metadata: { finalizers: ["x.io/two"] } }, headers: merge });
    expect((await kit.json("GET", `${maps}/a`)).status).toBe(200);
    const last = await kit.json("PATCH", `${maps}/a`, { body: { metadata: { finalizers: null } }, headers: merge });
    expect(last.status).toBe(200);
    expect((await kit.json("GET", `${maps}/a`)).status).toBe(404);
  });

  it.each([
    [{ propagationPolicy: "Foreground" }, 202, ["foregroundDeletion"]],
    [{ propagationPolicy: "Orphan" }, 200, ["orphan"]],
    [{ orphanDependents: true }, 200, ["orphan"]],
  ])("turns %j into a finalizer", async (body, status, finalizers) => {
    await kit.json("POST", maps, { body: configMap("a") });
    const marked = await kit.json("DELETE", `${maps}/a`, { body });
    expect(marked.status).toBe(status);
    expect(marked.body.metadata.finalizers).toEqual(finalizers);
  });

  it("drops such a finalizer again in the background, and refuses contradictions", async () => {
    await kit.json("POST", maps, { body: configMap("a", {}, { finalizers: ["orphan"] }) });
    const both = { propagationPolicy: "Foreground", orphanDependents: true };
    expect((await kit.json("DELETE", `${maps}/a`, { body: both })).status).toBe(422);
    expect((await kit.json("DELETE", `${maps}/a?propagationPolicy=Sideways`)).status).toBe(422);
    const { body } = await kit.json("DELETE", `${maps}/a?propagationPolicy=Background`);
    expect(body.kind).toBe("Status");
  });

  it("deletes nothing in a dry run", async () => {
    await kit.json("POST", maps, { body: configMap("a") });
    expect((await kit.json("DELETE", `${maps}/a?dryRun=All`)).status).toBe(200);
    expect((await kit.json("DELETE", `${maps}/a`, { body: { dryRun: ["All"] } })).status).toBe(200);
    expect((await kit.json("GET", `${maps}/a`)).body.metadata).not.toHaveProperty("deletionTimestamp");
  });

  it("deletes what a collection selects, and no more", async () => {
    for (let at = 0; at < 40; at++)
      await kit.json("POST", maps, { body: configMap(`m${at}`, {}, { labels: { odd: String(at % 2) } }) });
    const { resourceVersion } = (await kit.json("GET", maps)).body.metadata;
    const { status, body } = await kit.json("DELETE", `${maps}?labelSelector=odd%3D1`);
    expect([status, body.kind, body.items.length]).toEqual([200, "ConfigMapList", 20]);
    expect(body.metadata).toEqual({ resourceVersion });
    expect((await kit.json("GET", maps)).body.items).toHaveLength(20);
  });
});

describe("graceful deletion of pods", () => {
  const place = (name: string, spec: object = {}): Promise<unknown> =>
    kit.json("POST", pods, { body: podManifest(name, { nodeName: "n1", ...spec }) });

  it("gives a pod on a node its grace, which a later request may only shorten", async () => {
    await place("p", { terminationGracePeriodSeconds: 20 });
    const marked = (await kit.json("DELETE", `${pods}/p`)).body;
    expect(marked.metadata.deletionGracePeriodSeconds).toBe(20);
    expect(secondsUntil(marked.metadata.deletionTimestamp)).toBeGreaterThan(10);
    expect(marked.metadata.generation).toBe(2);
    const longer = (await kit.json("DELETE", `${pods}/p?gracePeriodSeconds=60`)).body;
    expect(longer.metadata.resourceVersion).toBe(marked.metadata.resourceVersion);
    const shorter = (await kit.json("DELETE", `${pods}/p?gracePeriodSeconds=5`)).body;
    expect(shorter.metadata.deletionGracePeriodSeconds).toBe(5);
    expect(secondsUntil(shorter.metadata.deletionTimestamp)).toBeLessThan(6);
    expect((await kit.json("DELETE", `${pods}/p?gracePeriodSeconds=0`)).status).toBe(200);
    expect((await kit.json("GET", `${pods}/p`)).status).toBe(404);
  });

  it("removes at once what is forced, what is on no node and what has ended", async () => {
    await place("forced");
    await kit.json("POST", pods, { body: podManifest("pending") });
    await place("ended");
    await kit.json("PATCH", `${pods}/ended/status`, { body: { status: { phase: "Succeeded" } }, headers: merge });
    await kit.json("DELETE", `${pods}/forced`, { body: { gracePeriodSeconds: 0 } });
    await kit.json("DELETE", `${pods}/pending`);
    await kit.json("DELETE", `${pods}/ended`);
    expect((await kit.json("GET", pods)).body.items).toEqual([]);
  });

  it("keeps a pod with finalizers beyond its grace", async () => {
    await kit.json("POST", pods, { body: podManifest("p", { nodeName: "n1" }, { finalizers: ["x.io/f"] }) });
    await kit.json("DELETE", `${pods}/p`);
    await kit.json("DELETE", `${pods}/p?gracePeriodSeconds=0`);
    expect((await kit.json("GET", `${pods}/p`)).body.metadata.deletionGracePeriodSeconds).toBe(0);
    await kit.json("PATCH", `${pods}/p`, { body: { metadata: { finalizers: null } }, headers: merge });
    expect((await kit.json("GET", `${pods}/p`)).status).toBe(404);
  });
});

describe("namespaces", () => {
  it("stay, terminating, until finalized", async () => {
    const made = await kit.json("POST", "/api/v1/namespaces", { body: { metadata: { name: "x" } } });
    expect(made.body).toMatchObject({ spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" } });
    expect(made.body.metadata.labels).toEqual({ "kubernetes.io/metadata.name": "x" });
    const put = { ...made.body, spec: {} };
    expect((await kit.json("PUT", "/api/v1/namespaces/x", { body: put })).body.spec).toEqual(made.body.spec);
    const deleted = await kit.json("DELETE", "/api/v1/namespaces/x");
    expect(deleted.status).toBe(200);
    expect(deleted.body).toMatchObject({ status: { phase: "Terminating" }, spec: { finalizers: ["kubernetes"] } });
    expect((await kit.json("DELETE", "/api/v1/namespaces/x")).body.metadata).toEqual(deleted.body.metadata);
    const stale = { ...deleted.body, metadata: made.body.metadata, spec: {} };
    expect((await kit.json("PUT", "/api/v1/namespaces/x/finalize", { body: stale })).status).toBe(409);
    const finalized = { ...deleted.body, spec: {} };
    expect((await kit.json("PUT", "/api/v1/namespaces/x/finalize", { body: finalized })).status).toBe(200);
    expect((await kit.json("GET", "/api/v1/namespaces/x")).status).toBe(404);
  });
});

describe("deleting a collection", () => {
  it("goes on past an object that cannot be deleted, and then says why", async () => {
    const admission: Admission = {
      ...admitAll,
      validate: async ({ operation, name }) => {
        if (operation !== "DELETE") return;
        if (name === "m00") throw new StatusError("Forbidden", "m00 stays");
        await new Promise((resolve) => setImmediate(resolve));
      },
    };
    const kit = await openApiKit({ admission });
    for (let at = 0; at < 40; at++) {
      const name = `m${String(at).padStart(2, "0")}`;
      await kit.json("POST", maps, { body: configMap(name) });
    }
    const { status, body } = await kit.json("DELETE", maps);
    expect([status, body.message]).toEqual([403, "m00 stays"]);
    const left = await kit.json("GET", maps);
    expect(left.body.items.map(({ metadata }) => metadata.name)).toEqual(["m00"]);
    await kit.close();
  });
});
