import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";

/** What lies below a directory. */
export interface TreeUse {
  readonly bytes: number;
  readonly inodes: number;
  /** False: there is more than was looked at. */
  readonly complete: boolean;
}

export interface ScanOptions {
  readonly entriesMax: number;
  readonly signal: AbortSignal;
}

/**
 * Counts what a tree takes on disk: links are not followed, files with several names count once, what goes away
 * meanwhile counts for nothing. Stops at a bound: those who fill the disk with names do not get to keep the agent busy.
 */
export async function scanTree(root: string, { entriesMax, signal }: ScanOptions): Promise<TreeUse> {
  let bytes = 0;
  let inodes = 0;
  const seen = new Set<string>();
  const left = [root];
  for (let dir = left.pop(); dir !== undefined; dir = left.pop()) {
    const entries = await opendir(dir).catch(() => undefined);
    if (!entries) continue;
    try {
      for await (const entry of entries) {
        if (signal.aborted || inodes >= entriesMax) return { bytes, inodes, complete: false };
        const path = join(dir, entry.name);
        const stat = await lstat(path).catch(() => undefined);
        if (!stat) continue;
        if (stat.nlink > 1 && !stat.isDirectory()) {
          const key = `${stat.dev}/${stat.ino}`;
          if (seen.has(key)) continue;
          seen.add(key);
        }
        inodes++;
        bytes += stat.blocks * blockBytes;
        if (stat.isDirectory()) left.push(path);
      }
    } catch {
      // The directory itself went away.
    }
  }
  return { bytes, inodes, complete: true };
}

/** st_blocks counts these, whatever the file system's own. */
const blockBytes = 512;
