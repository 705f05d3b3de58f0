import { type ApiUser, type Json, onApi } from "../harness/api-conformance.js";
import { deletesAndConfirms, selecting } from "../harness/api-lifecycle.js";
import { supportsOperations } from "../harness/api-operations.js";

const group = "resource.k8s.io";
const version = "v1";
const driver = "e2e.example.com";
const className = "e2e-class";
const request = { devices: { requests: [{ name: "req-0", exactly: { deviceClassName: className } }] } };

onApi("objects of devices", (api) => {
  it("[DRA] CRUD Tests resource.k8s.io/v1 DeviceClass", () =>
    isFullyServed(api, "deviceclasses", false, () => ({
      spec: { selectors: [{ cel: { expression: `device.driver == "${driver}"` } }] },
    })));

  it("[DRA] CRUD Tests resource.k8s.io/v1 ResourceClaim", () =>
    isFullyServed(api, "resourceclaims", true, () => ({ spec: request }), {
      allocation: { devices: { results: [{ request: "req-0", driver, pool: "pool", device: "device-0" }] } },
    }));

  it("[DRA] CRUD Tests resource.k8s.io/v1 ResourceClaimTemplate", () =>
    isFullyServed(api, "resourceclaimtemplates", true, () => ({ spec: { spec: request } })));

  it("[DRA] CRUD Tests resource.k8s.io/v1 ResourceSlice", () =>
    isFullyServed(api, "resourceslices", false, (name) => ({
      spec: {
        driver,
        allNodes: true,
        pool: { name, generation: 1, resourceSliceCount: 1 },
        devices: [{ name: "device-0" }],
      },
    })));
});

/** Every verb on one object and what a status is written by; then each form of patch, of the status too, as watches tell of it. */
async function isFullyServed(
  api: ApiUser,
  plural: string,
  isNamespaced: boolean,
  make: (name: string) => object,
  status?: Json,
): Promise<void> {
  const scope = isNamespaced ? { namespace: await api.namespace("devices") } : {};
  await supportsOperations(api, {
    ...scope,
    group,
    version,
    plural,
    make: (name, labels) => ({ metadata: { name, labels }, ...make(name) }),
    ...(status === undefined ? {} : { status }),
  });
  const root = `/apis/${group}/${version}`;
  const path = `${root}/${isNamespaced ? `namespaces/${scope.namespace}/` : ""}${plural}`;
  const { resources } = await api.get(root);
  const { kind, verbs } = resources.find(({ name }: Json) => name === plural);
  expect(verbs.toSorted()).toEqual("create delete deletecollection get list patch update watch".split(" "));
  const labels = { anew: api.name("patched") };
  const name = api.name("op");
  const draft = { apiVersion: `${group}/${version}`, kind, metadata: { name, labels }, ...make(name) };
  const watches = [
    await api.watch(`${path}?${selecting(labels)}`),
    await api.watch(`${root}/${plural}?${selecting(labels)}`),
  ];
  let told = 0;
  /** What both watches tell next, and that versions only grow. */
  const tell = async (...types: readonly string[]): Promise<void> => {
    for (const watch of watches) {
      const events = (await watch.take(told + types.length)).slice(told);
      expect(events.map(({ type, object }) => [type, object.metadata.name])).toEqual(types.map((type) => [type, name]));
      const versions = events.map(({ object }) => BigInt(object.metadata.resourceVersion));
      expect(versions.every((each, at) => at === 0 || each >= (versions[at - 1] ?? 0n))).toBe(true);
    }
    told += types.length;
  };
  const annotated = { metadata: { annotations: { by: "patch" } } };
  for (const { part, change } of [
    { part: "", change: annotated },
    ...(status === undefined ? [] : [{ part: "/status", change: { status } }]),
  ])
    for (const { type, query, body } of formsOf(draft, change)) {
      // Each on an object made anew.
      const made = await api.ok("POST", `${path}?fieldValidation=Strict`, draft);
      await tell("ADDED");
      if (part !== "") {
        await api.ok("PUT", `${path}/${name}`, { ...made, metadata: { ...made.metadata, ...annotated.metadata } });
        await tell("MODIFIED");
      }
      const patched = await api.ok("PATCH", `${path}/${name}${part}?fieldValidation=Strict${query}`, body, { type });
      expect(patched).toMatchObject({ ...annotated, ...change });
      expect(patched.metadata.uid).toBe(made.metadata.uid);
      await tell("MODIFIED");
      expect(await api.get(`${path}/${name}${part}`)).toMatchObject(change);
      await deletesAndConfirms(api, `${path}/${name}`);
      await tell("DELETED");
    }
  for (const watch of watches) watch.stop();
}

/** The same change by each form of patch. */
function formsOf({ apiVersion, kind, metadata: { name } }: Json, change: Json) {
  const [field = ""] = Object.keys(change);
  const inner =
    field === "metadata" ? { path: "/metadata/annotations", value: change.metadata.annotations } : undefined;
  const replaced = inner ?? { path: `/${field}`, value: change[field] };
  const applied = { apiVersion, kind, ...change, metadata: { name, ...change.metadata } };
  return [
    { type: "application/strategic-merge-patch+json", query: "", body: change },
    { type: "application/apply-patch+yaml", query: "&fieldManager=test-apply&force=true", body: applied },
    { type: "application/merge-patch+json", query: "", body: change },
    { type: "application/json-patch+json", query: "", body: [{ op: "add", ...replaced }] },
  ];
}
