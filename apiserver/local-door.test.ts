import { X509Certificate } from "node:crypto";
import type { LocalAnswer, LocalRequest } from "../apimachinery/local-call.js";
import { startTestServer, type TestServer } from "./apiserver.test-kit.js";

let test: TestServer;
let admin: Uint8Array;
let nobody: Uint8Array;
beforeAll(async () => {
  test = await startTestServer();
  const certificate = async (user: string, groups: readonly string[]) =>
    new X509Certificate((await test.identity({ user, groups })).certificate).raw;
  admin = await certificate("admin", ["system:masters"]);
  nobody = await certificate("nobody", []);
});
afterAll(() => test.stop());

function enter(method: string, url: string, more: Partial<LocalRequest> = {}): Promise<LocalAnswer> {
  const [path = "", query = ""] = url.split("?");
  return test.server.localDoor({
    method,
    path,
    query: new URLSearchParams(query),
    headers: {},
    clientCertificate: admin,
    signal: new AbortController().signal,
    ...more,
  });
}
const configMaps = "/api/v1/namespaces/default/configmaps";

describe("the door for the same process", () => {
  it("answers with objects as they are, shared and frozen", async () => {
    const body = { metadata: { name: "one" }, data: { a: "b" } };
    const created = await enter("POST", configMaps, { body });
    expect(created).toMatchObject({ type: "object", status: 201, object: { data: { a: "b" } } });
    const list = await enter("GET", configMaps);
    expect(list).toMatchObject({ type: "list", list: { kind: "ConfigMapList", apiVersion: "v1" } });
    const again = await enter("GET", `${configMaps}/one`);
    if (list.type !== "list" || again.type !== "object") throw new Error("unexpected answer");
    expect(list.list.items[0]).toBe(again.object);
    expect(Object.isFrozen(again.object)).toBe(true);
    expect(body).toEqual({ metadata: { name: "one" }, data: { a: "b" } });
  });

  it("asks for the same identity and rights as the other", async () => {
    await expect(enter("GET", configMaps, { clientCertificate: nobody })).rejects.toMatchObject({ code: 403 });
    await expect(enter("GET", configMaps, { clientCertificate: new Uint8Array(10) })).rejects.toMatchObject({
      code: 401,
    });
    const serving = new X509Certificate(test.pki.server.certificate).raw;
    await expect(enter("GET", configMaps, { clientCertificate: serving })).rejects.toMatchObject({ code: 401 });
  });

  it("refuses what the other refuses", async () => {
    await expect(enter("GET", "/api/v1/namespaces/../pods")).rejects.toMatchObject({ code: 400 });
    await expect(enter("GET", "/nowhere")).rejects.toMatchObject({ code: 404 });
    await expect(enter("POST", configMaps, { body: { metadata: { name: "Bad_Name" } } })).rejects.toMatchObject({
      code: 422,
    });
    await expect(enter("GET", "/api/v1/namespaces/default/pods/x/exec")).rejects.toMatchObject({ code: 400 });
  });

  it("answers text as bytes", async () => {
    const answer = await enter("GET", "/readyz");
    if (answer.type !== "bytes") throw new Error("unexpected answer");
    const chunks: Uint8Array[] = [];
    for await (const chunk of answer.body) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe("ok");
  });

  it("watches until told to stop", async () => {
    const stop = new AbortController();
    const answer = await enter("GET", `${configMaps}?watch=true`, { signal: stop.signal });
    if (answer.type !== "watch") throw new Error("unexpected answer");
    const seen: string[] = [];
    const watching = (async () => {
      for await (const batch of answer.events)
        for (const { type, object } of batch) seen.push(`${type} ${object.metadata.name}`);
    })();
    await enter("POST", configMaps, { body: { metadata: { name: "two" } } });
    for (let round = 0; round < 200 && !seen.includes("ADDED two"); round++)
      await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    await watching;
    expect(seen).toEqual(["ADDED one", "ADDED two"]);
  });

  it("ends a watch that nobody ever reads when its caller goes away", async () => {
    const before = await requestsCounted("WATCH");
    const stop = new AbortController();
    await enter("GET", `${configMaps}?watch=true`, { signal: stop.signal });
    expect(await requestsCounted("WATCH")).toBe(before);
    stop.abort();
    expect(await requestsCounted("WATCH")).toBe(before + 1);
  });
});

/** Requests of the verb that are over, as the metrics tell. */
async function requestsCounted(verb: string): Promise<number> {
  const answer = await enter("GET", "/metrics");
  if (answer.type !== "bytes") throw new Error("unexpected answer");
  let text = "";
  for await (const chunk of answer.body) text += Buffer.from(chunk).toString();
  const lines = text.split("\n").filter((line) => line.startsWith(`apiserver_request_total{verb="${verb}"`));
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}
