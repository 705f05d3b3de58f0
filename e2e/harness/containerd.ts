import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { RuntimeService } from "../../agent/runtime/cri/service.js";
import { systemClock } from "../../base/clock.js";
import { busyboxImage, type OciImage, ociArchive, pauseImage } from "./oci-image.js";
import { eventually, exitOf } from "./run.js";

/** What `describeWith` asks for. */
export const containerTools = ["root", "containerd", "runc", "iptables", "/usr/lib/cni/ptp", "/bin/busybox"];

export interface Containerd {
  readonly socket: string;
  readonly dir: string;
  /** Where it looks for CNI configurations: empty at first. */
  readonly cniDir: string;
  readonly pid: number;
  import(images: Readonly<Record<string, OciImage>>): void;
  /** SIGKILL to containerd alone: containers go on. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends every pod and containerd, and removes all that they left. */
  stop(): Promise<void>;
  /** What happens when this process dies without a `stop`. */
  abandon(): Promise<void>;
}

export const busybox = "docker.io/library/busybox:latest";
export const node = "docker.io/library/node:latest";
const pause = "navarch.test/pause:1";

/** A real containerd with a root, a state, a socket and images of its own: `busybox` is there. */
export async function startContainerd(extraConfig = ""): Promise<Containerd> {
  const dir = mkdtempSync(join(tmpdir(), "navarch-ctrd-"));
  const server = new Server(dir, extraConfig);
  try {
    await server.start();
    server.import({ [pause]: pauseImage(), [busybox]: busyboxImage() });
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

class Server implements Containerd {
  readonly dir: string;
  readonly socket: string;
  readonly cniDir: string;
  readonly #config: string;
  readonly #hostBefore: HostState;
  readonly #reaper: ChildProcess;
  #process: ChildProcess | undefined;
  readonly #endWithUs = (): void => void this.#process?.kill("SIGKILL");

  constructor(dir: string, extraConfig: string) {
    this.dir = dir;
    this.socket = join(dir, "containerd.sock");
    this.cniDir = join(dir, "cni");
    mkdirSync(this.cniDir);
    this.#hostBefore = hostStateBefore(dir);
    this.#config = join(dir, "config.toml");
    writeFileSync(this.#config, configText(dir, this.socket, this.cniDir) + extraConfig);
    // It sees our end by that of its input, and outlives what ends us.
    this.#reaper = spawn("sh", [join(process.cwd(), "e2e", "harness", "reaper.sh"), dir], {
      detached: true,
      stdio: ["pipe", "ignore", "inherit"],
    });
    this.#reaper.unref();
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  async start(): Promise<void> {
    const child = spawn("containerd", ["--config", this.#config], { stdio: ["ignore", "ignore", "pipe"] });
    this.#process = child;
    process.once("exit", this.#endWithUs);
    let log = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-logMaxChars);
    });
    const service = new RuntimeService(this.socket, systemClock);
    try {
      await eventually("containerd answers", async () => {
        if (child.exitCode !== null) throw new Error("it ended");
        return (await service.conditions()).some(({ type, status }) => type === "RuntimeReady" && status);
      });
    } catch (error) {
      throw new Error(`${String(error)}\n${log}`);
    } finally {
      service.close();
    }
  }

  import(images: Readonly<Record<string, OciImage>>): void {
    const { status, stderr } = spawnSync(
      "ctr",
      ["--address", this.socket, "--namespace", "k8s.io", "images", "import", "-"],
      { input: ociArchive(images), encoding: "buffer" },
    );
    if (status !== 0) throw new Error(`ctr images import: ${stderr.toString()}`);
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (!child) return;
    child.kill("SIGKILL");
    await exitOf(child);
    process.removeListener("exit", this.#endWithUs);
  }

  async stop(): Promise<void> {
    if (this.#reaper.exitCode !== null) return;
    if (!this.#process || this.#process.exitCode !== null || this.#process.signalCode !== null)
      await this.start().catch(() => {});
    await this.#removePods().catch(() => {});
    await this.kill();
    await this.abandon();
  }

  async abandon(): Promise<void> {
    this.#reaper.stdin?.end();
    await exitOf(this.#reaper);
    process.removeListener("exit", this.#endWithUs);
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 3 });
    restoreHost(this.dir, this.#hostBefore);
  }

  async #removePods(): Promise<void> {
    const service = new RuntimeService(this.socket, systemClock);
    try {
      const pods = await service.listPodSandboxes({});
      await Promise.all(
        pods.map(async ({ id }) => {
          await service.stopPodSandbox(id);
          await service.removePodSandbox(id);
        }),
      );
    } finally {
      service.close();
    }
  }
}

const logMaxChars = 8_000;

/** A file system of files over files cannot hold another of its sort. */
const overlayMagic = 0x794c7630;

const configText = (dir: string, socket: string, cniDir: string): string => `version = 2
root = "${dir}/root"
state = "${dir}/state"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing"]
[grpc]
  address = "${socket}"
[ttrpc]
  address = "${socket}.ttrpc"
[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
  sandbox_image = "${pause}"
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${cniDir}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "${statfsSync(dir).type === overlayMagic ? "native" : "overlayfs"}"
`;

/** Mounts below a folder, the deepest first. */
export function mountsBelow(dir: string): readonly string[] {
  const paths = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .flatMap((line) => line.split(" ")[4] ?? []);
  return paths.filter((path) => path.startsWith(`${dir}/`)).toSorted((a, b) => b.length - a.length);
}

const forwardFile = "/proc/sys/net/ipv4/ip_forward";
const hostStateFile = "host-before.json";

/** What network plugins change for good: forwarding, and chains that they share. */
interface HostState {
  readonly forward: string;
  readonly chains: readonly string[];
}

/** As it was before the first of those that run side by side. */
function hostStateBefore(dir: string): HostState {
  const known = othersBeside(dir).flatMap((other) => {
    try {
      return [readFileSync(join(other, hostStateFile), "utf8")];
    } catch {
      return []; // it ended meanwhile, or just begins
    }
  });
  const text = known[0] ?? JSON.stringify({ forward: readFileSync(forwardFile, "utf8"), chains: natChains() });
  writeFileSync(join(dir, hostStateFile), text);
  return JSON.parse(text) as HostState;
}

/** The folders of others that tests have started and not ended. */
const othersBeside = (dir: string): readonly string[] =>
  readdirSync(dirname(dir), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /^navarch-ctrd-\w{6}$/.test(entry.name))
    .map(({ name }) => join(dirname(dir), name))
    .filter((path) => path !== dir);

function natChains(): readonly string[] {
  const { stdout } = spawnSync("iptables", ["-w", "-t", "nat", "-S"], { encoding: "utf8" });
  return (stdout ?? "").split("\n").flatMap((line) => /^-N (CNI-\S+)/.exec(line)?.[1] ?? []);
}

/** The last of those that run side by side: pods of others need it. */
function restoreHost(dir: string, before: HostState): void {
  if (othersBeside(dir).length > 0) return;
  removeEmptyCgroups("kubepods");
  const left = natChains();
  const shared = left.filter((chain) => chain.startsWith("CNI-HOSTPORT-"));
  if (left.length > shared.length) return;
  if (existsSync(forwardFile)) writeFileSync(forwardFile, before.forward);
  const made = shared.filter((chain) => !before.chains.includes(chain));
  if (made.length === 0) return;
  const nat = (...args: readonly string[]) => spawnSync("iptables", ["-w", "-t", "nat", ...args], { encoding: "utf8" });
  const rules = (nat("-S").stdout ?? "").split("\n");
  for (const rule of rules)
    if (rule.startsWith("-A ") && made.some((chain) => rule.includes(chain)))
      nat("-D", ...unquoted(rule.slice("-A ".length)));
  for (const chain of made) nat("-F", chain);
  for (const chain of made) nat("-X", chain);
}

/** Not what somebody's processes are in: the kernel refuses that. */
function removeEmptyCgroups(tree: string): void {
  const hierarchies = ["", ...readdirSync(cgroupRoot)].map((hierarchy) => join(cgroupRoot, hierarchy));
  for (const hierarchy of hierarchies)
    for (const path of [join(tree, "burstable"), join(tree, "besteffort"), tree]) {
      try {
        rmdirSync(join(hierarchy, path));
      } catch {
        // it is not there, or in use
      }
    }
}

const cgroupRoot = "/sys/fs/cgroup";

/** Words of a rule as the program prints it. */
const unquoted = (text: string): readonly string[] =>
  [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");

/**
 * Flags for a cluster of containers beside others of this machine: nodes get the first /24s of a range of its own. Test
 * files that run side by side take theirs from different parts.
 */
export function freePodRange(): readonly string[] {
  const part = Number(process.env.JEST_WORKER_ID ?? 1) % rangeParts;
  const index = part * rangesInPart + ((firstRange + rangesTaken++) % rangesInPart);
  const second = 64 + Math.floor(index / 16);
  const third = (index % 16) * 16;
  return [
    "--cluster-cidr",
    `10.${second}.${third}.0/20`,
    "--service-cluster-ip-range",
    `10.${second + 64}.${third}.0/20`,
  ];
}

/** /20s in 10.64.0.0/10. */
const rangeParts = 4;
const rangesInPart = 256;
const firstRange = Math.floor(Math.random() * rangesInPart);
let rangesTaken = 0;

/** The processes in a container, by their cgroup. */
export function pidsOf(containerId: string): readonly number[] {
  const id = containerId.replace(/^\w+:\/\//, "");
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return readFileSync(`/proc/${name}/cgroup`, "utf8").includes(id) ? [Number(name)] : [];
    } catch {
      return []; // it ended meanwhile
    }
  });
}

/** What the kernel holds a container's cgroup to: the file's text, by its name in v1 or in v2. */
export function heldTo(containerId: string, v1: string, v2: string): string {
  const [pid] = pidsOf(containerId);
  for (const line of readFileSync(`/proc/${pid}/cgroup`, "utf8").trim().split("\n")) {
    const [, controllers = "", path = ""] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const files = [
      ...controllers.split(",").map((controller) => `/sys/fs/cgroup/${controller}${path}/${v1}`),
      `/sys/fs/cgroup${path}/${v2}`,
    ];
    const file = files.find((each) => existsSync(each));
    if (file) return readFileSync(file, "utf8").trim();
  }
  throw new Error(`no ${v1} and no ${v2} of ${containerId}`);
}
