import { type ApiUser, type Json, onApi } from "../harness/api-conformance.js";
import { deletesAndConfirms, selecting } from "../harness/api-lifecycle.js";
import { supportsOperations } from "../harness/api-operations.js";

jest.setTimeout(30_000);

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

/** Every verb on one object, each form of patch, and what a status is written by; then what lists of all namespaces show. */
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
  const name = api.name("op");
  const labels = { applied: name };
  const applied = { apiVersion: `${group}/${version}`, kind, metadata: { name, labels }, ...make(name) };
  const by = { type: "application/apply-patch+yaml" };
  const made = await api.ok("PATCH", `${path}/${name}?fieldManager=e2e`, applied, by);
  expect(made.metadata.labels).toEqual(labels);
  for (const [type, patch] of [
    ["merge", { metadata: { annotations: { by: "merge" } } }],
    ["strategic-merge", { metadata: { annotations: { by: "strategic-merge" } } }],
    ["json", [{ op: "replace", path: "/metadata/annotations/by", value: "json" }]],
  ] as const) {
    const patched = await api.ok("PATCH", `${path}/${name}`, patch, { type: `application/${type}-patch+json` });
    expect(patched.metadata.annotations.by).toBe(type);
  }
  const everywhere = await api.get(`${root}/${plural}?${selecting(labels)}`);
  expect(everywhere.items.map(({ metadata }: Json) => metadata.uid)).toEqual([made.metadata.uid]);
  await deletesAndConfirms(api, `${path}/${name}`);
}
