import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

export interface Etcd {
  readonly endpoints: readonly string[];
  readonly dir: string;
  /** Of the process that runs now. */
  readonly pid: number;
  /** Resolves when the process has ended. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same data and ports, ending it first by SIGKILL where it still runs. */
  restart(): Promise<void>;
  /** Ends the process and removes its data. */
  stop(): Promise<void>;
}

export interface EtcdStartOptions {
  /** Size of the database from which on writes are refused. */
  readonly quotaBytes?: number;
  /** Files of a server certificate, its key, and the authority that clients' certificates must come from. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string; readonly caFile: string };
}

const readyTimeoutMs = 60_000;
const startAttempts = 3;

/** Path of an etcd binary: $NAVARCH_ETCD, else the first on the PATH. */
export function findEtcd(): string | undefined {
  const candidates = [
    process.env.NAVARCH_ETCD ?? "",
    ...(process.env.PATH ?? "").split(delimiter).map((dir) => join(dir, "etcd")),
  ];
  return candidates.find((path) => path !== "" && isExecutable(path));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A real etcd with one member, on free ports and data of its own. */
export async function startEtcd(options: EtcdStartOptions = {}): Promise<Etcd> {
  const binary = findEtcd();
  if (!binary) throw new Error("no etcd binary found: install etcd-server, or set NAVARCH_ETCD");
  for (let attempt = 1; ; attempt++) {
    const member = new Member(binary, options, await freePort(), await freePort());
    try {
      await member.start();
      return member;
    } catch (error) {
      await member.stop();
      // Somebody else may have taken a port in between.
      if (attempt === startAttempts) throw error;
    }
  }
}

class Member implements Etcd {
  readonly endpoints: readonly string[];
  readonly dir = mkdtempSync(join(tmpdir(), "navarch-etcd-"));
  readonly #binary: string;
  readonly #args: readonly string[];
  #process: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #output = "";
  readonly #endWithUs = (): void => void this.#process?.kill("SIGKILL");

  constructor(binary: string, { quotaBytes, tls }: EtcdStartOptions, clientPort: number, peerPort: number) {
    const scheme = tls ? "https" : "http";
    const endpoint = `${scheme}://127.0.0.1:${clientPort}`;
    const peer = `http://127.0.0.1:${peerPort}`;
    this.endpoints = [endpoint];
    this.#binary = binary;
    this.#args = [
      ...["--name", "test", "--data-dir", join(this.dir, "data"), "--logger", "zap", "--log-level", "warn"],
      ...["--listen-client-urls", endpoint, "--advertise-client-urls", endpoint],
      ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", `test=${peer}`],
      // A single member elects itself; the defaults would have it wait for a second first.
      ...["--heartbeat-interval", "50", "--election-timeout", "250"],
      ...(quotaBytes === undefined ? [] : ["--quota-backend-bytes", String(quotaBytes)]),
      ...(tls
        ? [
            "--cert-file",
            tls.certFile,
            "--key-file",
            tls.keyFile,
            "--trusted-ca-file",
            tls.caFile,
            "--client-cert-auth",
          ]
        : []),
    ];
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  async start(): Promise<void> {
    this.#output = "";
    const child = spawn(this.#binary, this.#args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    this.#ended = new Promise((resolve) => {
      child.once("close", () => resolve());
      child.once("error", () => resolve());
    });
    let running = true;
    void this.#ended.then(() => {
      running = false;
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-4_000);
      });
    process.once("exit", this.#endWithUs);
    const deadline = Date.now() + readyTimeoutMs;
    while (!(await this.#answers())) {
      if (!running || Date.now() > deadline) throw new Error(`etcd did not start: ${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** The port is open before the member has a leader; with TLS that is all we can see from here. */
  async #answers(): Promise<boolean> {
    const endpoint = this.endpoints[0] ?? "";
    try {
      if (endpoint.startsWith("https:")) return await isOpen(Number(new URL(endpoint).port));
      const response = await fetch(`${endpoint}/health`);
      return (await response.text()).includes('"true"');
    } catch {
      return false;
    }
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    this.#process?.kill(signal);
    await this.#ended;
    process.removeListener("exit", this.#endWithUs);
  }

  async restart(): Promise<void> {
    await this.kill("SIGKILL");
    await this.start();
  }

  async stop(): Promise<void> {
    await this.kill("SIGKILL");
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
