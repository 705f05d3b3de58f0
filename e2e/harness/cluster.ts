import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Client } from "../../client/client.js";
import { connect, loadConnection } from "../../client/kubeconfig.js";
import type { Transport } from "../../client/transport.js";
import { freeLoopbackRange } from "./loopback.js";
import { endProcessesNaming } from "./processes.js";
import { exitOf, type RunOptions, type RunResult, run } from "./run.js";

export const root = join(__dirname, "..", "..");
export const navarchBin = join(root, "bin", "navarch");
export const navctlBin = join(root, "bin", "navctl");
export const quickstart = join(root, "manifests", "quickstart.yaml");

export interface ClusterOptions {
  /** Further flags of `navarch up`. */
  readonly flags?: readonly string[];
  /** That of a cluster started before by `startCluster`: a temporary one of its own unless said. */
  readonly dataDir?: string;
  readonly port?: number;
  readonly readyWithinMs?: number;
  /** What stands for `node bin/navarch`, such as another copy of it, run as another user. */
  readonly program?: readonly string[];
}

/** A cluster to talk to, as its administrator. */
export interface Access {
  readonly url: string;
  readonly kubeconfig: string;
  readonly client: Client;
  navctl(args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** As navctl, but throws unless it exits with 0; answers stdout. */
  ok(args: readonly string[], options?: RunOptions): Promise<string>;
  /** What `get -o json` answers. */
  json<T>(args: readonly string[]): Promise<T>;
  kubectl(path: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
}

/** A whole cluster, started as a user starts it. */
export interface Cluster extends Access {
  readonly port: number;
  readonly dataDir: string;
  readonly process: ChildProcess;
  /** The one line that `up` prints. */
  readonly readyLine: string;
  /** SIGTERM, and waits for the end. Answers the exit code. */
  stop(): Promise<number>;
  /** SIGKILL to `up` alone: the pods go on. */
  kill(): Promise<void>;
}

interface Started {
  readonly dataDir: string;
  readonly loopback: string;
  flags: readonly string[];
  program: readonly string[];
  child: ChildProcess | undefined;
}

const startTimeoutMs = 90_000;
const clusters = new Map<string, Started>();
const transports = new Set<Transport>();

export async function startCluster({
  flags = [],
  dataDir,
  port = 0,
  readyWithinMs = startTimeoutMs,
  program = [process.execPath, navarchBin],
}: ClusterOptions = {}): Promise<Cluster> {
  const dir = dataDir ?? join(temporaryDir(), "data");
  const entry = clusters.get(dir) ?? { dataDir: dir, loopback: freeLoopbackRange(), flags, program, child: undefined };
  clusters.set(dir, entry);
  entry.flags = flags;
  entry.program = program;
  const [command = "", ...args] = program;
  const child = spawn(
    command,
    [
      ...[...args, "up", "--data-dir", dir, "--secure-port", String(port), "--runtime", "process"],
      ...["--loopback-cidr", entry.loopback, ...flags],
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  entry.child = child;
  const readyLine = await lineOf(child, "ready in ", readyWithinMs);
  const url = /https:\S+/.exec(readyLine)?.[0] ?? "";
  const end = async (signal: NodeJS.Signals): Promise<number> => {
    child.kill(signal);
    return exitOf(child);
  };
  return {
    ...(await accessTo(join(dir, "kubeconfig"))),
    url,
    port: Number(new URL(url).port),
    dataDir: dir,
    process: child,
    readyLine,
    stop: () => end("SIGTERM"),
    kill: async () => void (await end("SIGKILL")),
  };
}

export const temporaryDir = (): string => mkdtempSync(join(tmpdir(), "navarch-e2e-"));

/** Resolves with the first line of stdout that begins so; fails when the program ends first, or takes too long. */
export function lineOf(child: ChildProcess, start: string, timeoutMs = startTimeoutMs): Promise<string> {
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error("the program's output is not piped");
  const errors: string[] = [];
  createInterface({ input: stderr }).on("line", (line) => errors.push(line));
  return new Promise<string>((resolve, reject) => {
    const failed = (why: string): void => {
      clearTimeout(timer);
      reject(new Error(`${child.spawnargs.slice(1, 3).join(" ")}: ${why}\n${errors.join("\n")}`));
    };
    const timer = setTimeout(() => failed(`no line "${start}..." in time`), timeoutMs);
    createInterface({ input: stdout }).on("line", (line) => {
      if (!line.startsWith(start)) return;
      clearTimeout(timer);
      resolve(line);
    });
    // "close", not "exit": what it said at last has then arrived.
    child.once("close", (code) => failed(`ended with ${code}`));
  });
}

/** By the CLIs and over HTTPS, as the identity in this kubeconfig. */
export async function accessTo(kubeconfig: string): Promise<Access> {
  const connection = await loadConnection(kubeconfig);
  const { client, transport } = connect(connection, { userAgent: "e2e" });
  transports.add(transport);
  const navctl: Access["navctl"] = (args, options) =>
    run(process.execPath, [navctlBin, "--kubeconfig", kubeconfig, ...args], options);
  const ok: Access["ok"] = async (args, options) => {
    const { code, stdout, stderr } = await navctl(args, options);
    if (code !== 0) throw new Error(`navctl ${args.join(" ")}: exit ${code}\n${stdout}${stderr}`);
    return stdout;
  };
  return {
    url: connection.server,
    kubeconfig,
    client,
    navctl,
    ok,
    json: async <T>(args: readonly string[]) => JSON.parse(await ok([...args, "-o", "json"])) as T,
    kubectl: (path, args, options) =>
      run(
        path,
        ["--kubeconfig", kubeconfig, "--cache-dir", join(dirname(kubeconfig), "kubectl-cache"), ...args],
        options,
      ),
  };
}

/** For afterAll: ends every cluster that this file started, whatever state a failed test left it in, pods included. */
export async function stopClusters(): Promise<void> {
  for (const entry of [...clusters.values()]) {
    const { child, dataDir, flags, program } = entry;
    clusters.delete(dataDir);
    if (child && child.exitCode === null && child.signalCode === null) await endInOrder(child);
    else if (child?.signalCode === "SIGKILL" && existsSync(dataDir)) {
      // A test killed it, so its pods run: another start ends them in order.
      clusters.set(dataDir, entry);
      await startCluster({ dataDir, flags, program }).then(
        (again) => again.stop(),
        () => undefined,
      );
      clusters.delete(dataDir);
    }
    endProcessesNaming(dataDir);
    rmSync(dirname(dataDir), { recursive: true, force: true, maxRetries: 3 });
  }
  await closeAccess();
}

/** Closes the connections of every `accessTo`. */
export async function closeAccess(): Promise<void> {
  for (const transport of transports) await transport.close();
  transports.clear();
}

/** SIGTERM, and SIGKILL to what does not heed it. */
export async function endInOrder(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  await exitOf(child);
  clearTimeout(timer);
}

export const readText = (path: string): string => readFileSync(path, "utf8");
