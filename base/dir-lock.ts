import { createHash } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeDir } from "./make-dir.js";
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
  makeDir(dir, 0o700);
  return take(dir, join(dir, file));
}

/** Others may come and go while one looks; nobody comes so often that it takes more. */
const attemptsMax = 20;

function take(dir: string, path: string): () => void {
  const mine = `${path}.${process.pid}`;
  const unlock = (): void => rmSync(path, { force: true });
  writeFileSync(mine, JSON.stringify(thisProcess()), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      if (linked(mine, path)) return unlock;
      const found = contentOf(path);
      if (found === undefined) continue;
      const holder = holderIn(found);
      if (holder && isAlive(holder)) throw new DirLockedError(dir, holder.pid);
      if (succeeded(dir, { mine, path, stale: found })) return unlock;
    }
    throw new Error(`${path} cannot be taken: remove it if no process uses ${dir}`);
  } finally {
    rmSync(mine, { force: true });
  }
}

/**
 * Puts a lock in the place of one whose holder is gone. Several may have seen that one, some of them long ago: who
 * succeeds it is settled by a lock of its own, named after what it says, and only its holder ever replaces it.
 */
function succeeded(
  dir: string,
  { mine, path, stale }: { readonly mine: string; readonly path: string; readonly stale: string },
): boolean {
  const digest = createHash("sha256").update(stale).digest("hex").slice(0, digestLength);
  const done = take(dir, `${path}.${digest}`);
  try {
    if (contentOf(path) !== stale) return false;
    renameSync(mine, path);
    return true;
  } finally {
    done();
  }
}

const digestLength = 16;

/** A link appears whole or not at all, and never replaces another. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function holderIn(text: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(text) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
