import type { ApiUser, Json } from "./api-conformance.js";

export type Labels = Readonly<Record<string, string>>;

/** The part of a URL's query that selects these labels. */
export const selecting = (labels: Labels): string => {
  const terms = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return `labelSelector=${encodeURIComponent(terms.join(","))}`;
};

/** What the tests named "should run through the lifecycle of X" have in common: one object by its name, two by their label. */
export async function livesThrough(
  api: ApiUser,
  path: string,
  make: (metadata: { readonly name: string }) => object,
): Promise<void> {
  const first = api.name("e2e");
  // One that no selector of these chooses.
  const bystander = api.name("bystander");
  await api.ok("POST", path, make({ name: bystander }));
  expect((await api.ok("POST", path, make({ name: first }))).metadata.name).toBe(first);
  expect((await api.get(`${path}/${first}`)).metadata.name).toBe(first);
  const label = { [first]: "patched" };
  const before = await api.get(`${path}/${first}`);
  const patched = await api.ok("PATCH", `${path}/${first}`, { metadata: { labels: label } });
  expect(patched.metadata.labels).toEqual(label);
  expect(versionOf(patched)).toBeGreaterThan(versionOf(before));
  const listed = await api.get(`${path}?${selecting(label)}`);
  expect(listed.items.map(({ metadata }: Json) => metadata.name)).toEqual([first]);
  await deletesAndConfirms(api, `${path}/${first}`);
  expect((await api.get(`${path}?${selecting(label)}`)).items).toEqual([]);

  const labels = { [api.name("e2e-life")]: "updated" };
  const names = [api.name("e2e"), api.name("e2e")];
  for (const name of names) {
    await api.ok("POST", path, make({ name }));
    const updated = await updates(api, `${path}/${name}`, (object) => ({
      ...object,
      metadata: { ...object.metadata, labels },
    }));
    expect(updated.metadata.labels).toEqual(labels);
  }
  const both = await api.get(`${path}?${selecting(labels)}`);
  expect(both.items.map(({ metadata }: Json) => metadata.name).sort()).toEqual([...names].sort());
  await api.ok("DELETE", `${path}?${selecting(labels)}`);
  await api.until(
    "the collection is gone",
    async () => (await api.get(`${path}?${selecting(labels)}`)).items.length === 0,
  );
  await deletesAndConfirms(api, `${path}/${bystander}`);
}

/** Versions can be compared: a later one is greater. */
export const versionOf = ({ metadata }: Json): bigint => {
  expect(metadata.resourceVersion).toMatch(/^[1-9]\d*$/);
  return BigInt(metadata.resourceVersion);
};

const maxTries = 20;

/** Replaces the object by a change of what it is now, again while others write it too. */
export async function updates(api: ApiUser, path: string, change: (object: Json) => Json): Promise<Json> {
  for (let left = maxTries; ; left--) {
    const { code, body } = await api.call("PUT", path, change(await api.get(path)));
    if (code < 400) return body;
    if (code !== 409 || left === 1) throw new Error(`PUT ${path}: ${code} ${JSON.stringify(body)}`);
  }
}

export async function deletesAndConfirms(api: ApiUser, path: string): Promise<void> {
  await api.ok("DELETE", path);
  await api.until(`${path} is gone`, async () => (await api.call("GET", path)).code === 404);
}
