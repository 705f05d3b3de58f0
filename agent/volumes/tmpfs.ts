import { execFile } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { promisify } from "node:util";

const run = promisify(execFile);

/** True when it was not there yet. Mounts are this host's own: only its root may make them. */
export async function mountTmpfs(dir: string, sizeBytes: number): Promise<boolean> {
  const at = realpathSync(dir);
  if (mountsBelow(at).includes(at)) return false;
  await run("mount", ["-t", "tmpfs", "-o", `size=${sizeBytes},mode=777,nosuid,nodev`, "tmpfs", at], {
    timeout: commandMaxMs,
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
  });
  return true;
}

/** Takes away every mount at or below the directory, the innermost first, though somebody may still use it. */
export async function unmountBelow(dir: string): Promise<void> {
  for (const at of mountsBelow(dir).toSorted((a, b) => b.length - a.length))
    await run("umount", ["-l", at], { timeout: commandMaxMs, env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" } });
}

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

const commandMaxMs = 10_000;
