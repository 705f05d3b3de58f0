/** For tests: an agent's server over the process runtime, with one pod whose containers a test starts as it likes. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import type { Container } from "../../api/core/pod/container.js";
import { systemClock } from "../../base/clock.js";
import { silentLog } from "../../base/log.js";
import { systemRandom } from "../../base/random.js";
import { ensurePki, type Identity, type Pki } from "../../base/tls.js";
import { container, pod } from "../pod/pod.test-kit.js";
import { openProcessRuntime } from "../runtime/process/process.js";
import type { Runtime } from "../runtime/runtime.js";
import { type AgentServer, startServer } from "./server.js";

export interface ServedPod {
  readonly dir: string;
  readonly pki: Pki;
  readonly caller: Identity;
  readonly runtime: Runtime;
  readonly server: AgentServer;
  readonly sandbox: string;
  /** The pod's address. */
  readonly ip: string;
  /** Starts a container that the pod declares; answers its id. */
  start(name: string, script: string): Promise<string>;
  close(): Promise<void>;
}

export async function servePod(podCidr: string, containers: readonly Partial<Container>[]): Promise<ServedPod> {
  const dir = mkdtempSync(join(tmpdir(), "agent-streams-"));
  const clock = systemClock;
  const declared = containers.map((parts) => container(parts.name ?? "main", parts));
  const served = pod({ containers: declared }, { metadata: { name: "web" } });
  const pki = await ensurePki(join(dir, "pki"), { clock, serverNames: ["localhost"], addresses: ["127.0.0.1"] });
  const common = { clock, random: systemRandom, log: silentLog };
  const runtime = await openProcessRuntime({ dir: join(dir, "runtime"), imagesDir: dir, ...common });
  await runtime.setPodCidr(podCidr);
  const sandbox = await runtime.runSandbox({
    ...{ pod: { uid: "u", namespace: "default", name: "web" }, attempt: 0, hostname: "web" },
    ...{ labels: {}, annotations: {} },
  });
  const serving = { cert: pki.server.certificate, key: pki.server.key, clientCa: pki.caCertificate };
  const server = await startServer({
    ...{ serving, host: "127.0.0.1", runtime, clock, log: silentLog },
    pods: () => [served],
  });
  return {
    ...{ dir, pki, runtime, server, sandbox },
    caller: await pki.issueClient({ user: "kube-apiserver-kubelet-client", groups: [] }),
    ip: (await runtime.sandboxes())[0]?.ips[0] ?? "",
    async start(name, script) {
      const { tty = false, stdin = false, stdinOnce = false } = declared.find((one) => one.name === name) ?? {};
      const id = await runtime.createContainer(sandbox, {
        ...{ name, attempt: 0, image: "x", command: ["sh", "-c", script], args: [], env: [], mounts: [] },
        ...{ annotations: {}, tty, stdin, stdinOnce },
      });
      await runtime.startContainer(id);
      return id;
    },
    async close() {
      await server.close();
      await runtime.removeSandbox(sandbox);
      await runtime.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** What a remote command's WebSocket carried so far, by stream. */
export interface Conversation {
  readonly socket: WebSocket;
  readonly streams: Readonly<Record<number, string>>;
  readonly closed: Promise<void>;
  type(text: string): void;
  /** Resolves when the stream holds the text. */
  sees(stream: number, text: string | RegExp): Promise<void>;
}

/** Opens `/exec/...` or `/attach/...`. Rejects with the status code where it is refused. */
export function openConversation(
  { server, pki, caller }: Pick<ServedPod, "server" | "pki" | "caller">,
  path: string,
  protocols: readonly string[] = ["v5.channel.k8s.io"],
): Promise<Conversation> {
  const socket = new WebSocket(`wss://127.0.0.1:${server.port}${path}`, [...protocols], {
    ca: pki.caCertificate,
    cert: caller.certificate,
    key: caller.key,
  });
  const streams: Record<number, string> = {};
  socket.on("message", (data: Buffer) => {
    const stream = data[0] ?? -1;
    streams[stream] = (streams[stream] ?? "") + data.subarray(1).toString();
  });
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  const has = (stream: number, text: string | RegExp): boolean =>
    typeof text === "string" ? (streams[stream] ?? "").includes(text) : text.test(streams[stream] ?? "");
  const conversation: Conversation = {
    ...{ socket, streams, closed },
    type: (text) => socket.send(Buffer.concat([Buffer.of(0), Buffer.from(text)])),
    sees: (stream, text) =>
      new Promise((resolve, reject) => {
        const told = (): void => reject(new Error(`no ${text} on ${stream}: ${JSON.stringify(streams)}`));
        const timer = setTimeout(told, 60_000);
        const look = (): void => {
          if (!has(stream, text)) return;
          clearTimeout(timer);
          socket.off("message", look);
          resolve();
        };
        socket.on("message", look);
        look();
      }),
  };
  return new Promise((resolve, reject) => {
    socket.on("open", () => resolve(conversation));
    socket.on("unexpected-response", (_request, response) => reject(new Error(String(response.statusCode))));
    socket.on("error", reject);
  });
}

export const commandQuery = (...words: readonly string[]): string =>
  words.map((word) => `command=${encodeURIComponent(word)}`).join("&");
