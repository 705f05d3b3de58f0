import { ApiUser, type Json, onApi } from "../harness/api-conformance.js";
import { startCluster, stopClusters } from "../harness/cluster.js";
import { type Etcd, startEtcd } from "../harness/etcd.js";
import { describeWith } from "../harness/needs.js";

const total = 400;
const oneTenth = total / 10;
/** Long enough for ten pages, short enough to be waited for. */
const flags = ["--runtime", "simulated", "--etcd-compaction-interval", "5s"];
const patientMs = 180_000;

const nameOf = (index: number): string => `template-${String(index).padStart(4, "0")}`;
const namesOf = (items: readonly Json[]): readonly string[] => items.map(({ metadata }) => metadata.name);
const numbered = (from: number, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => nameOf(from + at));

/** Nothing else in the cluster changes: the store's revision goes on, so that there is a past to forget. */
const write = (api: ApiUser, namespace: string): Promise<Json> =>
  api.ok("POST", `/api/v1/namespaces/${namespace}/configmaps`, { metadata: { name: api.name("tick") } });

/** The token that comes with the refusal of one whose version is no longer known. */
async function inconsistentToken(api: ApiUser, namespace: string, path: string, token: string): Promise<string> {
  let answer: Json;
  await api.until(
    "the token expires",
    async () => {
      await write(api, namespace);
      const { code, body } = await api.call("GET", `${path}?limit=${oneTenth}&continue=${encodeURIComponent(token)}`);
      if (code === 200) return false;
      expect({ code, reason: body.reason }).toEqual({ code: 410, reason: "Expired" });
      answer = body.metadata.continue;
      return true;
    },
    60_000,
  );
  expect(answer).toEqual(expect.stringMatching(/./));
  return answer;
}

/** False where a later page was too slow in coming, and its version forgotten as well. */
async function listsOnAfterCompaction(api: ApiUser, namespace: string, path: string): Promise<boolean> {
  const page = (token: string) =>
    api.call("GET", `${path}?limit=${oneTenth}${token === "" ? "" : `&continue=${encodeURIComponent(token)}`}`);
  const { metadata: first, items } = (await page("")).body;
  expect(namesOf(items)).toEqual(numbered(0, oneTenth));
  expect(first.remainingItemCount).toBe(total - oneTenth);
  const token = await inconsistentToken(api, namespace, path, first.continue);
  const second = (await page(token)).body;
  const version = second.metadata.resourceVersion;
  expect(version).not.toBe(first.resourceVersion);
  expect(namesOf(second.items)).toEqual(numbered(oneTenth, oneTenth));
  expect(second.metadata.remainingItemCount).toBe(total - 2 * oneTenth);
  let found = 2 * oneTenth;
  for (let next = second.metadata.continue; next; ) {
    const { code, body } = await page(next);
    if (code === 410) return false;
    expect(body.metadata.resourceVersion).toBe(version);
    expect(namesOf(body.items)).toEqual(numbered(found, body.items.length));
    found += body.items.length;
    expect(body.metadata.remainingItemCount ?? 0).toBe(total - found);
    next = body.metadata.continue;
  }
  expect(found).toBe(total);
  return true;
}

async function chunksAfterCompaction(api: ApiUser): Promise<void> {
  const namespace = await api.namespace("chunks");
  const path = `/api/v1/namespaces/${namespace}/podtemplates`;
  const template = (name: string): object => ({
    metadata: { name },
    template: { spec: { containers: [{ name: "test", image: "test2" }] } },
  });
  for (let from = 0; from < total; from += 50)
    await Promise.all(numbered(from, 50).map((name) => api.ok("POST", path, template(name))));
  await api.until("all pages come", () => listsOnAfterCompaction(api, namespace, path), patientMs / 2);
}

onApi(
  "lists in chunks",
  (api) => {
    it(
      "Servers with support for API chunking should support continue listing from the last key after compaction (inconsistent list)",
      () => chunksAfterCompaction(api),
      patientMs,
    );
  },
  { flags },
);

describeWith(["etcd"], "lists in chunks, on etcd", () => {
  let etcd: Etcd | undefined;
  let api: ApiUser;
  beforeAll(async () => {
    etcd = await startEtcd();
    api = new ApiUser();
    api.use(await startCluster({ flags: [...flags, "--etcd-servers", etcd.endpoints.join(",")] }));
  });
  afterAll(async () => {
    await stopClusters();
    await etcd?.stop();
  });

  it("go on from the last key after compaction", () => chunksAfterCompaction(api), patientMs);
});
