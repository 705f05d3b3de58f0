import { mkdirSync, writeFileSync } from "node:fs";
import type { ContainerRecord, Mount } from "../runtime.js";
import { supervisorScript } from "./supervisor.js";

/** What stands in a container's `record.json`: written before it starts, and once more if it could not. */
export interface StoredContainer {
  readonly record: Omit<ContainerRecord, "state" | "startedAtMs" | "finishedAtMs" | "exitCode" | "reason" | "message">;
  readonly bootId: string;
  readonly namespaces: boolean;
  /** It sees the host's processes, as it has no view of its own. */
  readonly hostPid?: true;
  readonly argv: readonly string[];
  /** Words before the program, and before every other one that is started beside it. */
  readonly prefix?: readonly string[];
  readonly workingDir: string;
  readonly env: readonly (readonly [string, string])[];
  readonly mounts: readonly Mount[];
  readonly terminal?: boolean;
  /** Somebody may attach to its input: again and again, or once. */
  readonly input?: "once" | "open";
  readonly failure?: { readonly message: string; readonly atMs: number };
}

/** Writes the directory of a container that was not started yet. */
export function storeContainer(dir: string, stored: StoredContainer): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeFileSync(`${dir}/record.json`, JSON.stringify(stored), { mode: 0o600 });
}

export const containerMark = (id: string): string => `NAVARCH_CONTAINER_ID=${id}`;
export const writeSupervisor = (path: string): void => writeFileSync(path, supervisorScript, { mode: 0o600 });
