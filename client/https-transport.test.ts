import { getEventListeners } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createSecureServer, type Http2SecureServer, Http2ServerResponse } from "node:http2";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pods } from "../api/core/pod/pod.js";
import { notFound, StatusError, unclassified } from "../apimachinery/status.js";
import { systemClock } from "../base/clock.js";
import { ensurePki, type Pki } from "../base/tls.js";
import { ConnectionError } from "./client.js";
import { openConnection, type TlsMaterial } from "./http-connection.js";
import { createHttpsTransport, watchFrames } from "./https-transport.js";
import { createClient } from "./rest.js";
import type { Transport } from "./transport.js";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let directory: string;
let pki: Pki;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "navarch-transport-"));
  pki = await ensurePki(directory, { clock: systemClock, addresses: ["127.0.0.1"] });
});
afterAll(() => rm(directory, { recursive: true }));

interface Scripted {
  readonly url: string;
  readonly transport: Transport;
  readonly protocols: string[];
}
let open: { server: Server | Http2SecureServer; transport: Transport }[] = [];
afterEach(async () => {
  for (const { server, transport } of open) {
    transport.close();
    if ("closeAllConnections" in server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  open = [];
});

/** A server that does as the test says: for the faults that the real one does not have. */
async function script(
  handle: Handler,
  kind: "http1" | "https1" | "h2" = "h2",
  options: { readonly callTimeoutMs?: number; readonly token?: () => string } = {},
): Promise<Scripted> {
  const protocols: string[] = [];
  const { certificate: cert, key } = pki.server;
  const listener = (request: unknown, response: unknown): void => {
    protocols.push((request as IncomingMessage).httpVersion);
    handle(request as IncomingMessage, response as ServerResponse);
  };
  const server =
    kind === "http1"
      ? createServer(listener)
      : kind === "https1"
        ? createTlsServer({ cert, key }, listener)
        : createSecureServer({ cert, key, allowHTTP1: true }, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = `${kind === "http1" ? "http" : "https"}://127.0.0.1:${port}`;
  const tls: TlsMaterial = { ca: pki.caCertificate };
  const transport = createHttpsTransport({ server: url, tls, ...options });
  open.push({ server, transport });
  return { url, transport, protocols };
}

/** The connection breaks, in the middle of whatever is under way. */
function breakOff(response: ServerResponse | undefined): void {
  const any: unknown = response;
  if (any instanceof Http2ServerResponse) any.stream.session?.destroy();
  else response?.destroy();
}

const json = (response: ServerResponse, status: number, value: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
};
const pod = (name: string, resourceVersion = "1") => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default", resourceVersion },
});

describe.each(["http1", "https1", "h2"] as const)("over %s", (kind) => {
  test("a call is one request with method, path, query and JSON, and gives the value back", async () => {
    let seen: unknown;
    const { transport, protocols } = await script(
      (request, response) => {
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
          const { authorization, "content-type": type } = request.headers;
          seen = {
            method: request.method,
            url: request.url,
            authorization,
            type,
            body: Buffer.concat(chunks).toString(),
          };
          json(response, 201, pod("a"));
        });
      },
      kind,
      { token: () => "secret" },
    );
    const created = await createClient(transport).create(
      pods,
      { metadata: { name: "a", namespace: "x y" }, spec: { containers: [] } },
      { dryRun: true, fieldManager: "me" },
    );
    expect(created.metadata.name).toBe("a");
    expect(seen).toEqual({
      method: "POST",
      url: "/api/v1/namespaces/x%20y/pods?dryRun=All&fieldManager=me",
      authorization: "Bearer secret",
      type: "application/json",
      body: JSON.stringify({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "a", namespace: "x y" },
        spec: { containers: [] },
      }),
    });
    expect(protocols).toEqual([kind === "h2" ? "2.0" : "1.1"]);
  });

  test("a Status is thrown as what it says", async () => {
    const { transport } = await script((_, response) => json(response, 404, notFound(pods, "a").status), kind);
    const error: unknown = await createClient(transport)
      .get(pods, { namespace: "default", name: "a" })
      .catch((e) => e);
    expect(error).toBeInstanceOf(StatusError);
    expect(error).toMatchObject({
      reason: "NotFound",
      code: 404,
      message: 'pods "a" not found',
      details: { name: "a" },
    });
  });

  test("a Status without a reason has none, and what is no Status is told by its code", async () => {
    const statuses = [unclassified("broken").status, { broken: true }];
    const { transport } = await script((_, response) => json(response, 500, statuses.shift()), kind);
    const client = createClient(transport);
    const read = () => client.get(pods, { namespace: "default", name: "a" }).catch((error: unknown) => error);
    expect(await read()).toMatchObject({ reason: "", code: 500, message: "broken" });
    expect(await read()).toMatchObject({ reason: "InternalError", code: 500 });
  });

  test("an answer cut in the middle is a connection error, not a short answer", async () => {
    const { transport } = await script((_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write('{"kind":"PodList","items":[]');
      setTimeout(() => breakOff(response), 20);
    }, kind);
    await expect(createClient(transport).list(pods)).rejects.toThrow(ConnectionError);
  });

  test("a watch gives frames as they come, whatever the chunks, and throws an ERROR event as a Status", async () => {
    const expired = {
      kind: "Status",
      apiVersion: "v1",
      status: "Failure",
      reason: "Expired",
      code: 410,
      message: "old",
    };
    const { transport } = await script((_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const text = [
        { type: "ADDED", object: pod("a", "1") },
        { type: "MODIFIED", object: pod("ä", "2") },
        { type: "BOOKMARK", object: { kind: "Pod", apiVersion: "v1", metadata: { resourceVersion: "9" } } },
        { type: "ERROR", object: expired },
      ].map((event) => `${JSON.stringify(event)}\n`);
      const bytes = Buffer.from(text.join(""));
      for (let at = 0; at < bytes.length; at += 37) response.write(bytes.subarray(at, at + 37));
      response.end();
    }, kind);
    const told: string[] = [];
    const watching = (async () => {
      for await (const event of createClient(transport).watch(pods, {}, new AbortController().signal)) {
        told.push(
          event.type === "BOOKMARK"
            ? `BOOKMARK ${event.resourceVersion}`
            : `${event.type} ${event.object.metadata.name}`,
        );
      }
    })();
    await expect(watching).rejects.toMatchObject({ reason: "Expired", code: 410 });
    expect(told).toEqual(["ADDED a", "MODIFIED ä", "BOOKMARK 9"]);
  });

  test("a watch ends quietly when its signal aborts, and with a connection error when the connection breaks", async () => {
    const responses: ServerResponse[] = [];
    const { transport } = await script((_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write(`${JSON.stringify({ type: "ADDED", object: pod("a") })}\n`);
      responses.push(response);
    }, kind);
    const client = createClient(transport);
    const abort = new AbortController();
    for await (const _ of client.watch(pods, {}, abort.signal)) abort.abort();
    const broken = (async () => {
      for await (const _ of client.watch(pods, {}, new AbortController().signal)) breakOff(responses.at(-1));
    })();
    await expect(broken).rejects.toThrow(ConnectionError);
  });

  test("a server that does not answer in time is a connection error", async () => {
    const { transport } = await script(() => {}, kind, { callTimeoutMs: 50 });
    await expect(createClient(transport).list(pods)).rejects.toThrow("no answer within 0.05 s");
  });

  test("an answer that is no Status and one that is no JSON are told as what they are", async () => {
    const { transport } = await script((request, response) => {
      response.writeHead(request.url === "/api/v1/pods" ? 502 : 200);
      response.end("<html>bad gateway</html>");
    }, kind);
    const client = createClient(transport);
    await expect(client.list(pods)).rejects.toMatchObject({ name: "StatusError", code: 502 });
    await expect(client.list(pods, { namespace: "a" })).rejects.toThrow(ConnectionError);
  });
});

test("a closed client says so", async () => {
  const { transport } = await script((_, response) => json(response, 200, pod("a")));
  const client = createClient(transport);
  await client.get(pods, { namespace: "default", name: "a" });
  transport.close();
  await expect(client.get(pods, { namespace: "default", name: "a" })).rejects.toThrow("the client is closed");
});

test("a session that the server ends is replaced, and the call goes through", async () => {
  const sessions: { close(): void }[] = [];
  const { transport } = await script((_, response) => json(response, 200, pod("a")));
  open[0]?.server.on("session", (session: { close(): void }) => sessions.push(session));
  const client = createClient(transport);
  for (let round = 0; round < 5; round++) {
    const found = await client.get(pods, { namespace: "default", name: "a" });
    expect(found.metadata.name).toBe("a");
    for (const session of sessions.splice(0)) session.close();
  }
});

test("a server that nobody vouches for is refused", async () => {
  const { url } = await script((_, response) => json(response, 200, pod("a")));
  const transport = createHttpsTransport({ server: url });
  await expect(createClient(transport).list(pods)).rejects.toThrow(ConnectionError);
  transport.close();
});

test("nobody listens: a connection error, and again, not a cached one", async () => {
  const transport = createHttpsTransport({ server: "https://127.0.0.1:1" });
  await expect(createClient(transport).list(pods)).rejects.toThrow("ECONNREFUSED");
  await expect(createClient(transport).list(pods)).rejects.toThrow("ECONNREFUSED");
  transport.close();
});

test("a watch line without end is refused before it fills the memory", async () => {
  async function* endless(): AsyncIterable<Uint8Array> {
    for (;;) yield Buffer.alloc(1024 * 1024, "x");
  }
  const reading = (async () => {
    for await (const _ of watchFrames(endless()));
  })();
  await expect(reading).rejects.toThrow("larger than 16 MiB");
});

it("leaves nothing behind of the attempts to reach a server that is not there", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as AddressInfo;
  await new Promise((resolve) => taken.close(resolve));
  const controllers: AbortController[] = [];
  const abort = globalThis.AbortController;
  globalThis.AbortController = class extends abort {
    constructor() {
      super();
      controllers.push(this);
    }
  };
  const connection = openConnection(new URL(`https://127.0.0.1:${port}`), () => ({}), systemClock);
  globalThis.AbortController = abort;
  const request = { method: "GET", path: "/", headers: {}, body: undefined, signal: undefined };
  for (let attempt = 0; attempt < 3; attempt++) await expect(connection.send(request)).rejects.toThrow(ConnectionError);
  expect(controllers).toHaveLength(1);
  for (const { signal } of controllers) expect(getEventListeners(signal, "abort")).toHaveLength(0);
  connection.close();
});
