import { existsSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Paths that containers must not see, as far as they are there now: keys, other pods, and what the node's owner names. */
export function hiddenPaths({
  dir,
  hide = [],
}: {
  readonly dir: string;
  readonly hide?: readonly string[];
}): readonly string[] {
  const own = [join(homedir(), ".ssh"), join(homedir(), ".kube"), join(dir, "sandboxes"), join(dir, "containers")];
  return [...own, ...hide].filter((path) => existsSync(path)).map((path) => realpathSync(path));
}
