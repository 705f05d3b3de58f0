import { closeSync, constants, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";

/** What a pod's own hosts file says, and below it the Services'. */
export function withServices(own: string, lines: readonly string[]): string {
  return lines.length === 0 ? own : `${own}${mark}\n${lines.join("\n")}\n`;
}

const mark = "# Services of the cluster, kept up to date. What is above this line stays.";

/** Brings the Services' part of this hosts file up to date; what stands above it stays, pods may have added to it. */
export function refreshHostsFile(path: string, lines: readonly string[]): void {
  const file = open(path);
  if (file === undefined) return;
  try {
    if (fstatSync(file).size > fileMaxBytes) return;
    const text = readFileSync(file, "utf8");
    const at = text.indexOf(mark);
    const next = withServices(at < 0 ? text : text.slice(0, at), lines);
    if (next !== text) overwrite(file, next);
  } finally {
    closeSync(file);
  }
}

/** Mounted files cannot be replaced, only written: with the same inode, and never seen half empty. */
export function writeHostsFile(path: string, text: string): void {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o644);
  try {
    overwrite(file, text);
  } finally {
    closeSync(file);
  }
}

/** A shorter text is filled up with empty lines for the moment until it is cut. */
function overwrite(file: number, text: string): void {
  const bytes = Buffer.from(text);
  const surplus = fstatSync(file).size - bytes.length;
  const padded = surplus > 0 && surplus < fileMaxBytes ? Buffer.concat([bytes, Buffer.alloc(surplus, "\n")]) : bytes;
  writeSync(file, padded, 0, padded.length, 0);
  ftruncateSync(file, bytes.length);
}

function open(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
  } catch {
    return undefined; // not made yet, or gone with its pod
  }
}

const fileMaxBytes = 4 * 1024 * 1024;
