import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { eventually, exitOf, type RunOptions, type RunResult, run } from "./run.js";

const root = join(__dirname, "..", "..");
export const navarchBin = join(root, "bin", "navarch");
export const navctlBin = join(root, "bin", "navctl");
export const quickstart = join(root, "manifests", "quickstart.yaml");

export interface ClusterOptions {
  /** Further flags of `navarch up`. */
  readonly flags?: readonly string[];
  /** Use this data directory (kept afterwards) instead of a temporary one. */
  readonly dataDir?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A whole cluster, started as a user starts it. */
export interface Cluster {
  readonly url: string;
  readonly dataDir: string;
  readonly kubeconfig: string;
  readonly process: ChildProcess;
  /** The one line that `up` prints. */
  readonly readyLine: string;
  navctl(args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** As navctl, but throws unless it exits with 0; answers stdout. */
  ok(args: readonly string[], options?: RunOptions): Promise<string>;
  /** What `get -o json` answers. */
  json<T>(args: readonly string[]): Promise<T>;
  kubectl(path: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** SIGTERM, and waits for the end. Answers the exit code. */
  stop(): Promise<number>;
  /** SIGKILL to `up` alone: the pods go on. */
  kill(): Promise<void>;
}

const startTimeoutMs = 30_000;
const started = new Set<{ readonly process: ChildProcess; readonly dataDir: string; readonly own: boolean }>();

export async function startCluster({ flags = [], dataDir, env }: ClusterOptions = {}): Promise<Cluster> {
  const dir = dataDir ?? join(mkdtempSync(join(tmpdir(), "navarch-e2e-")), "data");
  const child = spawn(
    process.execPath,
    [navarchBin, "up", "--data-dir", dir, "--secure-port", "0", "--runtime", "process", ...flags],
    { stdio: ["ignore", "pipe", "pipe"], env: env ?? process.env },
  );
  started.add({ process: child, dataDir: dir, own: dataDir === undefined });
  const errors: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => errors.push(line));
  const readyLine = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`navarch up was not ready in time\n${errors.join("\n")}`)),
      startTimeoutMs,
    );
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (!line.startsWith("ready in ")) return;
      clearTimeout(timer);
      resolve(line);
    });
    child.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`navarch up ended with ${code}\n${errors.join("\n")}`));
    });
  });
  return cluster(child, dir, readyLine);
}

function cluster(child: ChildProcess, dataDir: string, readyLine: string): Cluster {
  const kubeconfig = join(dataDir, "kubeconfig");
  const navctl: Cluster["navctl"] = (args, options) =>
    run(process.execPath, [navctlBin, "--kubeconfig", kubeconfig, ...args], options);
  const ok: Cluster["ok"] = async (args, options) => {
    const { code, stdout, stderr } = await navctl(args, options);
    if (code !== 0) throw new Error(`navctl ${args.join(" ")}: exit ${code}\n${stdout}${stderr}`);
    return stdout;
  };
  return {
    url: /https:\S+/.exec(readyLine)?.[0] ?? "",
    dataDir,
    kubeconfig,
    process: child,
    readyLine,
    navctl,
    ok,
    json: async <T>(args: readonly string[]) => JSON.parse(await ok([...args, "-o", "json"])) as T,
    kubectl: (path, args, options) =>
      run(path, ["--kubeconfig", kubeconfig, "--cache-dir", join(dataDir, "kubectl-cache"), ...args], options),
    async stop() {
      child.kill("SIGTERM");
      return exitOf(child);
    },
    async kill() {
      child.kill("SIGKILL");
      await exitOf(child);
    },
  };
}

/** For afterAll: ends every cluster that this file started, whatever state a failed test left it in, pods included. */
export async function stopClusters(): Promise<void> {
  for (const entry of started) {
    const { process: child, dataDir, own } = entry;
    started.delete(entry);
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
      await exitOf(child);
      clearTimeout(timer);
    }
    if (!own || !existsSync(dataDir)) continue;
    // A cluster that a test killed left its pods running: start it once more to end them in order.
    if (child.signalCode === "SIGKILL") await endLeftovers(dataDir);
    rmSync(join(dataDir, ".."), { recursive: true, force: true, maxRetries: 3 });
  }
}

async function endLeftovers(dataDir: string): Promise<void> {
  try {
    const again = await startCluster({ dataDir });
    await again.stop();
  } catch {
    // The test that killed it reports why it cannot start; nothing more can be ended in order.
  }
}

/** Pids of the live processes whose environment names this pod, by /proc. */
export async function podProcesses(cluster: Cluster, pod: string): Promise<readonly number[]> {
  const { metadata } = await cluster.json<{ readonly metadata: { readonly uid: string } }>(["get", "pod", pod]);
  return eventually("the pod's processes", async () => {
    const { stdout } = await run("sh", ["-c", `grep -lsa "${metadata.uid}" /proc/[0-9]*/environ || true`]);
    const pids = stdout.split("\n").flatMap((path) => /^\/proc\/(\d+)\//.exec(path)?.[1] ?? []);
    return pids.length > 0 ? pids.map(Number).filter((pid) => existsSync(`/proc/${pid}`)) : undefined;
  });
}

export const readText = (path: string): string => readFileSync(path, "utf8");
