import { createHash } from "node:crypto";
import { join } from "node:path";
import type { PodIdentity } from "../runtime.js";

/** Labels by which Kubernetes' tools know what belongs to which pod. */
export const podName = "io.kubernetes.pod.name";
export const podNamespace = "io.kubernetes.pod.namespace";
export const podUid = "io.kubernetes.pod.uid";
export const containerName = "io.kubernetes.container.name";
/** Whose it is: a container runtime may serve others, whose pods are none of ours. */
export const owner = "navarch.dev/owner";
/** What a container has to know of its sandbox, kept with it in the runtime. */
export const sandboxSettings = "navarch.dev/sandbox";
/** Marks annotations that the agent wrote, apart from those of ours. */
export const ownAnnotations: ReadonlySet<string> = new Set([sandboxSettings]);

/** Stands for everything that an agent with this data directory made. */
export const ownerOf = (dir: string): string => createHash("sha256").update(dir).digest("hex").slice(0, 24);

export const podLabels = (pod: PodIdentity, of: string): Readonly<Record<string, string>> => ({
  [podName]: pod.name,
  [podNamespace]: pod.namespace,
  [podUid]: pod.uid,
  [owner]: of,
});

export const podOf = (labels: Readonly<Record<string, string>>): PodIdentity => ({
  uid: labels[podUid] ?? "",
  namespace: labels[podNamespace] ?? "",
  name: labels[podName] ?? "",
});

/** Namespaces, names and uids have passed validation; none holds a slash. */
export const logDirectory = (logs: string, { namespace, name, uid }: PodIdentity): string =>
  join(logs, `${namespace}_${name}_${uid}`);

export const logPath = (container: string, attempt: number): string => `${container}/${attempt}.log`;

/** Nanoseconds, as CRI tells times; 0 stands for never. */
export const msOf = (nanoseconds: number): number | undefined =>
  nanoseconds === 0 ? undefined : Math.floor(nanoseconds / 1e6);
