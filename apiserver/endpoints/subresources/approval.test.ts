import { type ApiKit, openApiKit } from "../api.test-kit.js";

const url = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
const merge = { "content-type": "application/merge-patch+json" };
const pem = "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n";
const request = {
  metadata: { name: "r" },
  spec: { request: Buffer.from(pem).toString("base64"), signerName: "acme.io/web", usages: ["client auth"] },
};
const condition = (type: string): object => ({ status: { conditions: [{ type, status: "True", reason: "Asked" }] } });

let kit: ApiKit;
beforeEach(async () => {
  kit = await openApiKit();
});
afterEach(() => kit.close());

describe("certificatesigningrequests/approval", () => {
  it("decides a request and changes nothing else", async () => {
    await kit.json("POST", url, { body: request });
    const { status, body } = await kit.json("PATCH", `${url}/r/approval`, {
      body: { ...condition("Approved"), spec: { signerName: "other.io/x" } },
      headers: merge,
    });
    expect([status, body.spec.signerName]).toEqual([200, "acme.io/web"]);
    expect(body.status).toMatchObject({ conditions: [{ type: "Approved", reason: "Asked" }] });
    expect((await kit.json("GET", `${url}/r/approval`)).body.status).toEqual(body.status);
  });

  it("takes the whole object, and its version", async () => {
    const { body } = await kit.json("POST", url, { body: request });
    const wanted = { ...body, ...condition("Denied") };
    expect((await kit.json("PUT", `${url}/r/approval`, { body: wanted })).status).toBe(200);
    expect((await kit.json("PUT", `${url}/r/approval`, { body: wanted })).status).toBe(409);
  });

  it("neither decides both ways nor takes a decision back", async () => {
    await kit.json("POST", url, { body: request });
    await kit.json("PATCH", `${url}/r/approval`, { body: condition("Approved"), headers: merge });
    const denied = await kit.json("PATCH", `${url}/r/approval`, { body: condition("Denied"), headers: merge });
    expect([denied.status, denied.body.message]).toEqual([
      422,
      expect.stringContaining('updates may not remove a condition of type "Approved"'),
    ]);
  });
});
