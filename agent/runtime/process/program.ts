import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Mount } from "../runtime.js";

/** Where a container that is started finds things: on the host, but for what is mounted over it. */
export interface Surroundings {
  readonly path: string;
  readonly workingDir: string;
  /** None where containers have no mounts of their own. */
  readonly mounts: readonly Pick<Mount, "hostPath" | "containerPath">[];
}

/** What lies at a path of the container; `elsewhere`: a link leads out of its volume, to where only the container sees. */
type Found = "absent" | "directory" | "file" | "program" | "elsewhere";

/** The absolute path of a container's program. Throws with what is wrong with it, as runtimes word it. */
export function programAt(name: string, surroundings: Surroundings): string {
  const named = JSON.stringify(name);
  if (name.includes("/")) {
    const path = resolve(surroundings.workingDir, name);
    const found = lookAt(path, surroundings);
    if (found === "program" || found === "elsewhere") return path;
    if (found === "absent") throw new Error(`exec: ${named}: stat ${name}: no such file or directory`);
    throw new Error(`exec: ${named}: ${found === "directory" ? "is a directory: " : ""}permission denied`);
  }
  const path = surroundings.path
    .split(":")
    .map((dir) => resolve(surroundings.workingDir, dir, name))
    .find((candidate) => lookAt(candidate, surroundings) === "program");
  if (name === "" || path === undefined) throw new Error(notInPath(name));
  return path;
}

export const notInPath = (name: string): string => `exec: ${JSON.stringify(name)}: executable file not found in $PATH`;

/** Throws, as runtimes word it, for a directory that is not there. */
export function checkWorkingDir(surroundings: Surroundings): void {
  const { workingDir } = surroundings;
  const found = lookAt(workingDir, surroundings);
  if (found === "directory" || found === "elsewhere") return;
  const why = found === "absent" ? "no such file or directory" : "not a directory";
  throw new Error(`chdir to cwd (${JSON.stringify(workingDir)}) set in config failed: ${why}`);
}

function lookAt(path: string, { mounts }: Surroundings): Found {
  const over = mounts
    .filter(({ containerPath }) => path === containerPath || path.startsWith(`${containerPath.replace(/\/$/, "")}/`))
    .toSorted((a, b) => b.containerPath.length - a.containerPath.length)[0];
  const onHost = over ? join(over.hostPath, path.slice(over.containerPath.length)) : path;
  try {
    if (over && leavesFrom(over.hostPath, onHost)) return "elsewhere";
    const found = statSync(onHost);
    if (found.isDirectory()) return "directory";
    return found.isFile() && isExecutable(onHost) ? "program" : "file";
  } catch {
    return "absent";
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function leavesFrom(root: string, path: string): boolean {
  const [above, real] = [realpathSync(root), realpathSync(path)];
  return real !== above && !real.startsWith(`${above}/`);
}
