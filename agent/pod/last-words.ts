import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { Pod } from "../../api/core/pod/pod.js";
import type { ContainerRecord } from "../runtime/runtime.js";
import { containersOf } from "./containers.js";
import type { WorkerTools } from "./tools.js";
import type { PodState } from "./worker.js";

/** Reads what ended containers left at terminationMessagePath, or the end of their log where that is asked for. Once each. */
export async function lastWords(
  containers: readonly ContainerRecord[],
  pod: Pod,
  state: PodState,
  tools: WorkerTools,
): Promise<void> {
  if (!tools.runtime.features.isReal) return;
  for (const run of containers) {
    if (run.state !== "exited" || state.messages.has(run.id) || run.message !== undefined) continue;
    const container = containersOf(pod).find((candidate) => candidate.container.name === run.name)?.container;
    const left = await readLimited(tools.volumes.terminationFile(pod, run.name, run.attempt));
    const fallsBack =
      left === "" && run.exitCode !== 0 && container?.terminationMessagePolicy === "FallbackToLogsOnError";
    const message = fallsBack ? await endOfLog(run, tools) : left;
    state.messages.set(run.id, message);
  }
  const known = new Set(containers.map(({ id }) => id));
  for (const id of state.messages.keys()) if (!known.has(id)) state.messages.delete(id);
}

/** The end of it. Where programs can reach the file itself they may have put something else there: no link is followed, no pipe waited for. */
export async function readLimited(path: string): Promise<string> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(() => undefined);
  if (!file) return "";
  try {
    const found = await file.stat();
    if (!found.isFile()) return "";
    const from = Math.max(0, found.size - messageMaxBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(messageMaxBytes), 0, messageMaxBytes, from);
    return buffer.subarray(0, bytesRead).toString("utf8");
  } finally {
    await file.close();
  }
}

async function endOfLog(run: ContainerRecord, { runtime }: WorkerTools): Promise<string> {
  const lines: string[] = [];
  const signal = new AbortController().signal;
  for await (const { line, partial } of runtime.logs(run.id, { follow: false, tailLines: fallbackMaxLines, signal }))
    lines.push(`${Buffer.from(line).toString("utf8")}${partial ? "" : "\n"}`);
  return Buffer.from(lines.join("")).subarray(-fallbackMaxBytes).toString("utf8");
}

const messageMaxBytes = 4096;
const fallbackMaxBytes = 2048;
const fallbackMaxLines = 80;
