import { existsSync } from "node:fs";
import type { Pod } from "../../api/core/pod/pod.js";
import { bytesOf, cpuMilli } from "../../apimachinery/quantity.js";
import { ApiUser, type Json } from "../harness/api-conformance.js";
import { isReady, onRuntimes, script, waits } from "../harness/conformance.js";
import { heldTo } from "../harness/containerd.js";
import { eventually } from "../harness/run.js";

interface Amounts {
  readonly cpu?: string;
  readonly cpuLimit?: string;
  readonly memory?: string;
  readonly memoryLimit?: string;
}

const amounts = (cpu: string | undefined, memory: string | undefined): Json =>
  cpu === undefined && memory === undefined
    ? undefined
    : { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) };
const resourcesOf = ({ cpu, cpuLimit, memory, memoryLimit }: Amounts): Json =>
  JSON.parse(JSON.stringify({ requests: amounts(cpu, memory), limits: amounts(cpuLimit, memoryLimit) }));

onRuntimes(["cri"], "resizing pods, and their hosts file", (kit) => {
  const api = new ApiUser();
  beforeAll(() => api.use(kit.cluster));
  const pathOf = ({ metadata: { name } }: Pod): string => `/api/v1/namespaces/${kit.namespace}/pods/${name}`;
  const names = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `c${at + 1}`);

  const specSays = ({ spec }: Json, wanted: readonly Amounts[]): void =>
    expect(spec.containers.map(({ resources }: Json) => resources)).toEqual(wanted.map(resourcesOf));
  /** As the status tells it, and as the kernel holds the containers to it, none of them restarted. */
  const isActual = async (pod: Pod, wanted: readonly Amounts[]): Promise<Pod> => {
    const now = await kit.until(pod, "has these resources", ({ status, ...rest }) => {
      const found = status?.containerStatuses?.map(({ resources }) => resources) ?? [];
      const told = (status?.conditions ?? []).some(({ type }) => /^PodResize/.test(type));
      const same = JSON.stringify(sorted(found)) === JSON.stringify(sorted(wanted.map(resourcesOf)));
      return same && !told && isReady({ status, ...rest } as Pod);
    });
    for (const [at, { cpuLimit, memoryLimit, cpu }] of wanted.entries()) {
      const { containerID = "", restartCount } = now.status?.containerStatuses?.[at] ?? {};
      expect(restartCount).toBe(0);
      const quota = cpuLimit === undefined ? /^(-1|max\b)/ : quotaOf(cpuLimit);
      expect(heldTo(containerID, "cpu.cfs_quota_us", "cpu.max")).toMatch(quota);
      const memory = heldTo(containerID, "memory.limit_in_bytes", "memory.max");
      if (memoryLimit === undefined) expect(memory).toMatch(/^(max|9223372036854\d{6})$/);
      else expect(memory).toBe(String(bytesOf(memoryLimit)));
      if (cpu !== undefined && isV1) expect(weightOf(containerID)).toBe(sharesOf(cpu));
    }
    return now;
  };
  const create = async (containers: readonly Amounts[]): Promise<Pod> => {
    const made = await kit.create("resize-test", {
      restartPolicy: "OnFailure",
      terminationGracePeriodSeconds: 0,
      containers: names(containers.length).map((name, at) => ({
        name,
        image: "busybox",
        command: script("exec sleep 3600"),
        resources: resourcesOf(containers[at] ?? {}),
      })),
    });
    specSays(made, containers);
    for (const { resizePolicy } of made.spec.containers) expect(resizePolicy).toBeUndefined();
    return isActual(await kit.ready(made), containers);
  };
  const resized = async (pod: Pod, before: readonly Amounts[], after: readonly Amounts[]): Promise<void> => {
    const idsBefore = pod.status?.containerStatuses?.map(({ containerID = "" }) => containerID) ?? [];
    const weights = idsBefore.map(weightOf);
    const containers = names(after.length).map((name, at) => ({ name, resources: resourcesOf(after[at] ?? {}) }));
    const type = "application/strategic-merge-patch+json";
    specSays(await api.ok("PATCH", `${pathOf(pod)}/resize`, { spec: { containers } }, { type }), after);
    await isActual(pod, after);
    for (const [at, id] of idsBefore.entries()) {
      const change = cpuMilli(after[at]?.cpu ?? "0") - cpuMilli(before[at]?.cpu ?? "0");
      const grown = weightOf(id) - (weights[at] ?? 0);
      if (change !== 0) expect(grown * change).toBeGreaterThanOrEqual(0);
    }
  };

  it("Pod InPlace Resize Container burstable pods, 6 containers, various operations (add limits and requests)", async () => {
    const before: readonly Amounts[] = [
      { cpu: "20m" },
      { memory: "35Mi" },
      { cpu: "20m", memory: "35Mi" },
      { cpu: "20m" },
      { memory: "35Mi" },
      { cpu: "20m", cpuLimit: "30m", memory: "35Mi", memoryLimit: "45Mi" },
    ];
    const after: readonly Amounts[] = [
      { cpu: "25m", cpuLimit: "35m" },
      { memory: "30Mi", memoryLimit: "50Mi" },
      { cpu: "20m", memory: "30Mi" },
      { cpu: "15m", memory: "35Mi" },
      { cpu: "20m", memory: "40Mi" },
      { cpu: "25m", cpuLimit: "35m", memory: "40Mi", memoryLimit: "50Mi" },
    ];
    const pod = await create(before);
    await resized(pod, before, after);
    await kit.delete(pod, 0);
  });

  it("Pod InPlace Resize Container burstable pods, resize with equivalents", async () => {
    const before: readonly Amounts[] = [{ cpu: "2m", cpuLimit: "10m" }];
    // The kernel is told the same of both: there is no less.
    const after: readonly Amounts[] = [{ cpu: "1m", cpuLimit: "5m" }];
    const pod = await create(before);
    await resized(pod, before, after);
    await resized(pod, after, before);
    await kit.delete(pod, 0);
  });

  it("Pod InPlace Resize Container resize pod via the replace endpoint", async () => {
    const pod = await create([{ cpu: "20m", memory: "35Mi" }]);
    expect(pod.metadata.generation).toBe(1);
    const after: Amounts = { cpu: "25m", memory: "40Mi" };
    const found = await api.get(pathOf(pod));
    const [container] = found.spec.containers;
    const spec = { ...found.spec, containers: [{ ...container, resources: resourcesOf(after) }] };
    await api.ok("PUT", `${pathOf(pod)}/resize`, { ...found, spec });
    const updated = await api.get(pathOf(pod));
    specSays(updated, [after]);
    expect(updated.metadata.generation).toBe(2);
    await isActual(pod, [after]);
    await eventually("both endpoints answer alike", async () => {
      const [whole, part] = [await api.get(pathOf(pod)), await api.get(`${pathOf(pod)}/resize`)];
      expect(part).toEqual(whole);
      return true;
    });
    await kit.delete(pod, 0);
  });

  it("KubeletManagedEtcHosts should test kubelet managed /etc/hosts file", async () => {
    const original = { name: "host-etc-hosts", mountPath: "/etc/hosts-original" };
    const own = { name: "host-etc-hosts", mountPath: "/etc/hosts" };
    const container = (name: string, ...volumeMounts: object[]): object => ({
      name,
      image: "busybox",
      command: waits,
      volumeMounts,
    });
    const volumes = [{ name: "host-etc-hosts", hostPath: { path: "/etc/hosts", type: "FileOrCreate" } }];
    const pod = await kit.create("test-pod", {
      containers: [
        container("busybox-1", original),
        container("busybox-2", original),
        container("busybox-3", original, own),
      ],
      volumes,
    });
    const hostNetworkPod = await kit.create("test-host-network-pod", {
      hostNetwork: true,
      containers: [container("busybox-1", original), container("busybox-2", original)],
      volumes,
    });
    for (const each of [pod, hostNetworkPod]) await kit.ready(each);
    const isManaged = async (of: Pod, name: string): Promise<boolean> => {
      const read = (path: string): Promise<string> =>
        kit.cluster.ok(["exec", "-n", kit.namespace, of.metadata.name, "-c", name, "--", "cat", path]);
      const [hosts, before] = [await read("/etc/hosts"), await read("/etc/hosts-original")];
      expect([hosts.length > 0, before.length > 0]).toEqual([true, true]);
      return hosts.startsWith("# Kubernetes-managed hosts file.") && hosts !== before;
    };
    expect(await isManaged(pod, "busybox-1")).toBe(true);
    expect(await isManaged(pod, "busybox-2")).toBe(true);
    expect(await isManaged(pod, "busybox-3")).toBe(false);
    expect(await isManaged(hostNetworkPod, "busybox-1")).toBe(false);
    expect(await isManaged(hostNetworkPod, "busybox-2")).toBe(false);
    for (const each of [pod, hostNetworkPod]) await kit.delete(each, 0);
  });
});

/** Which differ by the order of their fields alone. */
const sorted = (list: readonly Json[]): Json =>
  list.map((resources) =>
    ["requests", "limits"].map((kind) =>
      Object.entries(resources?.[kind] ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ),
  );

const isV1 = existsSync("/sys/fs/cgroup/cpu");
const weightOf = (containerId: string): number => Number(heldTo(containerId, "cpu.shares", "cpu.weight"));
const sharesOf = (cpu: string): number => Math.max(2, Math.floor((cpuMilli(cpu) * 1024) / 1000));
/** Microseconds of a tenth of a second; the kernel takes no less than one thousand. */
const quotaOf = (cpu: string): RegExp => new RegExp(`^${Math.max(1000, cpuMilli(cpu) * 100)}\\b`);
