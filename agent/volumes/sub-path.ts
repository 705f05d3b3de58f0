import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  type Stats,
} from "node:fs";
import { join } from "node:path";
import { ConfigError } from "../pod/env.js";

/**
 * Where a subPath of a volume is, without links, made where it may be. Containers write into volumes while this runs, and
 * may put links there: one may lead elsewhere in the volume, as it may in Kubernetes, but never out of it, and what a
 * link takes the place of meanwhile is not walked through.
 */
export function subPathIn(volumeRoot: string, sub: string, make: boolean): string {
  const parts = sub.split("/").filter((part) => part !== "" && part !== ".");
  if (sub.startsWith("/") || parts.includes("..")) throw outside(sub);
  const root = realpathSync(volumeRoot);
  const real = resolveWithin(root, parts, sub);
  walk(root, real === root ? [] : real.slice(root.length + 1).split("/"), make);
  return real;
}

/** Links resolved as far as the way exists. */
function resolveWithin(root: string, parts: readonly string[], sub: string): string {
  for (let known = parts.length; ; known--) {
    const path = join(root, ...parts.slice(0, known));
    if (known > 0 && !lstatSync(path, { throwIfNoEntry: false })) continue;
    const real = realpathSync(path);
    if (real !== root && !real.startsWith(`${root}/`)) throw outside(sub);
    return join(real, ...parts.slice(known));
  }
}

/** Each step is taken from the directory that was opened before, through no link. */
function walk(root: string, parts: readonly string[], make: boolean): void {
  const directory = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  let at = openSync(root, directory);
  const mode = fstatSync(at).mode & 0o7777;
  try {
    for (const [index, part] of parts.entries()) {
      const path = `/proc/self/fd/${at}/${part}`;
      const found = lstatSync(path, { throwIfNoEntry: false });
      const isNew = !found && make;
      if (isNew) mkdirSync(path, { mode: 0o700 });
      else if (index === parts.length - 1 && found && !found.isDirectory() && !found.isSymbolicLink()) return;
      const next = openSync(path, directory);
      // Whoever may write into the volume may write here, unless he has put another directory in its place.
      if (isNew && isOurs(fstatSync(next))) fchmodSync(next, mode);
      closeSync(at);
      at = next;
    }
  } finally {
    closeSync(at);
  }
}

const isOurs = ({ uid, mode }: Stats): boolean => uid === process.getuid?.() && (mode & 0o777) === 0o700;

const outside = (sub: string): ConfigError =>
  new ConfigError(`subPath ${JSON.stringify(sub)} must stay inside the volume`);
