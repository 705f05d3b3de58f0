import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { VolumeFiles } from "./plugin.js";

/**
 * Writes a set of files so that a reader sees all of the old or all of the new: they lie in a directory of their own,
 * `..data` points to it and is exchanged by a rename, and the visible names point through `..data`. True when something
 * changed.
 */
export function writeAtomically(dir: string, files: VolumeFiles, version: string): boolean {
  for (const path of files.keys())
    if (!isSafe(path)) throw new Error(`not a path below the volume: ${JSON.stringify(path)}`);
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  const link = join(dir, "..data");
  const old = existsSync(link) ? readlinkSync(link) : undefined;
  if (old !== undefined && isSame(join(dir, old), files)) return false;
  const name = `..${version}`;
  for (const [path, { content, mode, uid = -1, gid = -1 }] of files) {
    const target = join(dir, name, path);
    mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
    writeFileSync(target, content, { mode: 0o600 });
    if (uid !== -1 || gid !== -1) chownSync(target, uid, gid);
    chmodSync(target, mode);
  }
  mkdirSync(join(dir, name), { recursive: true, mode: 0o755 });
  rmSync(join(dir, "..data_tmp"), { force: true });
  symlinkSync(name, join(dir, "..data_tmp"));
  renameSync(join(dir, "..data_tmp"), link);
  exposeNames(dir, new Set([...files.keys()].map(firstPart)));
  for (const left of readdirSync(dir))
    if (left.startsWith("..") && left !== "..data" && left !== name)
      rmSync(join(dir, left), { recursive: true, force: true });
  return true;
}

function exposeNames(dir: string, wanted: ReadonlySet<string>): void {
  for (const name of readdirSync(dir))
    if (!name.startsWith("..") && !wanted.has(name)) rmSync(join(dir, name), { recursive: true, force: true });
  for (const name of wanted)
    if (!lstatSync(join(dir, name), { throwIfNoEntry: false })) symlinkSync(join("..data", name), join(dir, name));
}

function isSame(dir: string, files: VolumeFiles): boolean {
  const found = filesBelow(dir, "");
  if (found.length !== files.size) return false;
  return found.every((path) => {
    const file = files.get(path);
    return (
      file !== undefined &&
      (statSync(join(dir, path)).mode & 0o7777) === file.mode &&
      readFileSync(join(dir, path)).equals(file.content)
    );
  });
}

function filesBelow(dir: string, prefix: string): string[] {
  if (!existsSync(join(dir, prefix))) return [];
  return readdirSync(join(dir, prefix), { withFileTypes: true }).flatMap((entry) => {
    const path = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(dir, path) : [path];
  });
}

/** Names never leave the volume, and none is one of the writer's own. */
const isSafe = (path: string): boolean =>
  path !== "" &&
  !path.includes("\0") &&
  !path.startsWith("/") &&
  !path.startsWith("..") &&
  path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
const firstPart = (path: string): string => path.split("/")[0] ?? path;
