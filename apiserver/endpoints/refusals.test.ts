import { StatusError } from "../../apimachinery/status.js";
import type { Identity } from "../../base/tls.js";
import { call, startTestServer, type TestServer } from "../apiserver.test-kit.js";

/** What requests that cannot be meant so are told, word for word. */

let test: TestServer;
let admin: Identity;
beforeAll(async () => {
  test = await startTestServer();
  admin = await test.identity({ user: "admin", groups: ["system:masters"] });
});
afterAll(() => test.stop());

const maps = "/api/v1/namespaces/default/configmaps";
const ask = async (method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) => {
  const json = body === undefined ? {} : { "content-type": "application/json" };
  return call(test, method, path, { as: admin, body, headers: { ...json, ...headers } });
};

it("an update with a resourceVersion that is no number is no conflict", async () => {
  await ask("POST", maps, { metadata: { name: "a" } });
  const { body } = await ask("PUT", `${maps}/a`, { metadata: { name: "a", resourceVersion: "abc" } });
  expect(body).toMatchObject({ code: 500, message: 'strconv.ParseUint: parsing "abc": invalid syntax' });
  expect(body.reason).toBeUndefined();
});

it("a watch whose time is negative is over as it starts", async () => {
  const { status, text } = await ask("GET", `${maps}?watch=1&timeoutSeconds=-1&resourceVersion=0`);
  expect(status).toBe(200);
  expect(text.split("\n").filter((line) => line.includes('"ERROR"'))).toEqual([]);
});

it("an eviction names the pod that it is about", async () => {
  for (const metadata of [{ name: "zz" }, {}]) {
    const { body } = await ask("POST", "/api/v1/namespaces/default/pods/p5/eviction", {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata,
    });
    expect([body.code, body.message]).toEqual([400, "name in URL does not match name in Eviction object"]);
  }
});

it("a propagation policy that there is none of", async () => {
  const { body } = await ask("DELETE", `${maps}/a?propagationPolicy=Foo`);
  expect(body.code).toBe(422);
  expect(body.details.causes).toEqual([
    {
      reason: "FieldValueNotSupported",
      message: 'Unsupported value: "Foo": supported values: "Foreground", "Background", "Orphan", "nil"',
      field: "propagationPolicy",
    },
  ]);
});

const token = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
it.each([
  ["abc", "invalid character 'i' looking for beginning of value"],
  ["a.b", "illegal base64 data at input byte 1"],
  ["abcde", "illegal base64 data at input byte 4"],
  [token({ v: "v9", rv: 1, start: "a" }), 'server does not recognize this encoded version "v9"'],
  [token({ v: "meta.k8s.io/v1", start: "a" }), "incorrect encoded start resourceVersion (version meta.k8s.io/v1)"],
  [token({ v: "meta.k8s.io/v1", rv: 1 }), "encoded start key empty (version meta.k8s.io/v1)"],
])("a continue token that is none: %s", async (text, why) => {
  const { body } = await ask("GET", `${maps}?continue=${text}`);
  expect([body.code, body.reason]).toEqual([400, "BadRequest"]);
  expect(body.message).toBe(`invalid continue token: continue key is not valid: ${why}`);
});

it.each([
  ["not json", "invalid character 'o' in literal null (expecting 'u') (6e6f74206a736f6e)"],
  ["", "unexpected end of JSON input (<empty>)"],
  ['{"a"', 'unexpected end of JSON input ({"a")'],
])("a body that is no object: %j", async (text, why) => {
  for (const [method, path] of [
    ["POST", maps],
    ["PUT", `${maps}/a`],
  ] as const) {
    const { body } = await ask(method, path, text, { "content-type": "application/json" });
    expect([body.code, body.reason]).toEqual([400, "BadRequest"]);
    expect(body.message).toBe(
      `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: ${why}`,
    );
  }
});

it("details without a name have no field for it", () => {
  expect(new StatusError("NotFound", "", { name: "", kind: "pods" }).status.details).toEqual({ kind: "pods" });
});
