import type { ApiUser, Json, Watched } from "./api-conformance.js";
import { deletesAndConfirms, versionOf } from "./api-lifecycle.js";

/** A kind whose operations a conformance test goes through. */
export interface Operations {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** Absent: cluster-scoped. */
  readonly namespace?: string;
  /** A valid object of this name, with these labels. */
  readonly make: (name: string, labels: Readonly<Record<string, string>>) => object;
  /** Fields of the status that is written through its subresource, where there is one. */
  readonly status?: Json;
  /** Further subresources that discovery tells of. */
  readonly subresources?: readonly string[];
}

/** What every test named "should support X API operations" goes through, each step by a request of its own. */
export async function supportsOperations(api: ApiUser, kind: Operations): Promise<void> {
  const { group, version, plural, namespace } = kind;
  const root = `/apis/${group}/${version}`;
  const path = `${root}/${namespace === undefined ? "" : `namespaces/${namespace}/`}${plural}`;
  await isDiscovered(api, kind);
  const label = api.name("special");
  const selector = `labelSelector=${encodeURIComponent(`special-label=${label}`)}`;
  const labels = { "special-label": label };
  const names = [api.name("op"), api.name("op"), api.name("op")];
  const [first = ""] = names;
  const uids = new Map<string, string>();
  for (const name of names) {
    const made = await api.ok("POST", path, kind.make(name, labels));
    expect(made.metadata.name).toBe(name);
    uids.set(name, made.metadata.uid);
  }
  // One that no selector of these chooses: nothing is told of it, and nothing is done to it.
  const bystander = api.name("bystander");
  await api.ok("POST", path, kind.make(bystander, { "special-label": "another" }));
  const found = await api.get(`${path}/${first}`);
  expect(found.metadata).toMatchObject({ name: first, labels, uid: uids.get(first) });
  const listed = await api.get(`${path}?${selector}`);
  expect(listed.items.map(({ metadata }: Json) => metadata.name).sort()).toEqual([...names].sort());
  const since = `${selector}&resourceVersion=${listed.metadata.resourceVersion}`;
  const watched = await api.watch(`${path}?${since}`);
  // The same of all namespaces; of a cluster's objects it is the same once more.
  const everywhere = await api.get(`${root}/${plural}?${selector}`);
  expect(everywhere.items).toHaveLength(3);
  const watchedEverywhere = await api.watch(`${root}/${plural}?${since}`);
  const patched = await api.ok("PATCH", `${path}/${first}`, { metadata: { annotations: { patched: "true" } } });
  expect(patched.metadata.annotations).toMatchObject({ patched: "true" });
  expect(versionOf(patched)).toBeGreaterThan(versionOf(found));
  await api.ok("PATCH", `${path}/${bystander}`, { metadata: { annotations: { patched: "as well" } } });
  const updated = await api.ok("PUT", `${path}/${first}`, {
    ...patched,
    metadata: { ...patched.metadata, annotations: { ...patched.metadata.annotations, updated: "true" } },
  });
  expect(updated.metadata.annotations).toMatchObject({ patched: "true", updated: "true" });
  expect(versionOf(updated)).toBeGreaterThan(versionOf(patched));
  expect((await watched.take(2)).map(({ type }) => type)).toEqual(["MODIFIED", "MODIFIED"]);
  for (const { events } of [watched, watchedEverywhere]) {
    await watchedEverywhere.take(2);
    expect(events[0]?.object.metadata.annotations).toMatchObject({ patched: "true" });
    expect(events[1]?.object.metadata.annotations).toMatchObject({ patched: "true", updated: "true" });
  }
  if (kind.status !== undefined) await writesStatus(api, `${path}/${first}`, kind.status);
  await api.ok("DELETE", `${path}/${first}`);
  await api.until("the object is gone", async () => (await api.call("GET", `${path}/${first}`)).code === 404);
  expect((await api.get(`${path}?${selector}`)).items).toHaveLength(2);
  await api.ok("DELETE", `${path}?${selector}`);
  await api.until("the collection is gone", async () => (await api.get(`${path}?${selector}`)).items.length === 0);
  for (const watch of [watched, watchedEverywhere]) {
    await api.until("the watch tells of each deletion", async () => deletedIn(watch).length === 3);
    watch.stop();
    expect(deletedIn(watch)[0]).toBe(first);
    expect([...deletedIn(watch)].sort()).toEqual([...names].sort());
    expect(watch.told.join()).not.toContain(bystander);
  }
  await deletesAndConfirms(api, `${path}/${bystander}`);
}

const deletedIn = ({ events }: Watched): readonly string[] =>
  events.filter(({ type }) => type === "DELETED").map(({ object }) => object.metadata.name);

type Discovered = Pick<Operations, "group" | "version" | "plural" | "status" | "subresources">;

/** The group, its version and the resource stand in the documents that tell of them. */
export async function isDiscovered(
  api: ApiUser,
  { group, version, plural, status, subresources = [] }: Discovered,
): Promise<void> {
  const { groups } = await api.get("/apis");
  const entry = groups.find(({ name }: Json) => name === group);
  expect(entry.versions).toContainEqual({ groupVersion: `${group}/${version}`, version });
  expect((await api.get(`/apis/${group}`)).versions).toContainEqual({ groupVersion: `${group}/${version}`, version });
  const { resources } = await api.get(`/apis/${group}/${version}`);
  const parts = [...(status === undefined ? [] : ["status"]), ...subresources];
  expect(resources.map(({ name }: Json) => name)).toEqual(
    expect.arrayContaining([plural, ...parts.map((part) => `${plural}/${part}`)]),
  );
}

async function writesStatus(api: ApiUser, path: string, status: Json): Promise<void> {
  const seen = await api.get(`${path}/status`);
  expect(seen.metadata.name).toBe(path.split("/").at(-1));
  const patched = await api.ok("PATCH", `${path}/status`, { metadata: { annotations: { status: "patched" } }, status });
  expect(patched.metadata.annotations).toMatchObject({ status: "patched" });
  expect(patched.status).toMatchObject(status);
  const updated = await api.ok("PUT", `${path}/status`, {
    ...patched,
    metadata: { ...patched.metadata, annotations: { ...patched.metadata.annotations, status: "updated" } },
  });
  expect(updated.metadata.annotations).toMatchObject({ status: "updated" });
  expect(updated.status).toMatchObject(status);
}
