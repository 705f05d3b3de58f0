import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Pod } from "../../api/core/pod/pod.js";
import { pidsOf } from "./containerd.js";

/** Looks for what a running pod has made on the host; sorts of which there is nothing are left out. */
export function tracesOf(pod: Pod, containerdDir: string): () => Readonly<Record<string, readonly string[]>> {
  const container = pod.status?.containerStatuses?.[0]?.containerID ?? "";
  const ids = [sandboxOf(pod, containerdDir), container.replace(/^\w+:\/\//, "")];
  const ip = pod.status?.podIP ?? "";
  const naming = (text: string): readonly string[] =>
    text.split("\n").filter((line) => ids.some((id) => line.includes(id)));
  const said = (command: string, ...args: readonly string[]): string =>
    spawnSync(command, args, { encoding: "utf8" }).stdout;
  return () => {
    const traces = {
      mounts: naming(readFileSync("/proc/self/mountinfo", "utf8")),
      interfaces: said("ip", "-o", "route", "show", ip)
        .split("\n")
        .filter((line) => line !== ""),
      rules: naming(said("iptables", "-w", "-t", "nat", "-S")),
      cgroups: naming(said("find", "/sys/fs/cgroup", "-type", "d")),
      processes: ids.flatMap(pidsOf).map(String),
    };
    return Object.fromEntries(Object.entries(traces).filter(([, found]) => found.length > 0));
  };
}

/** The sandbox of a pod is what its network's rules are named after. */
function sandboxOf(pod: Pod, dir: string): string {
  const folder = join(dir, "state", "io.containerd.runtime.v2.task", "k8s.io");
  const found = readdirSync(folder).find((id) => {
    const config = JSON.parse(readFileSync(join(folder, id, "config.json"), "utf8"));
    return (
      config.annotations["io.kubernetes.cri.sandbox-name"] === pod.metadata.name &&
      config.annotations["io.kubernetes.cri.container-type"] === "sandbox"
    );
  });
  if (found === undefined) throw new Error(`no sandbox of ${pod.metadata.name}`);
  return found;
}
