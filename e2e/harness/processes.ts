import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Pod } from "../../api/core/pod/pod.js";
import { eventually } from "./run.js";

/** The processes whose environment says that they belong to this container. */
export function processesOf(containerId: string): readonly number[] {
  const mark = `NAVARCH_CONTAINER_ID=${containerId.replace(/^\w+:\/\//, "")}`;
  return livePids().filter((pid) => fileOf(pid, "environ").split("\0").includes(mark));
}

/** The one program that runs in the pod's first container. */
export function programOf(pod: Pod): Promise<number> {
  const id = pod.status?.containerStatuses?.[0]?.containerID ?? "";
  return eventually(`the program of ${pod.metadata.name}`, () => processesOf(id)[0]);
}

/** Processes other than this one whose command line or environment names something in the folder. */
export const processesNaming = (folder: string): readonly number[] =>
  livePids().filter(
    (pid) => pid !== process.pid && (fileOf(pid, "cmdline") + fileOf(pid, "environ")).includes(`${folder}/`),
  );

/** Ends by SIGKILL whatever a cluster left behind. */
export function endProcessesNaming(folder: string): void {
  for (const pid of processesNaming(folder)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // it ended meanwhile
    }
  }
}

export const isRunning = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(fileOf(pid, "status"));

/** Its words; empty: it has ended. */
export const wordsOf = (pid: number): readonly string[] => fileOf(pid, "cmdline").split("\0").slice(0, -1);

const livePids = (): readonly number[] =>
  readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));

function fileOf(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}
