import { VirtualClock } from "../../../base/virtual-clock.js";
import { container, pod } from "../../pod/pod.test-kit.js";
import type { ContainerRecord, ContainerStats } from "../../runtime/runtime.js";
import type { NodeUsage } from "./node-usage.js";
import { resourceMetrics } from "./resource-metrics.js";
import { Sampler } from "./sampler.js";
import { summaryOf } from "./summary.js";

const web = pod({ containers: [container("main"), container("idle")] }, { metadata: { name: "web" } });

const usage = (atMs: number): NodeUsage => ({
  atMs,
  bootedAtMs: 0,
  cpuNanoseconds: atMs * 500_000,
  memory: {
    availableBytes: 1,
    usageBytes: 2,
    workingSetBytes: 3,
    rssBytes: 4,
    pageFaults: 5,
    majorPageFaults: 6,
  },
  filesystem: { capacityBytes: 10, availableBytes: 4, usedBytes: 6, inodes: 100, inodesFree: 90 },
  network: [],
  processes: { max: 1000, current: 10 },
});

const record = (name: string, attempt: number): ContainerRecord => ({
  id: `${name}-${attempt}`,
  sandboxId: "s",
  pod: { uid: web.metadata.uid, namespace: "default", name: "web" },
  name,
  attempt,
  state: "running",
  createdAtMs: 1_000,
  startedAtMs: 2_000,
  image: "x",
  imageId: "x",
  annotations: {},
});

function setUp() {
  const clock = new VirtualClock(10_000);
  let measured = 0;
  const sampler = new Sampler({
    clock,
    runtime: {
      async stats(): Promise<readonly ContainerStats[]> {
        measured++;
        const cpuNanoseconds = (clock.now() - 2_000) * 250_000;
        return [{ id: "main-1", atMs: clock.now(), cpuNanoseconds, workingSetBytes: 1024, logBytes: 7 }];
      },
      containers: async () => [record("main", 0), record("main", 1)],
    },
    pods: () => [web],
    node: async () => usage(clock.now()),
  });
  return { clock, sampler, count: () => measured };
}

describe("the sampler", () => {
  it("measures once for all who ask at one time, and again when the figures are old", async () => {
    const { clock, sampler, count } = setUp();
    const [first, same] = await Promise.all([sampler.sample(), sampler.sample()]);
    expect(first).toBe(same);
    expect(await sampler.sample()).toBe(first);
    expect(count()).toBe(1);
    await clock.advance(1_000);
    await sampler.sample();
    expect(count()).toBe(2);
    expect(sampler.before).toBe(first);
    await clock.advance(120_000);
    await sampler.sample();
    expect(sampler.before).toBeUndefined();
  });
});

describe("the summary", () => {
  it("tells rates between two samples, of the newest runs, and leaves out what is not measured", async () => {
    const { clock, sampler } = setUp();
    const options = { nodeName: "node-1", onlyCpuAndMemory: false };
    const first = await sampler.sample();
    expect(JSON.stringify(summaryOf(first, { ...options, before: undefined }))).not.toContain("usageNanoCores");
    await clock.advance(4_000);
    const summary = summaryOf(await sampler.sample(), { ...options, before: sampler.before });
    expect(summary).toMatchObject({
      node: { nodeName: "node-1", cpu: { usageNanoCores: 500_000_000 }, rlimit: { maxpid: 1000, curproc: 10 } },
      pods: [
        {
          podRef: { name: "web", namespace: "default", uid: web.metadata.uid },
          cpu: { usageNanoCores: 250_000_000, usageCoreNanoSeconds: 3e9 },
          "ephemeral-storage": { usedBytes: 7 },
          containers: [{ name: "main", memory: { workingSetBytes: 1024 }, logs: { usedBytes: 7 } }],
        },
      ],
    });
  });

  it("is brief where only CPU and memory are wanted", async () => {
    const sample = await setUp().sampler.sample();
    const text = JSON.stringify(summaryOf(sample, { nodeName: "n", before: undefined, onlyCpuAndMemory: true }));
    expect(text).not.toMatch(/rootfs|network|rlimit|logs/);
  });
});

describe("/metrics/resource", () => {
  it("has the families of the kubelet, with time stamps", async () => {
    const text = resourceMetrics(await setUp().sampler.sample());
    expect(text.split("\n").filter((line) => !line.startsWith("#"))).toEqual([
      'container_cpu_usage_seconds_total{container="main",namespace="default",pod="web"} 2 10000',
      'container_memory_working_set_bytes{container="main",namespace="default",pod="web"} 1024 10000',
      'container_start_time_seconds{container="main",namespace="default",pod="web"} 2',
      "node_cpu_usage_seconds_total 5 10000",
      "node_memory_working_set_bytes 3 10000",
      'pod_cpu_usage_seconds_total{namespace="default",pod="web"} 2 10000',
      'pod_memory_working_set_bytes{namespace="default",pod="web"} 1024 10000',
      "resource_scrape_error 0",
      "",
    ]);
  });
});
