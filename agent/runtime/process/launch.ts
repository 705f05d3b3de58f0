import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { bootId, type ProcessIdentity } from "../proc.js";
import { type ContainerConfig, type ExecOptions, RuntimeError } from "../runtime.js";
import type { StoredContainer } from "./container-files.js";
import type { ExecPlan } from "./exec.js";
import { findProgram, type ImageEntry, imageId } from "./images.js";
import { type MountPlan, mountLines, needsRoot } from "./mounts.js";
import type { Namespaces } from "./namespaces.js";
import { checkWorkingDir, notInPath, programAt } from "./program.js";
import type { StoredSandbox } from "./sandbox-store.js";
import { quote, type RunOptions } from "./supervisor.js";
import { inTerminal, noTerminals, type Terminals, terminalType } from "./terminal.js";

export interface LaunchContext {
  readonly dir: string;
  readonly hostname: string;
  readonly namespaces: Namespaces | undefined;
  readonly terminals: Terminals | undefined;
  /** Paths that it does not see; what is in `kept` stays where it is. */
  readonly hidden: readonly string[];
  readonly kept: MountPlan["kept"];
}

/** What is kept of a container that is to be run like this. */
export function storedContainer(
  config: ContainerConfig,
  made: {
    readonly id: string;
    readonly sandbox: StoredSandbox;
    readonly createdAtMs: number;
    readonly argv: readonly string[];
    readonly env: ReadonlyMap<string, string>;
    readonly workingDir: string;
    readonly hasNamespaces: boolean;
    /** The program, where the host has it. */
    readonly setpriv: string | undefined;
  },
): StoredContainer {
  const { id, sandbox, createdAtMs, argv, env, workingDir, hasNamespaces, setpriv } = made;
  const { name, attempt, image, annotations } = config;
  return {
    record: {
      ...{ id, sandboxId: sandbox.id, pod: sandbox.pod, name, attempt, createdAtMs, image, annotations },
      imageId: imageId(image),
    },
    ...{ bootId: bootId(), namespaces: hasNamespaces },
    ...(sandbox.hostPid ? { hostPid: true } : {}),
    argv,
    prefix: config.noNewPrivileges && setpriv ? [setpriv, "--no-new-privs"] : [],
    env: [...env],
    mounts: hasNamespaces ? config.mounts : [],
    ...(config.tty ? { terminal: true } : {}),
    ...(config.stdin ? { input: config.stdinOnce ? ("once" as const) : ("open" as const) } : {}),
    workingDir,
  };
}

/** How to start a container: finds its program and prepares its namespaces. Throws with what is missing, as runtimes word it. */
export function launchOf(
  stored: StoredContainer,
  { dir, hostname, namespaces, terminals, hidden, kept }: LaunchContext,
): Omit<RunOptions, "dir"> {
  const env = new Map([...(stored.terminal ? [["TERM", terminalType] as const] : []), ...stored.env]);
  const { workingDir } = stored;
  const surroundings = { path: env.get("PATH") ?? "", workingDir, mounts: namespaces ? stored.mounts : [] };
  checkWorkingDir(surroundings);
  const [program = "", ...args] = stored.argv;
  const argv = [...(stored.prefix ?? []), programAt(program, surroundings), ...args];
  const terminal = stored.terminal && terminals ? (lines: string) => inTerminal(terminals, lines) : undefined;
  const base = { workingDir, env, argv, ...(terminal ? { terminal } : {}) };
  if (!namespaces) return base;
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
  const words = stored.hostPid ? namespaces.enterWithHostPid : namespaces.enter;
  return { ...base, enter: { words, setup: [...setup, ...pivot], become: namespaces.become } };
}

/** How to run another program beside a container's own. */
export function execOf(
  stored: StoredContainer,
  { command, tty }: Pick<ExecOptions, "command" | "tty">,
  { outer, inner }: { readonly outer: ProcessIdentity | undefined; readonly inner: ProcessIdentity | undefined },
  { namespaces, terminals }: Pick<LaunchContext, "namespaces" | "terminals">,
): ExecPlan {
  if (tty && !terminals) throw new RuntimeError("NotSupported", noTerminals);
  const env = new Map(stored.env);
  const [name = "", ...args] = command;
  const wrap = (words: readonly string[]): readonly string[] =>
    tty && terminals ? behindTerminal(words, env, terminals) : words;
  const withTerminal = tty ? new Map([["TERM", terminalType], ...env, ["SHELL", "/bin/sh"]]) : env;
  if (!stored.namespaces) {
    const program = findProgram(name, env.get("PATH") ?? "");
    if (program === undefined) throw new RuntimeError("NotFound", notInPath(name));
    const argv = wrap([...(stored.prefix ?? []), program, ...args]);
    return { argv, env: withTerminal, workingDir: stored.workingDir };
  }
  if (!outer || !inner || !namespaces)
    throw new RuntimeError("NotRunning", "the container's namespaces cannot be entered");
  // The shell is found by its path; it finds the program as the container would, and says so when it does not.
  const script =
    'cd "$1" || exit 126; shift; command -v "$1" >/dev/null || { echo "exec: \\"$1\\": executable file not found in \\$PATH" >&2; exit 127; }; exec "$@"';
  const words = [...(stored.prefix ?? []), "/bin/sh", "-c", script, "sh", stored.workingDir, name, ...args];
  return {
    argv: [...namespaces.join(outer.pid, stored.hostPid ? undefined : inner.pid), ...namespaces.become, ...wrap(words)],
    env: withTerminal,
    workingDir: "/",
  };
}

/** What makes terminals needs a shell by its name; the program sees the variable as it was. */
function behindTerminal(
  words: readonly string[],
  env: ReadonlyMap<string, string>,
  terminals: Terminals,
): readonly string[] {
  const shell = env.get("SHELL");
  const restore = shell === undefined ? "unset SHELL" : `SHELL=${quote(shell)}`;
  return inTerminal(terminals, `${restore}; exec ${words.map(quote).join(" ")}`);
}

/** The manifest's words win; its command makes the image's own arguments void, as in Kubernetes. */
export function argvOf({ command, args }: ContainerConfig, entry: ImageEntry | undefined): readonly string[] {
  const program = command.length > 0 ? command : (entry?.command ?? []);
  return [...program, ...(args.length > 0 || command.length > 0 ? args : (entry?.args ?? []))];
}

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
