import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type ContainerConfig, RuntimeError } from "../runtime.js";
import type { StoredContainer } from "./container.js";
import type { ExecPlan } from "./exec.js";
import { findProgram, type ImageEntry } from "./images.js";
import { type MountPlan, mountLines, needsRoot } from "./mounts.js";
import type { Namespaces } from "./namespaces.js";
import type { ProcessIdentity } from "./proc.js";
import type { StoredSandbox } from "./sandbox-store.js";
import { quote, type RunOptions } from "./supervisor.js";

export interface LaunchContext {
  readonly dir: string;
  readonly hostname: string;
  readonly namespaces: Namespaces | undefined;
  /** Paths that it does not see; what is in `kept` stays where it is. */
  readonly hidden: readonly string[];
  readonly kept: MountPlan["kept"];
}

/** How to start a container: finds its program and prepares its namespaces. Throws with what is missing, as runtimes word it. */
export function launchOf(
  stored: StoredContainer,
  { dir, hostname, namespaces, hidden, kept }: LaunchContext,
): Omit<RunOptions, "dir"> {
  const env = new Map(stored.env);
  const argv = [...(stored.prefix ?? []), programOf(stored.argv[0] ?? "", env), ...stored.argv.slice(1)];
  const base = { workingDir: stored.workingDir, env, argv };
  if (!namespaces) {
    if (!statSync(stored.workingDir, { throwIfNoEntry: false })?.isDirectory())
      throw new Error(
        `chdir to cwd (${JSON.stringify(stored.workingDir)}) set in config failed: no such file or directory`,
      );
    return base;
  }
  const root = join(dir, "root");
  const stage = join(dir, "stage");
  for (const path of [root, stage]) mkdirSync(path, { recursive: true, mode: 0o700 });
  const setup = mountLines({
    mounts: stored.mounts,
    root,
    stage,
    kept,
    hidden,
    hostname: namespaces.hostname === undefined ? undefined : { program: namespaces.hostname, name: hostname },
  });
  const pivot = needsRoot(stored.mounts)
    ? [`cd ${quote(root)}`, `${quote(namespaces.pivotRoot)} . .`, "umount -l .", "cd /"]
    : [];
  return { ...base, enter: { words: namespaces.enter, setup: [...setup, ...pivot], become: namespaces.become } };
}

/** How to run another program beside a container's own. */
export function execOf(
  stored: StoredContainer,
  command: readonly string[],
  { outer, inner }: { readonly outer: ProcessIdentity | undefined; readonly inner: ProcessIdentity | undefined },
  namespaces: Namespaces | undefined,
): ExecPlan {
  const env = new Map(stored.env);
  const [name = "", ...args] = command;
  if (!stored.namespaces) {
    const program = findProgram(name, env.get("PATH") ?? "");
    if (program === undefined) throw new RuntimeError("NotFound", notFound(name));
    return { argv: [...(stored.prefix ?? []), program, ...args], env, workingDir: stored.workingDir };
  }
  if (!outer || !inner || !namespaces)
    throw new RuntimeError("NotRunning", "the container's namespaces cannot be entered");
  // The shell is found by its path; it finds the program as the container would, and says so when it does not.
  const script =
    'cd "$1" || exit 126; shift; command -v "$1" >/dev/null || { echo "exec: \\"$1\\": executable file not found in \\$PATH" >&2; exit 127; }; exec "$@"';
  return {
    argv: [
      ...namespaces.join(outer.pid, inner.pid),
      ...namespaces.become,
      ...(stored.prefix ?? []),
      "/bin/sh",
      "-c",
      script,
      "sh",
      stored.workingDir,
      name,
      ...args,
    ],
    env,
    workingDir: "/",
  };
}

function programOf(name: string, env: ReadonlyMap<string, string>): string {
  const program = findProgram(name, env.get("PATH") ?? "");
  if (program !== undefined) return program;
  throw new Error(
    name.includes("/") ? `exec: ${JSON.stringify(name)}: stat ${name}: no such file or directory` : notFound(name),
  );
}

const notFound = (name: string): string => `exec: ${JSON.stringify(name)}: executable file not found in $PATH`;

/** A container inherits nothing of the agent's environment but the PATH. */
export function environmentOf(
  id: string,
  sandbox: StoredSandbox,
  home: string,
  config: ContainerConfig,
  entry: ImageEntry | undefined,
): ReadonlyMap<string, string> {
  return new Map([
    ["PATH", process.env.PATH ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    ["HOME", home],
    ["HOSTNAME", sandbox.hostname],
    ["POD_IP", sandbox.ip],
    ...[...(entry?.env ?? []), ...config.env].map(({ name, value }) => [name, value] as const),
    ["NAVARCH_SANDBOX_ID", sandbox.id],
    ["NAVARCH_CONTAINER_ID", id],
  ]);
}

/** Entry of the environment by which all processes of a sandbox are found. */
export const sandboxMark = (id: string): string => `NAVARCH_SANDBOX_ID=${id}`;
