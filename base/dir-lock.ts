import { closeSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { isAlive, type ProcessIdentity, thisProcess } from "./process-identity.js";

/** Another live process holds the directory. */
export class DirLockedError extends Error {
  override readonly name = "DirLockedError";
  readonly pid: number;
  constructor(dir: string, pid: number) {
    super(`${dir} is in use by process ${pid}`);
    this.pid = pid;
  }
}

/**
 * Takes a directory for this process; the answer gives it back. The lock of a process that is gone (killed, or before a
 * reboot) counts for nothing.
 */
export function lockDir(dir: string, file = "lock"): () => void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, file);
  const mine = `${path}.${process.pid}`;
  const fd = openSync(mine, "w", 0o600);
  writeSync(fd, JSON.stringify(thisProcess()));
  closeSync(fd);
  try {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      try {
        // A link appears whole or not at all, and never replaces another.
        linkSync(mine, path);
        return () => rmSync(path, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const holder = holderOf(path);
      if (holder && isAlive(holder)) throw new DirLockedError(dir, holder.pid);
      rmSync(path, { force: true });
    }
    throw new Error(`${path} cannot be taken: remove it if no process uses ${dir}`);
  } finally {
    rmSync(mine, { force: true });
  }
}

const attemptsMax = 5;

function holderOf(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
