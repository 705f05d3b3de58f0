import { type ApiUser, type Json, onApi } from "../harness/api-conformance.js";
import { deletesAndConfirms } from "../harness/api-lifecycle.js";
import { supportsOperations } from "../harness/api-operations.js";

const strategic = { type: "application/strategic-merge-patch+json" };
const sometime = "2017-09-19T13:49:16.000000Z";

/** Without what the server counts on. */
const settled = ({ metadata: { resourceVersion, managedFields, ...metadata }, ...rest }: Json): Json => ({
  ...rest,
  metadata,
});

/** Both APIs of events: what they call the same fields, and what they let change. */
const eventApis = {
  core: {
    root: "/api/v1",
    change: { message: "patched" },
    draft: (namespace: string, name: string, label: string): Json => ({
      metadata: { name, labels: { [label]: "true" } },
      involvedObject: { namespace },
      message: `about ${name}`,
      reason: "Test",
      type: "Normal",
      count: 1,
    }),
  },
  events: {
    root: "/apis/events.k8s.io/v1",
    change: { series: { count: 2, lastObservedTime: sometime } },
    draft: (namespace: string, name: string, label: string): Json => ({
      metadata: { name, labels: { [label]: "true" } },
      regarding: { namespace },
      eventTime: sometime,
      note: `about ${name}`,
      action: "Do",
      reason: "Test",
      type: "Normal",
      reportingController: "test-controller",
      reportingInstance: "test-node",
    }),
  },
} as const;

async function livesAsEvent(
  api: ApiUser,
  { root, change, draft }: (typeof eventApis)["core" | "events"],
): Promise<void> {
  const namespace = await api.namespace("events");
  const path = `${root}/namespaces/${namespace}/events`;
  const selector = "labelSelector=testevent-constant%3Dtrue";
  const isListed = async (list: string): Promise<boolean> =>
    (await api.get(`${list}?${selector}`)).items.some(
      ({ metadata }: Json) => metadata.name === "event-test" && metadata.namespace === namespace,
    );
  await api.ok("POST", path, draft(namespace, "event-test", "testevent-constant"));
  expect(await isListed(`${root}/events`)).toBe(true);
  expect(await isListed(path)).toBe(true);
  if (root !== "/api/v1") {
    const other = { reportingController: "another-controller", reportingInstance: "another-node" };
    await api.ok("POST", path, { ...draft(namespace, "other", "testevent-other"), ...other });
    const bySource = await api.get(`/api/v1/namespaces/${namespace}/events?fieldSelector=source%3Dtest-controller`);
    const byController = await api.get(`${path}?fieldSelector=reportingController%3Dtest-controller`);
    for (const { items } of [bySource, byController])
      expect(items.map(({ metadata }: Json) => metadata.name)).toEqual(["event-test"]);
  }
  const before = await api.get(`${path}/event-test`);
  await api.ok("PATCH", `${path}/event-test`, change, strategic);
  const patched = await api.get(`${path}/event-test`);
  expect(settled(patched)).toEqual({ ...settled(before), ...change });
  const series = { count: 100, lastObservedTime: sometime };
  await api.ok("PUT", `${path}/event-test`, { ...patched, series });
  const updated = await api.get(`${path}/event-test`);
  expect(settled(updated)).toEqual({ ...settled(patched), series });
  await api.ok("DELETE", `${path}/event-test`);
  expect(await isListed(`${root}/events`)).toBe(false);
  expect(await isListed(path)).toBe(false);
}

async function goAsCollection(api: ApiUser, { root, draft }: (typeof eventApis)["core" | "events"]): Promise<void> {
  const namespace = await api.namespace("events");
  const path = `${root}/namespaces/${namespace}/events`;
  const chosen = `${path}?labelSelector=testevent-set%3Dtrue`;
  for (const name of ["test-event-1", "test-event-2", "test-event-3"])
    await api.ok("POST", path, draft(namespace, name, "testevent-set"));
  await api.ok("POST", path, draft(namespace, "other", "another-set"));
  expect((await api.get(chosen)).items).toHaveLength(3);
  await api.ok("DELETE", chosen);
  expect((await api.get(chosen)).items).toEqual([]);
  expect((await api.get(path)).items.map(({ metadata }: Json) => metadata.name)).toEqual(["other"]);
}

/** Match conditions come back as they were written, when created and when replaced. */
async function keepsMatchConditions(api: ApiUser, plural: string): Promise<void> {
  const path = `/apis/admissionregistration.k8s.io/v1/${plural}`;
  const name = api.name("match-conditions");
  const first = [{ name: "expression-1", expression: "object.metadata.namespace == 'production'" }];
  const second = [...first, { name: "expression-2", expression: "object.metadata.name != 'skip-me'" }];
  await api.ok("POST", path, {
    metadata: { name },
    webhooks: [
      {
        name: "match.example.com",
        admissionReviewVersions: ["v1"],
        sideEffects: "None",
        failurePolicy: "Ignore",
        clientConfig: { service: { namespace: "default", name: "nobody", path: "/always-allow" } },
        rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }],
        namespaceSelector: { matchLabels: { [name]: "true" } },
        matchConditions: first,
      },
    ],
  });
  const created = await api.get(`${path}/${name}`);
  expect(created.webhooks[0].matchConditions).toEqual(first);
  await api.ok("PUT", `${path}/${name}`, {
    ...created,
    webhooks: [{ ...created.webhooks[0], matchConditions: second }],
  });
  expect((await api.get(`${path}/${name}`)).webhooks[0].matchConditions).toEqual(second);
  await api.ok("DELETE", `${path}/${name}`);
}

onApi("kinds that need no controller", (api) => {
  it("Events should manage the lifecycle of an event", () => livesAsEvent(api, eventApis.core));
  it("Events should delete a collection of events", () => goAsCollection(api, eventApis.core));
  it("Events API should ensure that an event can be fetched, patched, deleted, and listed", () =>
    livesAsEvent(api, eventApis.events));
  it("Events API should delete a collection of events", () => goAsCollection(api, eventApis.events));

  it("AdmissionWebhook should be able to create and update mutating webhook configurations with match conditions", () =>
    keepsMatchConditions(api, "mutatingwebhookconfigurations"));
  it("AdmissionWebhook should be able to create and update validating webhook configurations with match conditions", () =>
    keepsMatchConditions(api, "validatingwebhookconfigurations"));

  it("ResourceQuota should be able to update and delete ResourceQuota", async () => {
    const path = `/api/v1/namespaces/${await api.namespace("quota")}/resourcequotas`;
    const hard = { cpu: "1", memory: "500Mi" };
    await api.ok("POST", path, { metadata: { name: "test-quota" }, spec: { hard } });
    const created = await api.get(`${path}/test-quota`);
    expect(created.spec.hard).toEqual(hard);
    const next = { cpu: "2", memory: "1Gi" };
    const updated = await api.ok("PUT", `${path}/test-quota`, { ...created, spec: { hard: next } });
    expect(updated.spec.hard).toEqual(next);
    expect((await api.get(`${path}/test-quota`)).spec.hard).toEqual(next);
    await api.ok("DELETE", `${path}/test-quota`);
    expect((await api.call("GET", `${path}/test-quota`)).code).toBe(404);
  });

  it("LimitRange should list, patch and delete a LimitRange by collection", async () => {
    const label = api.name("e2e-limitrange");
    const selector = `labelSelector=${encodeURIComponent(`${label}=created`)}`;
    const limit = { type: "Container", min: { cpu: "50m" }, max: { cpu: "500m" } };
    const paths: string[] = [];
    for (const prefix of ["limits", "limits"]) {
      const path = `/api/v1/namespaces/${await api.namespace(prefix)}/limitranges`;
      await api.ok("POST", path, {
        metadata: { name: label, labels: { [label]: "created" } },
        spec: { limits: [limit] },
      });
      paths.push(path);
    }
    const [first = ""] = paths;
    await api.ok("POST", first, { metadata: { name: "other" }, spec: { limits: [limit] } });
    expect((await api.get(`/api/v1/limitranges?${selector}`)).items).toHaveLength(2);
    const body = {
      metadata: { labels: { [label]: "patched" } },
      spec: { limits: [{ ...limit, min: { cpu: "100m" } }] },
    };
    const patched = await api.ok("PATCH", `${first}/${label}`, body, strategic);
    expect(patched.metadata.labels[label]).toBe("patched");
    expect(patched.spec.limits[0].min.cpu).toBe("100m");
    const chosen = `labelSelector=${encodeURIComponent(`${label}=patched`)}`;
    await api.ok("DELETE", `${first}?${chosen}`);
    await api.until("it is gone", async () => (await api.get(`${first}?${chosen}`)).items.length === 0);
    expect((await api.get(`/api/v1/limitranges?labelSelector=${label}`)).items).toHaveLength(1);
    expect((await api.get(first)).items.map(({ metadata }: Json) => metadata.name)).toEqual(["other"]);
  });

  it("SchedulerPreemption verify PriorityClass endpoints can be operated with different HTTP methods", async () => {
    const path = "/apis/scheduling.k8s.io/v1/priorityclasses";
    const names = [api.name("p"), api.name("p")];
    for (const [at, name] of names.entries()) {
      await api.ok("POST", path, { metadata: { name }, value: at + 1 });
      const found = await api.get(`${path}/${name}`);
      expect(found.value).toBe(at + 1);
      const replaced = await api.call("PUT", `${path}/${name}`, { ...found, value: 10 });
      const patched = await api.call("PATCH", `${path}/${name}`, { value: 11 });
      for (const { code, body } of [replaced, patched]) expect([code, body.reason]).toEqual([422, "Invalid"]);
      expect((await api.get(`${path}/${name}`)).value).toBe(at + 1);
      await api.ok("PATCH", `${path}/${name}`, { description: "patched" });
      const described = await api.get(`${path}/${name}`);
      expect(described.description).toBe("patched");
      await api.ok("PUT", `${path}/${name}`, { ...described, description: "updated" });
      expect((await api.get(`${path}/${name}`)).description).toBe("updated");
    }
    const listed = (await api.get(path)).items.map(({ metadata }: Json) => metadata.name);
    expect(listed).toEqual(expect.arrayContaining(names));
    for (const name of names) await deletesAndConfirms(api, `${path}/${name}`);
  });

  it("CronJob should support CronJob API operations", async () => {
    const namespace = await api.namespace("cronjob");
    const elsewhere = await api.watch(`/apis/batch/v1/cronjobs?fieldSelector=metadata.namespace%3D${namespace}`);
    await supportsOperations(api, {
      group: "batch",
      version: "v1",
      plural: "cronjobs",
      namespace,
      make: (name, labels) => ({
        metadata: { name, labels },
        spec: {
          schedule: "0 0 31 2 *",
          concurrencyPolicy: "Allow",
          jobTemplate: {
            spec: {
              template: {
                spec: { restartPolicy: "OnFailure", containers: [{ name: "c", image: "busybox", command: ["true"] }] },
              },
            },
          },
        },
      }),
      status: { lastScheduleTime: "2026-01-01T00:00:00Z" },
    });
    await elsewhere.take(6);
    expect(new Set(elsewhere.events.map(({ type }) => type))).toEqual(new Set(["ADDED", "MODIFIED", "DELETED"]));
    elsewhere.stop();
    expect((await api.get("/apis/batch/v1/cronjobs")).kind).toBe("CronJobList");
  });
});
