import { encodeAnswer } from "../encoding/encode.js";
import { type ApiKit, collect, configMap, frameText, openApiKit, podManifest, takeFrames } from "./api.test-kit.js";

const maps = "/api/v1/namespaces/default/configmaps";
const pods = "/api/v1/namespaces/default/pods";
const as = (kind: string): Record<string, string> => ({ accept: `application/json;as=${kind};v=v1;g=meta.k8s.io` });

let kit: ApiKit;
beforeEach(async () => {
  kit = await openApiKit();
});
afterEach(() => kit.close());

const names = async (url: string): Promise<readonly string[]> =>
  ((await kit.json("GET", url)).body.items ?? []).map(({ metadata }) => metadata.name);
const make = async (...all: readonly string[]): Promise<void> => {
  for (const name of all) await kit.json("POST", maps, { body: configMap(name) });
};

describe("options of lists and watches that do not fit together", () => {
  const only = (options: string): string => `ListOptions.meta.k8s.io "" is invalid: ${options}`;
  const match = "resourceVersionMatch";
  const needsVersion = `${match}: Forbidden: ${match} is forbidden unless resourceVersion is provided`;
  const needsInitial = `${match}: Forbidden: ${match} is forbidden for watch unless sendInitialEvents is provided`;
  const needsMatch = `${match}: Forbidden: sendInitialEvents requires setting ${match} to NotOlderThan`;
  const notList = "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list";

  it.each([
    [`${match}=Exact`, only(needsVersion)],
    [`${match}=NotOlderThan`, only(needsVersion)],
    [
      `${match}=Newest&resourceVersion=1`,
      only(`${match}: Unsupported value: "Newest": supported values: "", "Exact", "NotOlderThan"`),
    ],
    [
      `${match}=Exact&resourceVersion=0`,
      only(`${match}: Forbidden: ${match} "exact" is forbidden for resourceVersion "0"`),
    ],
    [
      `${match}=NotOlderThan&resourceVersion=1&continue=x`,
      only(`${match}: Forbidden: ${match} is forbidden when continue is provided`),
    ],
    ["sendInitialEvents=true", only(notList)],
    ["sendInitialEvents=false", only(notList)],
    [`${match}=Exact&sendInitialEvents=true`, only(`[${needsVersion}, ${notList}]`)],
    ["watch=1&sendInitialEvents=true", only(needsMatch)],
    [`watch=1&${match}=NotOlderThan`, only(needsInitial)],
    [
      `watch=1&${match}=Exact`,
      only(`[${needsInitial}, ${match}: Unsupported value: "Exact": supported values: "NotOlderThan"]`),
    ],
    [
      `watch=1&sendInitialEvents=true&${match}=Exact`,
      only(`[${needsMatch}, ${match}: Unsupported value: "Exact": supported values: "NotOlderThan"]`),
    ],
  ])("are refused: %s", async (query, message) => {
    const { status, body } = await kit.json("GET", `${maps}?${query}`);
    expect([status, body.reason, body.message]).toEqual([422, "Invalid", message]);
  });

  it.each([
    ["continue=x&resourceVersion=5", "specifying resource version is not allowed when using continue"],
    [`continue=${Buffer.from('{"v":"meta.k8s.io/v2","rv":1,"start":"a"}').toString("base64url")}`, "continue key"],
    [`continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":1}').toString("base64url")}`, "continue key"],
    ["resourceVersion=-1", "Invalid value"],
    ["watch=1&resourceVersion=1.5", "Invalid value"],
    [
      "fieldSelector=spec.nodeName%3Dx",
      `"spec.nodeName" is not a known field selector: only "metadata.name", "metadata.namespace"`,
    ],
    ["fieldSelector=metadata.name", "invalid selector"],
    ["limit=1e3", "invalid syntax"],
  ])("are no options: %s", async (query, message) => {
    const { status, body } = await kit.json("GET", `${maps}?${query}`);
    expect([status, body.reason]).toEqual([400, "BadRequest"]);
    expect(body.message).toContain(message);
  });
});

describe("pages", () => {
  it("of all namespaces go on where they left, over an object that is gone by now", async () => {
    for (const namespace of ["one", "two"])
      for (const name of ["a", "b"])
        await kit.json("POST", `/api/v1/namespaces/${namespace}/configmaps`, { body: configMap(name) });
    const first = (await kit.json("GET", "/api/v1/configmaps?limit=3")).body;
    expect(first.metadata.remainingItemCount).toBe(1);
    await kit.json("DELETE", "/api/v1/namespaces/two/configmaps/a");
    const rest = (await kit.json("GET", `/api/v1/configmaps?limit=3&continue=${first.metadata.continue}`)).body;
    expect(rest.items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual(["two/b"]);
    expect(rest.metadata).toEqual({ resourceVersion: first.metadata.resourceVersion });
  });

  it("after a compaction go on, page by page, with what there is now", async () => {
    await make("a", "b", "c", "d");
    const first = (await kit.json("GET", `${maps}?limit=1`)).body;
    await kit.json("DELETE", `${maps}/b`);
    await make("bb", "e");
    await kit.storage.compact(await kit.storage.currentRevision());
    const expired = await kit.json("GET", `${maps}?limit=2&continue=${first.metadata.continue}`);
    expect([expired.status, expired.body.reason]).toEqual([410, "Expired"]);
    expect(expired.body.message).toContain("The provided continue parameter is too old");
    const token = expired.body.metadata.continue;
    expect(token).not.toBe(first.metadata.continue);
    const second = (await kit.json("GET", `${maps}?limit=2&continue=${token}`)).body;
    expect(second.items.map(({ metadata }) => metadata.name)).toEqual(["bb", "c"]);
    expect(second.metadata.remainingItemCount).toBe(2);
    expect(Number(second.metadata.resourceVersion)).toBeGreaterThan(Number(first.metadata.resourceVersion));
    const third = (await kit.json("GET", `${maps}?continue=${second.metadata.continue}`)).body;
    expect(third.items.map(({ metadata }) => metadata.name)).toEqual(["d", "e"]);
    expect(third.metadata).toEqual({ resourceVersion: second.metadata.resourceVersion });
  });

  it("come as Tables and as metadata with the same tokens", async () => {
    await make("a", "b");
    const table = (await kit.json("GET", `${maps}?limit=1`, { headers: as("Table") })).body;
    expect(table.metadata).toMatchObject({ remainingItemCount: 1, continue: expect.any(String) });
    const url = `${maps}?limit=1&continue=${table.metadata.continue}`;
    const metadata = (await kit.json("GET", url, { headers: as("PartialObjectMetadataList") })).body;
    expect(metadata.items.map((item) => item.metadata.name)).toEqual(["b"]);
    expect(metadata.metadata).toEqual({ resourceVersion: table.metadata.resourceVersion });
  });
});

describe("fields to select by", () => {
  const template = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } };
  const ns = "/api/v1/namespaces/default";
  const event = {
    metadata: { name: "e" },
    involvedObject: { kind: "Pod", name: "p", namespace: "default", uid: "u", fieldPath: "spec" },
    reason: "Because",
    type: "Warning",
    source: { component: "me" },
  };
  const pem = "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n";
  const request = {
    metadata: { name: "r" },
    spec: { request: Buffer.from(pem).toString("base64"), signerName: "x.io/y", usages: ["client auth"] },
  };
  const selector = { matchLabels: { a: "b" } };

  it.each<[string, object, readonly string[], string]>([
    [
      `${ns}/pods`,
      podManifest("p", { nodeName: "n", schedulerName: "s", restartPolicy: "Never", hostNetwork: true }),
      [
        "spec.nodeName=n",
        "spec.schedulerName=s",
        "spec.restartPolicy=Never",
        "spec.hostNetwork=true",
        "status.phase=Pending",
      ],
      "status.podIP=10.0.0.1",
    ],
    [
      `${ns}/events`,
      event,
      [
        "involvedObject.kind=Pod",
        "involvedObject.name=p",
        "involvedObject.uid=u",
        "reason=Because",
        "type=Warning",
        "source=me",
      ],
      "involvedObject.fieldPath=status",
    ],
    [`${ns}/secrets`, { metadata: { name: "s" }, type: "x.io/y" }, ["type=x.io/y"], "type=Opaque"],
    ["/api/v1/namespaces", { metadata: { name: "n" } }, ["status.phase=Active"], "status.phase=Terminating"],
    [
      "/api/v1/nodes",
      { metadata: { name: "n" }, spec: { unschedulable: true } },
      ["spec.unschedulable=true"],
      "spec.unschedulable=false",
    ],
    [
      `${ns}/services`,
      { metadata: { name: "s" }, spec: { clusterIP: "None", selector: { a: "b" } } },
      ["spec.clusterIP=None", "spec.type=ClusterIP"],
      "spec.type=NodePort",
    ],
    [
      `${ns}/replicationcontrollers`,
      { metadata: { name: "r" }, spec: { template } },
      ["status.replicas=0"],
      "status.replicas=1",
    ],
    [
      "/apis/apps/v1/namespaces/default/replicasets",
      { metadata: { name: "r" }, spec: { selector, template } },
      ["status.replicas=0"],
      "status.replicas=1",
    ],
    [
      "/apis/batch/v1/namespaces/default/jobs",
      {
        metadata: { name: "j" },
        spec: { template: { ...template, spec: { ...template.spec, restartPolicy: "Never" } } },
      },
      ["status.successful=0"],
      "status.successful=1",
    ],
    [
      "/apis/certificates.k8s.io/v1/certificatesigningrequests",
      request,
      ["spec.signerName=x.io/y"],
      "spec.signerName=x.io/z",
    ],
  ])("of %s", async (url, body, hits, miss) => {
    const made = await kit.json("POST", url, { body });
    expect(made.status).toBe(201);
    const { name } = made.body.metadata;
    for (const hit of [...hits, `metadata.name=${name}`]) {
      expect([hit, await names(`${url}?fieldSelector=${encodeURIComponent(hit)}`)]).toEqual([hit, [name]]);
      const other = encodeURIComponent(hit.replace("=", "!="));
      expect([hit, await names(`${url}?fieldSelector=${other}`)]).toEqual([hit, []]);
    }
    expect(await names(`${url}?fieldSelector=${encodeURIComponent(miss)}`)).toEqual([]);
    expect((await kit.json("GET", `${url}?fieldSelector=spec.none%3Dx`)).status).toBe(400);
  });
});

describe("a watch", () => {
  const watch = async (query: string, headers: Readonly<Record<string, string>> = {}) => {
    const { answer, context } = await kit.call("GET", `${maps}?watch=1&${query}`, { headers });
    if (answer.type !== "watch") throw new Error("not a watch");
    return { answer, context };
  };
  const seen = async (query: string, enough: number): Promise<readonly string[]> =>
    (await takeFrames((await watch(query)).answer.events, (frames) => frames.length >= enough)).map(frameText);
  const initial = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan";

  it("ends the initial objects with a bookmark for those alone who take bookmarks", async () => {
    await make("a");
    expect(await seen(`${initial}&allowWatchBookmarks=true`, 2)).toEqual(["ADDED a", "BOOKMARK end"]);
    const { answer } = await watch(initial);
    await make("b");
    expect((await takeFrames(answer.events, (frames) => frames.length >= 2)).map(frameText)).toEqual([
      "ADDED a",
      "ADDED b",
    ]);
  });

  it("waits for the version that it must not be older than", async () => {
    const next = (await kit.storage.currentRevision()) + 1;
    const waiting = seen(`${initial}&allowWatchBookmarks=true&resourceVersion=${next}`, 2);
    await make("a");
    expect(await waiting).toEqual(["ADDED a", "BOOKMARK end"]);
  });

  it.each<[string, Record<string, string>, (line: string) => unknown, unknown]>([
    [
      "objects",
      {},
      (line) => JSON.parse(line).object,
      { kind: "ConfigMap", metadata: { annotations: { "k8s.io/initial-events-end": "true" } } },
    ],
    [
      "metadata",
      as("PartialObjectMetadata"),
      (line) => JSON.parse(line).object,
      { kind: "PartialObjectMetadata", metadata: { annotations: { "k8s.io/initial-events-end": "true" } } },
    ],
    ["rows", as("Table"), (line) => JSON.parse(line).object, { kind: "Table", metadata: {} }],
  ])("closes the initial %s in their form", async (_what, headers, read, expected) => {
    await make("a");
    const { answer, context } = await watch(`${initial}&allowWatchBookmarks=true`, headers);
    const { body } = encodeAnswer(answer, { request: context.request, now: () => 0 });
    if (body instanceof Uint8Array) throw new Error("not a stream");
    let text = "";
    for await (const part of body) {
      text += Buffer.from(part).toString();
      if (text.split("\n").length > 2) break;
    }
    const [first = "", last = ""] = text.split("\n");
    expect(JSON.parse(first).type).toBe("ADDED");
    expect(JSON.parse(last).type).toBe("BOOKMARK");
    expect(read(last)).toMatchObject(expected as object);
    const version = String(await kit.storage.currentRevision());
    expect(JSON.parse(last).object.metadata.resourceVersion).toBe(version);
  });

  it("of one object by its name sees it alone, come and gone", async () => {
    const { answer } = await watch("fieldSelector=metadata.name%3Db");
    await make("a", "b");
    await kit.json("DELETE", `${maps}/b`);
    expect((await takeFrames(answer.events, (frames) => frames.length >= 2)).map(frameText)).toEqual([
      "ADDED b",
      "DELETED b",
    ]);
  });

  it("from version 0 starts with what is there", async () => {
    await make("a", "b");
    expect(await seen("resourceVersion=0", 2)).toEqual(["ADDED a", "ADDED b"]);
  });
});

describe("forms of an answer", () => {
  const text = async (url: string, headers: Readonly<Record<string, string>> = {}): Promise<string> => {
    const { answer, context } = await kit.call("GET", url, { headers });
    return (await collect(encodeAnswer(answer, { request: context.request, now: () => 0 }).body)).toString();
  };

  it.each([
    ["an object as a list of metadata", `${pods}/p`, "PartialObjectMetadataList", "is not a list (*core.Pod)"],
    ["a list as one object's metadata", pods, "PartialObjectMetadata", "is a list (*core.PodList)"],
  ])("that there are none of: %s", async (_what, url, kind, message) => {
    await kit.json("POST", pods, { body: podManifest("p") });
    const { status, body } = await kit.json("GET", url, { headers: as(kind) });
    expect([status, body.reason]).toEqual([406, "NotAcceptable"]);
    expect(body.message).toBe(`you requested ${kind}, but the requested object ${message}`);
  });

  it.each([
    ["an unknown transformation", "application/json;as=Chart;v=v1;g=meta.k8s.io"],
    ["another group's Table", "application/json;as=Table;v=v1;g=example.com"],
    ["a Table in protocol buffers", "application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io"],
    ["XML", "application/xml"],
  ])("that are not to be had: %s", async (_what, accept) => {
    for (const url of [maps, `${maps}?watch=1`]) {
      const { status, body } = await kit.json("GET", url, { headers: { accept } });
      expect([status, body.reason]).toEqual([406, "NotAcceptable"]);
      expect(body.message).toMatch(/^only the following media types are accepted: application\/json/);
    }
    const other = await kit.json("GET", maps, { headers: { accept: `${accept}, application/json` } });
    expect([other.status, other.body.kind]).toEqual([200, "ConfigMapList"]);
  });

  it.each([
    ["asked for", "?pretty=1", {}, true],
    ["asked for in another word", "?pretty=yes", {}, false],
    ["declined", "?pretty=false", { "user-agent": "curl/8.1" }, false],
    ["for curl", "", { "user-agent": "curl/8.1" }, true],
    ["for wget", "", { "user-agent": "Wget/1.21" }, true],
    ["for a browser", "", { "user-agent": "Mozilla/5.0 (X11)" }, true],
    ["for a program", "", { "user-agent": "kubectl/v1.33.0" }, false],
  ])("are laid out for reading when %s", async (_what, query, headers, isPretty) => {
    await make("a");
    for (const url of [`${maps}/a${query}`, `${maps}${query}`, `/api/v1/namespaces/default/pods${query}`]) {
      const answer = await text(url, headers);
      expect(answer.startsWith('{\n  "kind"')).toBe(isPretty);
      expect(answer.trimEnd().includes("\n")).toBe(isPretty);
    }
    expect((await text(`${maps}${query}`, { ...as("Table"), ...headers })).startsWith("{\n")).toBe(isPretty);
  });
});
