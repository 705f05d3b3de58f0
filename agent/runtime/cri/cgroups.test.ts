import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { PodCgroups, podCgroup, podSlice, settingsFor } from "./cgroups.js";
import { linuxResources, quotaOf, sharesOf, weightOf } from "./resources.js";

describe("cgroups of pods", () => {
  it("lie by class of service", () => {
    expect(podCgroup("u-1", "Guaranteed")).toBe("/kubepods/podu-1");
    expect(podCgroup("u-1", "Burstable")).toBe("/kubepods/burstable/podu-1");
    expect(podCgroup("u-1", "BestEffort")).toBe("/kubepods/besteffort/podu-1");
    expect(podSlice("u-1", "Burstable")).toBe("kubepods-burstable-podu_1.slice");
    expect(podSlice("u-1", "Guaranteed")).toBe("kubepods-podu_1.slice");
  });

  it.each([
    ["v1", {}, { "cpu.shares": "2" }],
    [
      "v1",
      { cpuRequestMilli: 500, cpuLimitMilli: 1500, memoryLimitBytes: 4096 },
      {
        "cpu.shares": "512",
        "cpu.cfs_period_us": "100000",
        "cpu.cfs_quota_us": "150000",
        "memory.limit_in_bytes": "4096",
      },
    ],
    [
      "v2",
      { cpuRequestMilli: 1000, cpuLimitMilli: 250, memoryLimitBytes: 4096 },
      { "cpu.weight": "39", "cpu.max": "25000 100000", "memory.max": "4096" },
    ],
  ] as const)("%s: %j", (version, resources, files) => {
    expect(Object.fromEntries(settingsFor(version, resources).map(({ file, value }) => [file, value]))).toEqual(files);
  });

  it("take no value that the kernel refuses", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (milli) => {
        expect(sharesOf(milli)).toBeGreaterThanOrEqual(2);
        expect(sharesOf(milli)).toBeLessThanOrEqual(262_144);
        expect(weightOf(sharesOf(milli))).toBeGreaterThanOrEqual(1);
        expect(weightOf(sharesOf(milli))).toBeLessThanOrEqual(10_000);
        expect(quotaOf(milli)).toBeGreaterThanOrEqual(1000);
        expect(sharesOf(milli + 1000)).toBeGreaterThanOrEqual(sharesOf(milli));
      }),
    );
  });

  it("of containers that ask for nothing have the least weight and no limits", () => {
    expect(linuxResources({})).toEqual({ cpuShares: 2 });
    expect(linuxResources({ cpuLimitMilli: 2000, memoryLimitBytes: 1, oomScoreAdj: -997 })).toEqual({
      ...{ cpuShares: 2048, cpuPeriod: 100_000, cpuQuota: 200_000, memoryLimitInBytes: 1, oomScoreAdj: -997 },
    });
  });
});

describe("a tree of cgroups, version 2", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "cgroup-"));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  /** The folders that the kernel would show, with its files in them. */
  const shape = (path: string, files: readonly string[]): void => {
    let dir = root;
    for (const name of ["", ...path.split("/").filter((part) => part !== "")]) {
      dir = join(dir, name);
      mkdirSync(dir, { recursive: true });
      writeFileSync(join(dir, "cgroup.controllers"), "cpu memory pids\n");
      for (const file of ["cgroup.subtree_control", ...files]) writeFileSync(join(dir, file), "");
    }
  };
  const read = (path: string): string => readFileSync(join(root, path), "utf8");
  const all = ["cpu.weight", "cpu.max", "memory.max"];

  it("holds a pod to its amounts, and has each level pass the controllers on, but the pod's own", () => {
    const pod = podCgroup("u-1", "Burstable");
    shape(pod, all);
    new PodCgroups(root, "v2").create(pod, { cpuRequestMilli: 1000, cpuLimitMilli: 1500, memoryLimitBytes: 4096 });
    expect(all.map((file) => read(join(pod, file)))).toEqual(["39", "150000 100000", "4096"]);
    for (const above of ["", "kubepods", "kubepods/burstable"])
      expect(read(join(above, "cgroup.subtree_control"))).toMatch(/^\+/);
    expect(read(join(pod, "cgroup.subtree_control"))).toBe("");
  });

  it("weighs the classes of pods by their cpu alone", () => {
    shape("/kubepods/besteffort", all);
    shape("/kubepods/burstable", all);
    const cgroups = new PodCgroups(root, "v2");
    cgroups.weighQos("Burstable", 4000);
    cgroups.weighQos("BestEffort", 0);
    expect(read("kubepods/burstable/cpu.weight")).toBe("157");
    expect(read("kubepods/besteffort/cpu.weight")).toBe("1");
    expect(read("kubepods/burstable/cpu.max") + read("kubepods/burstable/memory.max")).toBe("");
  });

  it("names the controller that does not reach a cgroup", () => {
    shape("/kubepods/podu-1", ["cpu.weight"]);
    const create = () => new PodCgroups(root, "v2").create("/kubepods/podu-1", { memoryLimitBytes: 4096 });
    expect(create).toThrow(/memory\.max is missing: the controller memory does not reach this cgroup/);
    expect(existsSync(join(root, "kubepods/podu-1/memory.max"))).toBe(false);
  });

  it("ends what still runs in a cgroup that is to go: all at once where the kernel can, else one by one", async () => {
    const program = spawn("sleep", ["1000"]);
    const ended = once(program, "exit");
    shape("/kubepods/podold", ["cgroup.procs"]);
    shape("/kubepods/podnew", ["cgroup.procs", "cgroup.kill"]);
    const procs = `1\n${program.pid}\n`;
    writeFileSync(join(root, "kubepods/podnew/cgroup.procs"), procs);
    const cgroups = new PodCgroups(root, "v2");
    expect(cgroups.remove("/kubepods/podnew")).toBe(false);
    expect(read("kubepods/podnew/cgroup.kill")).toBe("1");
    expect(program.signalCode).toBeNull();
    writeFileSync(join(root, "kubepods/podold/cgroup.procs"), procs);
    expect(cgroups.remove("/kubepods/podold")).toBe(false);
    expect(await ended).toEqual([null, "SIGKILL"]);
    expect(cgroups.remove("/kubepods/podnone")).toBe(true);
  });
});
