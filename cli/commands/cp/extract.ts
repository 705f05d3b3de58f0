import { chmodSync, closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { readTar } from "./tar.js";

export interface ExtractOptions {
  /** What the archive holds is below this name. */
  readonly prefix: string;
  /** Where it goes: takes the place of the prefix. */
  readonly destination: string;
  readonly warn: (text: string) => void;
}

const entriesMax = 1_000_000;

/**
 * Writes what an archive from a container holds, and nothing outside of the destination: names that are absolute or that
 * climb are refused, links are left out, and no link that lies at the destination is followed. Answers how many were written.
 */
export async function extractTar(source: AsyncIterable<Uint8Array>, options: ExtractOptions): Promise<number> {
  const { prefix, destination, warn } = options;
  let written = 0;
  let count = 0;
  for await (const { entry, content } of readTar(source)) {
    if (++count > entriesMax) throw new Error(`the archive holds more than ${entriesMax} entries`);
    const below = belowPrefix(entry.name, prefix);
    if (below === undefined) {
      warn(`warning: file ${JSON.stringify(entry.name)} is outside of what was asked for, skipping`);
      continue;
    }
    if (entry.type === "link") {
      warn(`warning: skipping symlink: ${JSON.stringify(entry.name)} -> ${JSON.stringify(entry.linkName)}`);
      continue;
    }
    if (entry.type === "other") {
      warn(`warning: skipping special file: ${JSON.stringify(entry.name)}`);
      continue;
    }
    const folders = entry.type === "directory" ? below : below.slice(0, -1);
    const inFolder = entry.type === "directory" || below.length > 0;
    if (inFolder && !makeFolders(destination, folders)) {
      warn(`warning: file ${JSON.stringify(entry.name)} would be written through a link, skipping`);
      continue;
    }
    if (entry.type === "directory") continue;
    if (await writeFile(join(destination, ...below), entry.mode, content)) written++;
    else warn(`warning: ${join(destination, ...below)} is no plain file, skipping`);
  }
  return written;
}

/** The steps from the prefix to the entry; undefined for a name that is not below it. */
export function belowPrefix(name: string, prefix: string): readonly string[] | undefined {
  if (name.includes("\0") || name.startsWith("/")) return undefined;
  const steps = name.split("/").filter((step) => step !== "" && step !== ".");
  const before = prefix.split("/").filter((step) => step !== "" && step !== ".");
  if (steps.includes("..") || before.some((step, index) => steps[index] !== step)) return undefined;
  return steps.slice(before.length);
}

function makeFolders(destination: string, steps: readonly string[]): boolean {
  mkdirSync(destination, { recursive: true });
  let path = destination;
  for (const step of steps) {
    path = join(path, step);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found) mkdirSync(path, { recursive: true, mode: 0o755 });
    else if (!found.isDirectory()) return false;
  }
  return true;
}

async function writeFile(path: string, mode: number, content: AsyncIterable<Uint8Array>): Promise<boolean> {
  let file: number;
  try {
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW, O_NONBLOCK } = constants;
    file = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK, 0o600);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ELOOP" || code === "EISDIR" || code === "ENXIO") return false;
    throw error;
  }
  try {
    if (!fstatSync(file).isFile()) return false;
    for await (const chunk of content) for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at);
  } finally {
    closeSync(file);
  }
  // Never more than the permissions of a plain file: no set-uid bits from a container.
  chmodSync(path, mode & 0o777);
  return true;
}
