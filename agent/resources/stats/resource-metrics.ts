import type { Sample } from "./sampler.js";

/** As the kubelet's /metrics/resource names them. https://kubernetes.io/docs/reference/instrumentation/node-metrics/ */
export function resourceMetrics({ node, pods }: Sample): string {
  const families = new Map(definitions.map(([name, type, help]) => [name, { type, help, lines: [] as string[] }]));
  const add = (name: FamilyName, labels: Labels, value: number, atMs?: number): void => {
    families.get(name)?.lines.push(`${name}${labelText(labels)} ${value}${atMs === undefined ? "" : ` ${atMs}`}`);
  };
  for (const { pod, containers } of pods) {
    const of = { namespace: pod.metadata.namespace ?? "", pod: pod.metadata.name };
    for (const { name, startedAtMs, stats } of containers) {
      const labels = { container: name, ...of };
      add("container_cpu_usage_seconds_total", labels, stats.cpuNanoseconds / 1e9, stats.atMs);
      add("container_memory_working_set_bytes", labels, stats.workingSetBytes, stats.atMs);
      add("container_start_time_seconds", labels, startedAtMs / 1000);
    }
    const atMs = Math.max(...containers.map(({ stats }) => stats.atMs));
    const sum = (field: "cpuNanoseconds" | "workingSetBytes"): number =>
      containers.reduce((total, { stats }) => total + stats[field], 0);
    add("pod_cpu_usage_seconds_total", of, sum("cpuNanoseconds") / 1e9, atMs);
    add("pod_memory_working_set_bytes", of, sum("workingSetBytes"), atMs);
  }
  add("node_cpu_usage_seconds_total", {}, node.cpuNanoseconds / 1e9, node.atMs);
  add("node_memory_working_set_bytes", {}, node.memory.workingSetBytes, node.atMs);
  add("resource_scrape_error", {}, 0);
  return [...families]
    .filter(([, { lines }]) => lines.length > 0)
    .map(([name, { type, help, lines }]) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("\n")}\n`)
    .join("");
}

type Labels = Readonly<Record<string, string>>;

const definitions = [
  ["container_cpu_usage_seconds_total", "counter", "CPU time that a container has used."],
  ["container_memory_working_set_bytes", "gauge", "Memory that a container cannot do without."],
  ["container_start_time_seconds", "gauge", "When a container started, in seconds since 1970."],
  ["node_cpu_usage_seconds_total", "counter", "CPU time that the node has used."],
  ["node_memory_working_set_bytes", "gauge", "Memory that the node cannot do without."],
  ["pod_cpu_usage_seconds_total", "counter", "CPU time that a pod's containers have used."],
  ["pod_memory_working_set_bytes", "gauge", "Memory that a pod's containers cannot do without."],
  ["resource_scrape_error", "gauge", "1 where measuring failed."],
] as const;
type FamilyName = (typeof definitions)[number][0];

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, escaped)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

const escaped = (character: string): string => (character === "\n" ? "\\n" : `\\${character}`);
