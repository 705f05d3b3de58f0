import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import type { Identity } from "../../base/tls.js";
import { call, type Reply, startTestServer, type TestServer } from "../apiserver.test-kit.js";

/** An agent as the API server sees it: what it was asked, and canned answers. */
interface FakeAgent {
  readonly server: Server;
  readonly asked: string[];
  readonly upgraded: Socket[];
  answer: { status: number; text: string };
}

let test: TestServer;
let admin: Identity;
let agent: FakeAgent;
const core = "/api/v1/namespaces/default";
const agentAddress = "127.64.3.1";
const ask = (method: string, path: string, body?: unknown): Promise<Reply> =>
  call(test, method, path, { as: admin, body });
const pod = (name: string, nodeName: string, containers: readonly string[], more: object = {}) => ({
  metadata: { name },
  spec: { nodeName, containers: containers.map((one) => ({ name: one, image: "x" })), ...more },
});
const node = (name: string, address: string, port: number) => ({
  metadata: { name },
  status: { addresses: [{ type: "InternalIP", address }], daemonEndpoints: { kubeletEndpoint: { Port: port } } },
});

async function startAgent(certificateFor: string): Promise<FakeAgent> {
  const { certificate, key } = await test.pki.issueServing({ name: certificateFor });
  const server = createServer({ cert: certificate, key, ca: test.pki.caCertificate, requestCert: true });
  const fake: FakeAgent = { server, asked: [], upgraded: [], answer: { status: 200, text: "one\ntwo\n" } };
  server.on("request", (request, response) => {
    fake.asked.push(request.url ?? "");
    response.writeHead(fake.answer.status);
    response.end(fake.answer.text);
  });
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] ?? false });
  server.on("upgrade", (request, socket: Socket, head) => {
    fake.asked.push(request.url ?? "");
    if (fake.answer.status !== 200) {
      socket.end(
        `HTTP/1.1 ${fake.answer.status} No\r\ncontent-length: ${fake.answer.text.length}\r\nconnection: close\r\n\r\n${fake.answer.text}`,
      );
      return;
    }
    fake.upgraded.push(socket);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on("message", (data) => webSocket.send(data));
      webSocket.send("ready");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, agentAddress, resolve));
  return fake;
}

beforeAll(async () => {
  test = await startTestServer();
  admin = await test.identity({ user: "admin", groups: ["system:masters"] });
  await ask("POST", `${core}/serviceaccounts`, { metadata: { name: "default" } });
  agent = await startAgent("good");
  const { port } = agent.server.address() as AddressInfo;
  await ask("POST", "/api/v1/nodes", node("good", agentAddress, port));
  await ask("POST", "/api/v1/nodes", node("impostor", agentAddress, port));
  await ask("POST", "/api/v1/nodes", node("inward", "127.0.0.1", test.server.port));
  await ask("POST", "/api/v1/nodes", node("dead", agentAddress, 1));
  for (const name of ["good", "impostor", "inward", "dead"])
    await ask("POST", `${core}/pods`, pod(name, name, ["only"]));
  await ask("POST", `${core}/pods`, pod("two", "good", ["a", "b"], { initContainers: [{ name: "i", image: "x" }] }));
  await ask("POST", `${core}/pods`, pod("nowhere", "", ["only"]));
});
afterAll(async () => {
  agent.server.closeAllConnections();
  agent.server.close();
  await test.stop();
});
beforeEach(() => {
  agent.asked.length = 0;
  agent.answer = { status: 200, text: "one\ntwo\n" };
});

describe("logs", () => {
  it("come from the agent of the pod's node", async () => {
    const reply = await ask(
      "GET",
      `${core}/pods/good/log?follow=true&tailLines=5&timestamps=true&previous=false&pretty=true&stream=All`,
    );
    expect(reply).toMatchObject({ status: 200, text: "one\ntwo\n" });
    expect(reply.headers["content-type"]).toContain("text/plain");
    expect(agent.asked).toEqual(["/containerLogs/default/good/only?follow=true&tailLines=5&timestamps=true"]);
  });

  it.each<[string, string]>([
    ["two/log", "a container name must be specified for pod two, choose one of: [i a b]"],
    ["two/log?container=x", "container x is not valid for pod two"],
    ["good/log?tailLines=x", 'tailLines: "x" is not a whole number'],
    ["good/log?sinceTime=yesterday", 'invalid sinceTime: "yesterday"'],
    [
      "good/log?insecureSkipTLSVerifyBackend=true",
      'the query parameter "insecureSkipTLSVerifyBackend" is not supported for logs',
    ],
  ])("of %s are refused", async (path, message) => {
    expect((await ask("GET", `${core}/pods/${path}`)).body).toMatchObject({ message, reason: "BadRequest", code: 400 });
    expect(agent.asked).toEqual([]);
  });

  it.each([
    "tailLines=-1",
    "limitBytes=0",
    "sinceSeconds=0",
    "sinceSeconds=1&sinceTime=2030-01-01T00:00:00Z",
    "stream=stdout",
    "stream=Stdout&tailLines=1",
  ])("with %s are invalid", async (query) => {
    expect((await ask("GET", `${core}/pods/good/log?${query}`)).status).toBe(422);
  });

  it("of a pod without a node are empty, of no pod 404", async () => {
    expect(await ask("GET", `${core}/pods/nowhere/log`)).toMatchObject({ status: 200, text: "" });
    expect((await ask("GET", `${core}/pods/none/log`)).body.message).toBe('pods "none" not found');
  });

  it("that the agent refuses are refused with its words", async () => {
    agent.answer = { status: 400, text: 'container "only" in pod "good" is waiting to start: ContainerCreating\n' };
    expect((await ask("GET", `${core}/pods/good/log`)).body).toMatchObject({
      message: 'container "only" in pod "good" is waiting to start: ContainerCreating',
      code: 400,
    });
    agent.answer = { status: 302, text: "" };
    expect((await ask("GET", `${core}/pods/good/log`)).status).toBe(500);
  });

  it("are not fetched from who is not the node, nor from where no node can be", async () => {
    for (const name of ["impostor", "inward", "dead"]) {
      const { body } = await ask("GET", `${core}/pods/${name}/log`);
      expect(body).toMatchObject({ reason: "InternalError", code: 500 });
      expect(body.message).toContain("error dialing backend");
    }
    expect(agent.asked).toEqual([]);
  });
});

describe("exec", () => {
  const open = (path: string, as: Identity = admin) =>
    new WebSocket(`${test.server.url.replace("https", "wss")}${path}`, ["v5.channel.k8s.io"], {
      ca: test.pki.caCertificate,
      cert: as.certificate,
      key: as.key,
    });
  const outcome = (socket: WebSocket): Promise<{ status: number; message: string }> =>
    new Promise((resolve) => {
      socket.on("error", () => {});
      socket.on("unexpected-response", (_request, response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, message: messageOf(Buffer.concat(chunks).toString()) }),
        );
      });
      socket.on("open", () => resolve({ status: 101, message: "" }));
    });
  const exec = (name: string, query = "command=sh&command=-c&command=echo%20%26&stdout=true&stdin=True&tty=False") =>
    `${core}/pods/${name}/exec?${query}`;

  it("is a WebSocket between client and agent, relayed untouched", async () => {
    const socket = open(exec("good"));
    const messages: string[] = [];
    socket.on("message", (data) => messages.push(data.toString()));
    expect(await outcome(socket)).toMatchObject({ status: 101 });
    expect(socket.protocol).toBe("v5.channel.k8s.io");
    const big = "x".repeat(300_000);
    socket.send(big);
    await waitFor(() => messages.length === 2);
    expect(messages).toEqual(["ready", big]);
    expect(agent.asked).toEqual([
      "/exec/default/good/only?command=sh&command=-c&command=echo+%26&stdin=true&stdout=true",
    ]);
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.close();
    await closed;
  });

  it("is under way, and counts against its user, until its connection ends", async () => {
    const over = async (): Promise<number> => {
      const { text } = await ask("GET", "/metrics");
      const lines = text.split("\n").filter((line) => /^apiserver_request_total.*"exec".*"101"/.test(line));
      return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
    };
    // Those of the tests before it.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const before = await over();
    const socket = open(exec("good"));
    await outcome(socket);
    expect(await over()).toBe(before);
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.close();
    await closed;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await over()).toBe(before + 1);
  });

  it("ends with the agent's connection", async () => {
    const socket = open(exec("good"));
    await outcome(socket);
    const closed = new Promise((resolve) => socket.on("close", resolve));
    for (const upgraded of agent.upgraded) upgraded.destroy();
    await closed;
  });

  it.each<[string, string, number, string]>([
    ["good", "stdout=true", 400, "you must specify at least one command for the container"],
    ["good", "command=x", 400, "you must specify at least 1 of stdin, stdout, stderr"],
    ["two", "command=x&stdout=true", 400, "a container name must be specified for pod two"],
    ["none", "command=x&stdout=true", 404, 'pods "none" not found'],
    ["nowhere", "command=x&stdout=true", 400, "pod nowhere does not have a host assigned"],
    ["impostor", "command=x&stdout=true", 500, "error dialing backend"],
    ["inward", "command=x&stdout=true", 500, "error dialing backend"],
  ])("in %s with %s is refused and the connection closed", async (name, query, status, message) => {
    const reply = await outcome(open(exec(name, query)));
    expect(reply.status).toBe(status);
    expect(reply.message).toContain(message);
  });

  it("that the agent refuses is refused with its words", async () => {
    agent.answer = { status: 400, text: "no such program" };
    expect(await outcome(open(exec("good")))).toEqual({ status: 400, message: "no such program" });
  });

  it("takes an identity, and the right to create as well as to get", async () => {
    const anonymous = { connection: "Upgrade", upgrade: "websocket" };
    expect((await call(test, "GET", exec("good"), { headers: anonymous })).status).toBe(403);
    const nobody = await test.identity({ user: "nobody" });
    expect((await outcome(open(exec("good"), nobody))).status).toBe(403);
    const rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default";
    await ask("POST", `${rbac}/roles`, {
      metadata: { name: "get" },
      rules: [{ verbs: ["get"], apiGroups: [""], resources: ["pods/exec"] }],
    });
    await ask("POST", `${rbac}/rolebindings`, {
      metadata: { name: "get" },
      roleRef: { kind: "Role", name: "get" },
      subjects: [{ kind: "User", name: "nobody" }],
    });
    expect((await outcome(open(exec("good"), nobody))).message).toContain('cannot create resource "pods/exec"');
  });

  it("without an upgrade, or by one that nobody speaks, is refused", async () => {
    expect((await ask("GET", exec("good"))).body.message).toBe("Upgrade request required");
    expect((await ask("POST", exec("good"), {})).body.message).toBe("Upgrade request required");
    const headers = { connection: "Upgrade", upgrade: "SPDY/3.1" };
    agent.answer = { status: 403, text: "no such protocol" };
    expect((await call(test, "POST", exec("good"), { as: admin, headers })).text).toBe("no such protocol");
    const other = { connection: "Upgrade", upgrade: "h2c" };
    expect((await call(test, "POST", exec("good"), { as: admin, headers: other })).body.message).toContain("SPDY/3.1");
  });

  it("asked for on other paths is answered as without", async () => {
    const headers = { connection: "Upgrade", upgrade: "websocket" };
    expect((await call(test, "GET", "/version", { headers })).body).toMatchObject({ major: "1" });
    expect((await call(test, "GET", exec("good"), { headers })).status).toBe(403);
  });
});

async function waitFor(condition: () => boolean): Promise<void> {
  for (let round = 0; round < 500 && !condition(); round++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(condition()).toBe(true);
}

/** A refusal of ours is a Status, one of the agent's its own words. */
function messageOf(text: string): string {
  if (!text.startsWith("{")) return text;
  const { message }: { readonly message: string } = JSON.parse(text);
  return message;
}
