import { execFile } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs `mount` with these arguments. Mounts are this host's own: only its root may make them. */
export async function mount(args: readonly string[]): Promise<void> {
  await run("mount", args, commandOptions);
}

/** Takes away every mount at or below the directory, the innermost first, though somebody may still use it. */
export async function unmountBelow(dir: string): Promise<void> {
  for (const at of mountsBelow(dir).toSorted((a, b) => b.length - a.length))
    await run("umount", ["-l", at], commandOptions);
}

/** Removes a folder; what somebody mounted below it is another's, and stays whole. */
export async function removeUnmounted(path: string): Promise<void> {
  if (!existsSync(path)) return;
  await unmountBelow(realpathSync(path));
  await rm(path, { recursive: true, force: true });
}

/** Whether something is mounted right there; the path holds no link. */
export const isMountPoint = (path: string): boolean => mountsBelow(path).includes(path);

function mountsBelow(dir: string): readonly string[] {
  return mountPoints(readFileSync("/proc/self/mountinfo", "utf8")).filter(
    (at) => at === dir || at.startsWith(`${dir}/`),
  );
}

/** The fifth field of each line, in which spaces and their like are octal. */
export const mountPoints = (mountInfo: string): readonly string[] =>
  mountInfo
    .split("\n")
    .flatMap((line) => line.split(" ")[4] ?? [])
    .map((at) => at.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))));

const commandOptions = { timeout: 10_000, env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" } };
