import { connect as connectHttp2 } from "node:http2";
import { get as httpsGet } from "node:https";
import { connect as connectTcp } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { Identity } from "../base/tls.js";
import { call, callHttp2, startTestServer, type TestServer } from "./apiserver.test-kit.js";

let test: TestServer;
let admin: Identity;
beforeEach(async () => {
  test = await startTestServer();
  admin = await test.identity({ user: "admin", groups: ["system:masters"] });
});
afterEach(() => test.stop());

const trust = () => ({ ca: test.pki.caCertificate, cert: admin.certificate, key: admin.key });
const text = async (source: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

describe("a server that closes", () => {
  it("ends watches cleanly on HTTP/1.1 and HTTP/2, and takes nothing new", async () => {
    const path = "/api/v1/namespaces?watch=true&resourceVersion=0";
    const first = await new Promise<AsyncIterable<Buffer>>((resolve) => {
      httpsGet(`${test.server.url}${path}`, { ...trust(), agent: false }, resolve);
    });
    const session = connectHttp2(test.server.url, trust());
    const second = session.request({ ":path": path });
    await new Promise((resolve) => second.once("response", resolve));
    const ends = Promise.all([text(first), text(second)]);
    const startMs = performance.now();
    await test.server.close(90_000);
    expect(performance.now() - startMs).toBeLessThan(60_000);
    for (const seen of await ends)
      expect(seen.split("\n").filter((line) => line !== "").length).toBeGreaterThanOrEqual(4);
    await expect(call(test, "GET", "/version")).rejects.toThrow(/ECONNREFUSED/);
  });

  it("does not wait for those who only hold a connection", async () => {
    const idle = connectHttp2(test.server.url, trust());
    await new Promise((resolve) => idle.once("connect", resolve));
    const silent = connectTls({ host: "127.0.0.1", port: test.server.port, ...trust(), servername: "localhost" });
    silent.on("error", () => {});
    await new Promise((resolve) => silent.once("secureConnect", resolve));
    const startMs = performance.now();
    await test.server.close(90_000);
    expect(performance.now() - startMs).toBeLessThan(60_000);
  });
});

describe("a connection", () => {
  const raw = (lines: string): Promise<string> =>
    new Promise((resolve) => {
      const socket: TLSSocket = connectTls({
        host: "127.0.0.1",
        port: test.server.port,
        ...trust(),
        servername: "localhost",
      });
      let answer = "";
      socket.on("data", (chunk: Buffer) => {
        answer += chunk.toString();
      });
      socket.on("close", () => resolve(answer));
      socket.on("error", () => {});
      socket.on("secureConnect", () => socket.write(lines));
    });

  it("that speaks no HTTP is told so in the form of the API", async () => {
    const answer = await raw("NONSENSE\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(JSON.parse(answer.slice(answer.indexOf("{")))).toMatchObject({ kind: "Status", code: 400 });
  });

  it("without TLS is told in plain words what it meets", async () => {
    const told = await new Promise<string>((resolve) => {
      let answer = "";
      const socket = connectTcp(test.server.port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n"));
      socket.on("data", (chunk: Buffer) => {
        answer += chunk.toString();
      });
      socket.on("error", () => {});
      socket.on("close", () => resolve(answer));
    });
    expect(told).toBe("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n");
  });

  it("takes a path as it is written", async () => {
    const ask = (path: string) => raw(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(await ask("/api/v1/namespaces/../../version")).toMatch(/^HTTP\/1\.1 400/);
    expect(await ask("http://evil/version")).toMatch(/^HTTP\/1\.1 400/);
    expect(await ask("/version")).toMatch(/^HTTP\/1\.1 200/);
  });

  it("answers several requests one after the other", async () => {
    const one = "GET /version HTTP/1.1\r\nhost: x\r\n\r\n";
    const answer = await raw(`${one}${one}GET /version HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(answer.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
  });

  it("does not take the rest of an unread body for a request", async () => {
    const body = "GET /api/v1/secrets HTTP/1.1\r\nhost: x\r\n\r\n";
    const answer = await raw(`POST /version HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length + 10}\r\n\r\n${body}`);
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 405"]);
  });

  it("with a smuggled length is refused", async () => {
    const answer = await raw(
      "POST /api/v1/namespaces HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  it.each([call, callHttp2])("takes as many headers by either protocol", async (ask) => {
    const headersOf = (count: number, characters: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, "v".repeat(characters)]));
    const status = async (headers: Readonly<Record<string, string>>): Promise<number> =>
      ask(test, "GET", "/version", { as: admin, headers }).then(
        (reply) => reply.status,
        () => 431,
      );
    expect(await status(headersOf(1, 30_000))).toBe(200);
    expect(await status(headersOf(1, 60_000))).toBe(200);
    expect(await status(headersOf(1_000, 10))).toBe(200);
    expect(await status(headersOf(1, 70_000))).toBe(431);
    expect(await status(headersOf(10, 10_000))).toBe(431);
  });

  it("carries a thousand requests at once over HTTP/2", async () => {
    const session = connectHttp2(test.server.url, trust());
    const statuses = await Promise.all(
      Array.from({ length: 1_000 }, () => {
        const stream = session.request({ ":path": "/version" });
        stream.resume();
        return new Promise<number | undefined>((resolve, reject) => {
          stream.once("response", (headers) => resolve(headers[":status"]));
          stream.once("error", reject);
        });
      }),
    );
    session.close();
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});

it("serves with another certificate when given one", async () => {
  const fresh = await test.pki.issueServing({ name: "localhost", addresses: ["127.0.0.1"] });
  test.server.replaceIdentity(fresh);
  expect((await call(test, "GET", "/version")).status).toBe(200);
  const socket = connectTls({
    host: "127.0.0.1",
    port: test.server.port,
    ca: test.pki.caCertificate,
    servername: "localhost",
  });
  await new Promise((resolve) => socket.once("secureConnect", resolve));
  expect(socket.getPeerX509Certificate()?.toString()).toContain(fresh.certificate.trim().slice(30, 200));
  socket.destroy();
});

it("says what to do when its port is taken", async () => {
  await expect(startTestServer({ port: test.server.port })).rejects.toThrow(
    `cannot listen on 127.0.0.1:${test.server.port}: the port is taken; choose another with --secure-port`,
  );
});
