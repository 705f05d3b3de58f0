import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { systemClock } from "../../base/clock.js";
import { silentLog } from "../../base/log.js";
import { systemRandom } from "../../base/random.js";
import { ensurePki, type Identity, type Pki } from "../../base/tls.js";
import { eventually } from "../eventually.test-kit.js";
import { container, pod } from "../pod/pod.test-kit.js";
import { openProcessRuntime } from "../runtime/process/process.js";
import type { Runtime } from "../runtime/runtime.js";
import { logBytes } from "./logs.js";
import { type AgentServer, startServer } from "./server.js";

const served = pod(
  {
    containers: [container("main"), container("other")],
    ephemeralContainers: [container("debugger")],
  },
  {
    metadata: { name: "web" },
    status: {
      phase: "Running",
      ephemeralContainerStatuses: [
        {
          ...{ name: "debugger", image: "busybox", imageID: "", ready: false, restartCount: 0 },
          state: { waiting: { reason: "ImagePullBackOff" } },
        },
      ],
    },
  },
);

describe("the agent's server", () => {
  let dir: string;
  let pki: Pki;
  let caller: Identity;
  let stranger: Identity;
  let runtime: Runtime;
  let sandbox: string;
  let server: AgentServer;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "agent-server-"));
    pki = await ensurePki(join(dir, "pki"), {
      clock: systemClock,
      serverNames: ["localhost"],
      addresses: ["127.0.0.1"],
    });
    caller = await pki.issueClient({ user: "kube-apiserver-kubelet-client", groups: [] });
    stranger = await pki.issueClient({ user: "somebody", groups: ["system:masters"] });
    runtime = await openProcessRuntime({
      dir: join(dir, "runtime"),
      imagesDir: dir,
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
    });
    await runtime.setPodCidr("127.64.204.0/24");
    sandbox = await runtime.runSandbox({
      pod: { uid: "u", namespace: "default", name: "web" },
      attempt: 0,
      hostname: "web",
      labels: {},
      annotations: {},
    });
    const serving = { cert: pki.server.certificate, key: pki.server.key, clientCa: pki.caCertificate };
    server = await startServer({
      serving,
      host: "127.0.0.1",
      runtime,
      clock: systemClock,
      log: silentLog,
      pods: () => [served],
    });
    await run(0, "echo one; echo two; echo three; exit 1");
    await eventually(async () => {
      if ((await runtime.containers())[0]?.state !== "exited") throw new Error("it runs");
    });
    await run(1, "echo first; sleep 0.3; echo second; exec sleep 1000");
  });
  afterAll(async () => {
    await server.close();
    await runtime.removeSandbox(sandbox);
    await runtime.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const run = async (attempt: number, script: string): Promise<void> => {
    const id = await runtime.createContainer(sandbox, {
      name: "main",
      attempt,
      image: "busybox",
      command: ["sh", "-c", script],
      args: [],
      env: [],
      mounts: [],
      annotations: {},
    });
    await runtime.startContainer(id);
  };
  const get = (
    path: string,
    identity: Identity | undefined = caller,
  ): Promise<{ readonly code: number; readonly text: string }> =>
    new Promise((resolve, reject) => {
      const credentials = identity ? { cert: identity.certificate, key: identity.key } : {};
      request(
        { host: "127.0.0.1", port: server.port, path, ca: pki.caCertificate, agent: false, ...credentials },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => void chunks.push(chunk));
          response.on("end", () => resolve({ code: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
        },
      )
        .on("error", reject)
        .end();
    });
  const logs = "/containerLogs/default/web/main";

  it("answers only the API server", async () => {
    expect(await get("/healthz")).toEqual({ code: 200, text: "ok" });
    expect((await get("/pods", stranger)).code).toBe(403);
    const nobody = await new Promise<number>((resolve, reject) => {
      request(
        { host: "127.0.0.1", port: server.port, path: "/pods", ca: pki.caCertificate, agent: false },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      )
        .on("error", reject)
        .end();
    });
    expect(nobody).toBe(401);
    for (const path of [
      "/",
      "/healthz/",
      "/healthz/x",
      "//healthz",
      "/pods/../healthz",
      "/runningpods/",
      "/metrics/resource",
    ])
      expect((await get(path, stranger)).code).toBe(403);
  });

  it("lists the pods", async () => {
    expect(JSON.parse((await get("/pods")).text)).toMatchObject({
      kind: "PodList",
      items: [{ metadata: { name: "web" } }],
    });
  });

  it("gives out logs: whole, the last lines, limited, with times, of the previous run", async () => {
    await eventually(async () => {
      if ((await get(logs)).text !== "first\nsecond\n") throw new Error("not yet");
    });
    expect((await get(`${logs}?tailLines=1`)).text).toBe("second\n");
    expect((await get(`${logs}?limitBytes=7`)).text).toBe("first\ns");
    expect((await get(`${logs}?previous=true&tailLines=2`)).text).toBe("two\nthree\n");
    const [line = ""] = (await get(`${logs}?timestamps=true`)).text.split("\n");
    expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z first$/);
    // An agent that is slow to look may find both lines at a time.
    const stamped = (await get(`${logs}?timestamps=true`)).text.trim().split("\n");
    const [[earlier = ""] = [], [later = ""] = []] = stamped.map((each) => each.split(" "));
    const since = await get(`${logs}?sinceTime=${encodeURIComponent(later)}`);
    expect(since.text).toBe(earlier === later ? "first\nsecond\n" : "second\n");
    expect((await get(`${logs}?sinceSeconds=3600`)).text).toBe("first\nsecond\n");
  });

  it("says what is wrong with a question for logs", async () => {
    expect(await get("/containerLogs/default/web/nobody")).toMatchObject({ code: 404 });
    expect(await get("/containerLogs/default/gone/main")).toMatchObject({ code: 404 });
    expect(await get("/containerLogs/default/web/other")).toMatchObject({
      code: 400,
      text: expect.stringContaining("is waiting to start: ContainerCreating"),
    });
    expect(await get("/containerLogs/default/web/debugger")).toMatchObject({
      code: 400,
      text: expect.stringContaining("is waiting to start: trying and failing to pull image"),
    });
    expect(await get(`${logs}?tailLines=-1`)).toMatchObject({ code: 400 });
    expect(await get(`${logs}?frobnicate=1`)).toMatchObject({ code: 400 });
    expect(await get(`${logs}?stream=Both`)).toMatchObject({ code: 400 });
    expect((await get(`${logs}?stream=Stderr`)).text).toContain("one stream on this node");
    expect(await get("/containerLogs/..%2f..%2fetc/web/main")).toMatchObject({ code: 404 });
    expect(await get("/%zz")).toMatchObject({ code: 404 });
  });

  it("gives out one stream alone where the runtime keeps them apart", async () => {
    async function* entries() {
      for (const [stream, text] of [
        ["stdout", "a"],
        ["stderr", "b"],
        ["stdout", "c"],
      ] as const)
        yield { timestamp: "2030-01-01T00:00:00Z", stream, line: Buffer.from(text), partial: false };
    }
    const only = async (stream: "stdout" | "stderr" | undefined): Promise<string> => {
      const chunks: Uint8Array[] = [];
      const rest = { timestamps: false, limitBytes: undefined, sinceMs: undefined };
      for await (const chunk of logBytes(entries(), { ...rest, stream })) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    };
    expect([await only("stdout"), await only("stderr"), await only(undefined)]).toEqual(["a\nc\n", "b\n", "a\nb\nc\n"]);
  });

  const exec = (
    query: string,
    protocols: string[],
    act: (socket: WebSocket) => void = () => {},
  ): Promise<Readonly<Record<number, string>>> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`wss://127.0.0.1:${server.port}/exec/default/web/main?${query}`, protocols, {
        ca: pki.caCertificate,
        cert: caller.certificate,
        key: caller.key,
      });
      const streams: Record<number, string> = {};
      socket.on("message", (data: Buffer) => {
        const stream = data[0] ?? -1;
        streams[stream] = (streams[stream] ?? "") + data.subarray(1).toString();
      });
      socket.on("open", () => act(socket));
      socket.on("close", () => resolve(streams));
      socket.on("unexpected-response", (_request, response) => reject(new Error(String(response.statusCode))));
      socket.on("error", reject);
    });
  /** The messages of a whole conversation. */
  const received = (path: string, protocol?: string): Promise<readonly Buffer[]> =>
    new Promise((resolve, reject) => {
      const options = { ca: pki.caCertificate, cert: caller.certificate, key: caller.key };
      const socket = new WebSocket(`wss://127.0.0.1:${server.port}${path}`, protocol ? [protocol] : [], options);
      const messages: Buffer[] = [];
      socket.on("message", (data: Buffer) => void messages.push(data));
      socket.on("close", () => resolve(messages));
      socket.on("unexpected-response", (_request, response) => reject(new Error(String(response.statusCode))));
      socket.on("error", reject);
    });
  const command = (...words: string[]): string => words.map((word) => `command=${encodeURIComponent(word)}`).join("&");

  it("runs a program and gives back both outputs and the exit code", async () => {
    const streams = await exec(`${command("sh", "-c", "echo out; echo err >&2; exit 3")}&stdout=true&stderr=true`, [
      "v4.channel.k8s.io",
    ]);
    expect(streams[1]).toBe("out\n");
    expect(streams[2]).toBe("err\n");
    expect(JSON.parse(streams[3] ?? "")).toMatchObject({
      status: "Failure",
      reason: "NonZeroExitCode",
      details: { causes: [{ reason: "ExitCode", message: "3" }] },
    });
  });

  it("closes the program's input when the caller does, from v5 on", async () => {
    const streams = await exec(
      `${command("cat")}&stdin=true&stdout=true`,
      ["v5.channel.k8s.io", "v4.channel.k8s.io"],
      (socket) => {
        expect(socket.protocol).toBe("v5.channel.k8s.io");
        socket.send(Buffer.from("\0hello"));
        socket.send(Buffer.from([255, 0]));
      },
    );
    expect(streams[1]).toBe("hello");
    expect(JSON.parse(streams[3] ?? "")).toMatchObject({ status: "Success" });
  });

  it("carries more than a pipe holds, both ways", async () => {
    const megabytes = 4;
    const streams = await exec(
      `${command("sh", "-c", "cat | wc -c; head -c 4194304 /dev/zero")}&stdin=true&stdout=true`,
      ["v5.channel.k8s.io"],
      (socket) => {
        for (let sent = 0; sent < megabytes * 16; sent++)
          socket.send(Buffer.concat([Buffer.from([0]), Buffer.alloc(65_536)]));
        socket.send(Buffer.from([255, 0]));
      },
    );
    expect(streams[1]?.startsWith(`${megabytes * 1_048_576}\n`)).toBe(true);
    expect(streams[1]?.length).toBe(8 + 4_194_304);
  });

  it("ends the program when the caller goes away", async () => {
    const marker = `gone-${process.pid}`;
    await exec(`${command("sh", "-c", `: ${marker}; sleep 1000`)}&stdout=true`, ["v5.channel.k8s.io"], (socket) =>
      setTimeout(() => socket.terminate(), 200),
    );
    await eventually(async () => {
      const streams = await exec(
        `${command("sh", "-c", `grep -lsa "sleep" /proc/[0-9]*/cmdline | wc -l; tr '\\0' ' ' </proc/1/cmdline >/dev/null; cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -c "^: ${marker}"`)}&stdout=true`,
        ["v5.channel.k8s.io"],
      );
      if (streams[1]?.trim().split("\n").at(-1) !== "0") throw new Error(`still there: ${streams[1]}`);
    });
  });

  it("says which program is not there", async () => {
    const streams = await exec(`${command("no-such-program")}&stdout=true&stderr=true`, ["v5.channel.k8s.io"]);
    expect(`${streams[2] ?? ""}${streams[3] ?? ""}`).toContain("executable file not found in $PATH");
  });

  it.each([
    ["channel.k8s.io", (text: string) => text],
    ["base64.channel.k8s.io", (text: string) => Buffer.from(text, "base64").toString()],
    [undefined, (text: string) => text],
  ])(
    "speaks the older protocol %s, in which the outcome is told in words, and success by none",
    async (name, decode) => {
      const messages = await received(
        `/exec/default/web/main?${command("sh", "-c", "echo out; exit 3")}&stdout=true`,
        name,
      );
      const streams = (number: number): string =>
        messages
          .filter((data) => data[0] === (name?.startsWith("base64") ? 48 : 0) + number)
          .map((data) => decode(data.subarray(1).toString()))
          .join("");
      expect(streams(1)).toBe("out\n");
      expect(streams(3)).toBe("command terminated with non-zero exit code: exit status 3");
      expect(await received(`/exec/default/web/main?${command("true")}&stdout=true`, name)).toEqual([]);
    },
  );

  it("gives out logs over a WebSocket too", async () => {
    const text = async (path: string, name?: string): Promise<string> =>
      Buffer.concat(await received(path, name)).toString();
    const path = `${logs}?limitBytes=6`;
    expect(await text(path, "binary.k8s.io")).toBe("first\n");
    expect(await text(path)).toBe("first\n");
    expect(Buffer.from(await text(path, "base64.binary.k8s.io"), "base64").toString()).toBe("first\n");
    await expect(received(logs, "v5.channel.k8s.io")).rejects.toThrow("400");
    await expect(received("/containerLogs/default/web/nobody", "binary.k8s.io")).rejects.toThrow("404");
    await expect(received(`${logs}?frobnicate=1`, "binary.k8s.io")).rejects.toThrow("400");
  });

  it("refuses what it does not speak", async () => {
    await expect(exec(`${command("true")}&stdout=true`, ["v9.channel.k8s.io"])).rejects.toThrow("400");
    await expect(exec("stdout=true", ["v5.channel.k8s.io"])).rejects.toThrow("400");
    expect((await get("/exec/default/web/main?command=true&stdout=true")).code).toBe(426);
  });
});
