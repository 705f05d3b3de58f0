import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ContainerResources, SandboxConfig } from "../runtime.js";
import { periodMicros, quotaOf, sharesOf, weightOf } from "./resources.js";

export type CgroupVersion = "v1" | "v2";
type Qos = NonNullable<SandboxConfig["qosClass"]>;

/** A value for a file below the cgroup's folder; on v1 in the hierarchy of that controller. */
export interface CgroupSetting {
  readonly controller: string;
  readonly file: string;
  readonly value: string;
}

/**
 * The tree in which pods are kept: `/kubepods/podUID` for guaranteed ones, one level further down for the others, so that
 * each class shares what the better ones leave. https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
 */
export const qosCgroup = (qos: Qos): string => (qos === "Guaranteed" ? tree : `${tree}/${qos.toLowerCase()}`);
export const podCgroup = (uid: string, qos: Qos): string => `${qosCgroup(qos)}/pod${uid}`;
const tree = "/kubepods";

/** The same for a runtime that leaves cgroups to systemd: names of slices say where they lie. */
export const podSlice = (uid: string, qos: Qos): string =>
  `${qosCgroup(qos).slice(1).replaceAll("/", "-")}-pod${uid.replaceAll("-", "_")}.slice`;

/** What holds a cgroup to these amounts; nothing for those that are not given. */
export function settingsFor(version: CgroupVersion, resources: ContainerResources): readonly CgroupSetting[] {
  const { cpuRequestMilli = 0, cpuLimitMilli, memoryLimitBytes } = resources;
  const shares = sharesOf(cpuRequestMilli);
  const set = (controller: string, file: string, value: string | number) => ({ controller, file, value: `${value}` });
  if (version === "v2")
    return [
      set("cpu", "cpu.weight", weightOf(shares)),
      ...(cpuLimitMilli === undefined ? [] : [set("cpu", "cpu.max", `${quotaOf(cpuLimitMilli)} ${periodMicros}`)]),
      ...(memoryLimitBytes === undefined ? [] : [set("memory", "memory.max", memoryLimitBytes)]),
    ];
  return [
    set("cpu", "cpu.shares", shares),
    ...(cpuLimitMilli === undefined
      ? []
      : [set("cpu", "cpu.cfs_period_us", periodMicros), set("cpu", "cpu.cfs_quota_us", quotaOf(cpuLimitMilli))]),
    ...(memoryLimitBytes === undefined ? [] : [set("memory", "memory.limit_in_bytes", memoryLimitBytes)]),
  ];
}

/** Hybrid hosts count as v1: that is where their controllers are. */
export function cgroupVersion(root = cgroupRoot): CgroupVersion {
  return statfsSync(root).type === cgroup2Magic ? "v2" : "v1";
}

/** Makes and removes pods' cgroups; the runtime makes those of their containers below them. */
export class PodCgroups {
  readonly #root: string;
  readonly #version: CgroupVersion;

  constructor(root = cgroupRoot, version = cgroupVersion(root)) {
    this.#root = root;
    this.#version = version;
  }

  create(path: string, resources: ContainerResources): void {
    this.set(path, settingsFor(this.#version, resources));
  }

  /** How much of the CPU the pods of a class get together when it is short. */
  weighQos(qos: Qos, cpuMilli: number): void {
    this.set(
      qosCgroup(qos),
      settingsFor(this.#version, { cpuRequestMilli: cpuMilli }).filter(({ controller }) => controller === "cpu"),
    );
  }

  set(path: string, settings: readonly CgroupSetting[]): void {
    if (this.#version === "v2") this.#passDown(path);
    for (const { controller, file, value } of settings) {
      const dir = this.#dirOf(path, controller);
      mkdirSync(dir, { recursive: true });
      this.#write(join(dir, file), value, controller);
    }
  }

  /** The kernel's own files, never new ones: a file that is missing is that of a controller that is. */
  #write(file: string, value: string, controller: string): void {
    try {
      writeFileSync(file, value, { flag: "r+" });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const lacks = this.#version === "v2" && !existsSync(file);
      throw new Error(
        lacks
          ? `${file} is missing: the controller ${controller} does not reach this cgroup; those above it must pass it on (cgroup.subtree_control), which they cannot while processes run in them`
          : why,
      );
    }
  }

  /** Ends what still runs in it. False: it is not gone yet, which the next try may change. */
  remove(path: string): boolean {
    const hierarchies = this.#version === "v2" ? [this.#root] : hierarchiesIn(this.#root);
    return hierarchies.map((hierarchy) => removeTree(join(hierarchy, path))).every((isGone) => isGone);
  }

  #dirOf(path: string, controller: string): string {
    return this.#version === "v2" ? join(this.#root, path) : join(this.#root, controller, path);
  }

  /** On v2 a cgroup has the controllers that every one above it passes on. */
  #passDown(path: string): void {
    let dir = this.#root;
    for (const name of path.split("/").filter((part) => part !== "")) {
      for (const controller of readText(join(dir, "cgroup.controllers")).trim().split(" ")) {
        if (controller === "") continue;
        try {
          writeFileSync(join(dir, "cgroup.subtree_control"), `+${controller}`);
        } catch {
          // one that cannot be passed on here; what needs it says so itself
        }
      }
      dir = join(dir, name);
      mkdirSync(dir, { recursive: true });
    }
  }
}

const cgroupRoot = "/sys/fs/cgroup";
const cgroup2Magic = 0x63677270;

/** Links such as `cpu -> cpu,cpuacct` name what is there already. */
const hierarchiesIn = (root: string): readonly string[] =>
  readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(root, name));

function removeTree(dir: string): boolean {
  if (!existsSync(dir)) return true;
  for (const entry of readdirSync(dir, { withFileTypes: true }))
    if (entry.isDirectory()) removeTree(join(dir, entry.name));
  try {
    rmdirSync(dir);
    return true;
  } catch {
    endAll(dir);
    return !existsSync(dir);
  }
}

/** All at once where the kernel can (v2, Linux 5.14): nothing forks away from that. */
function endAll(dir: string): void {
  const allAtOnce = join(dir, "cgroup.kill");
  if (existsSync(allAtOnce)) writeFileSync(allAtOnce, "1");
  else for (const pid of readText(join(dir, "cgroup.procs")).split("\n")) if (Number(pid) > 1) kill(Number(pid));
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it ended meanwhile
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
