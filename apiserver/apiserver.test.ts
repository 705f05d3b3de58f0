import { request as httpsRequest } from "node:https";
import type { Identity } from "../base/tls.js";
import { startTestServer, type TestServer } from "./apiserver.test-kit.js";

let test: TestServer;
let admin: Identity;
beforeAll(async () => {
  test = await startTestServer();
  admin = await test.identity({ user: "admin", groups: ["system:masters"] });
});
afterAll(() => test.stop());

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any kind
  readonly body: any;
}

function call(
  method: string,
  path: string,
  as?: Identity,
  options: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      `${test.server.url}${path}`,
      {
        method,
        ca: test.pki.caCertificate,
        ...(as ? { cert: as.certificate, key: as.key } : {}),
        headers: { ...(options.body === undefined ? {} : { "content-type": "application/json" }), ...options.headers },
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          let body: unknown;
          try {
            body = JSON.parse(text);
          } catch {
            body = undefined;
          }
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body });
        });
      },
    );
    request.on("error", reject);
    request.end(options.body === undefined ? undefined : JSON.stringify(options.body));
  });
}

describe("API server", () => {
  it("answers the anonymous on its four public paths", async () => {
    for (const path of ["/livez", "/readyz", "/healthz"]) expect((await call("GET", path)).text).toBe("ok");
    expect((await call("GET", "/version")).body).toMatchObject({ major: "1", minor: "36" });
  });
  it("lists namespaces", async () => {
    const list = await call("GET", "/api/v1/namespaces", admin);
    expect(list.body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual([
      "default",
      "kube-node-lease",
      "kube-public",
      "kube-system",
    ]);
  });
});
