import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type Connection, loadConnection } from "../../client/kubeconfig.js";
import { exitOf } from "../../e2e/harness/run.js";
import { sleep } from "./figures.js";

/** Of the repository: the benches are run by scripts/bench.mjs. */
export const root = dirname(dirname(resolve(process.argv[1] ?? "")));
export const navarchBin = join(root, "bin", "navarch");
export const navctlBin = join(root, "bin", "navctl");
export const quickstart = join(root, "manifests", "quickstart.yaml");

export interface UpOptions {
  readonly dataDir: string;
  readonly flags?: readonly string[];
  /** Options of Node.js itself. */
  readonly nodeFlags?: readonly string[];
  readonly port?: number;
}

/** `navarch up` as a user starts it. */
export interface Up {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly dataDir: string;
  readonly kubeconfig: string;
  /** performance.now() when it was started. */
  readonly startedAt: number;
  /** Resolves with performance.now() at its one line. */
  readonly ready: Promise<number>;
  connection(): Promise<Connection>;
  stop(): Promise<void>;
}

export function startUp({ dataDir, flags = [], nodeFlags = [], port = 0 }: UpOptions): Up {
  const errors = openSync(`${dataDir}.stderr`, "a");
  const startedAt = performance.now();
  const args = ["up", "--data-dir", dataDir, "--secure-port", String(port), "--loopback-cidr", range, ...flags];
  const child = spawn(process.execPath, [...extraNodeFlags(), ...nodeFlags, navarchBin, ...args], {
    stdio: ["ignore", "pipe", errors],
  });
  const kubeconfig = join(dataDir, "kubeconfig");
  const killed = (): void => void child.kill("SIGKILL");
  process.once("exit", killed);
  let output = "";
  const ready = new Promise<number>((resolveReady, reject) => {
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.includes("ready in ")) resolveReady(performance.now());
    });
    child.once("exit", (code) =>
      reject(new Error(`up ended with ${code}: ${readFileSync(`${dataDir}.stderr`, "utf8")}`)),
    );
  });
  ready.catch(() => {});
  return {
    process: child,
    pid: child.pid ?? 0,
    dataDir,
    kubeconfig,
    startedAt,
    ready,
    connection: () => loadConnection(kubeconfig),
    async stop() {
      child.kill("SIGTERM");
      const timer = setTimeout(killed, stopTimeoutMs);
      await exitOf(child);
      clearTimeout(timer);
      process.removeListener("exit", killed);
    },
  };
}

/** Clusters on one machine do not share the addresses of their pods. */
const range = `127.${128 + (process.pid % 120)}.0.0/16`;
const stopTimeoutMs = 20_000;

/** `NAVARCH_BENCH_NODE_FLAGS="--cpu-prof"` and the like, for the server that is measured. */
const extraNodeFlags = (): readonly string[] =>
  (process.env.NAVARCH_BENCH_NODE_FLAGS ?? "").split(" ").filter((flag) => flag !== "");

/** A directory for data directories, removed at the end. */
export async function withDir<T>(use: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), "navarch-bench-"));
  try {
    return await use(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolvePort(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** Asks until it holds; answers performance.now() then. */
export async function until(
  what: string,
  holds: () => Promise<boolean>,
  everyMs = 5,
  timeoutMs = 60_000,
): Promise<number> {
  const end = performance.now() + timeoutMs;
  while (performance.now() < end) {
    if (await holds().catch(() => false)) return performance.now();
    await sleep(everyMs);
  }
  throw new Error(`not so after ${timeoutMs} ms: ${what}`);
}
