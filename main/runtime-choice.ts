import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../base/clock.js";
import { UserError } from "./user-error.js";

export type RuntimeChoice = "auto" | "cri" | "process" | "simulated";

/** Which runtime the nodes get, and one line that says why. */
export interface ChosenRuntime {
  readonly runtime: "cri" | "process" | "simulated";
  /** Of the CRI runtime. */
  readonly socket?: string;
  readonly why: string;
}

export interface RuntimeFlags {
  readonly runtime: RuntimeChoice;
  /** `/run/x.sock` or `unix:///run/x.sock`. */
  readonly criSocket?: string;
  readonly containerRuntimeEndpoint?: string;
}

/**
 * `dataDir` remembers what was chosen there: pods and their addresses are of one runtime, and a containerd that does not
 * answer just now must not turn its node into another.
 */
export async function chooseRuntime(flags: RuntimeFlags, dataDir: string, clock: Clock): Promise<ChosenRuntime> {
  const before = flags.runtime === "auto" ? remembered(dataDir) : undefined;
  const chosen = await choose(before === undefined ? flags : asBefore(flags, before), clock);
  if (before === undefined) return chosen;
  return { ...chosen, why: chosen.why.replace("(as asked)", `(as before in ${dataDir})`) };
}

/** A socket that is named now goes before the one of then. */
function asBefore(flags: RuntimeFlags, { runtime, socket }: Pick<ChosenRuntime, "runtime" | "socket">): RuntimeFlags {
  const isNamed = flags.criSocket !== undefined || flags.containerRuntimeEndpoint !== undefined;
  return { ...flags, runtime, ...(isNamed || socket === undefined ? {} : { criSocket: socket }) };
}

/** Noted once the cluster has started there, for `chooseRuntime` to find. */
export function rememberRuntime({ runtime, socket }: ChosenRuntime, dataDir: string): void {
  writeFileSync(join(dataDir, runtimeFile), `${[runtime, socket ?? ""].join(" ").trim()}\n`, { mode: 0o600 });
}

function remembered(dataDir: string): Pick<ChosenRuntime, "runtime" | "socket"> | undefined {
  const file = join(dataDir, runtimeFile);
  const [runtime, ...rest] = existsSync(file) ? readFileSync(file, "utf8").trim().split(" ") : [];
  const socket = rest.join(" ");
  if (runtime === "cri") return socket === "" ? { runtime } : { runtime, socket };
  return runtime === "process" ? { runtime } : undefined;
}

const runtimeFile = "runtime";

async function choose(flags: RuntimeFlags, clock: Clock): Promise<ChosenRuntime> {
  const { runtime: choice } = flags;
  const named = flags.criSocket ?? flags.containerRuntimeEndpoint;
  if (named !== undefined && (choice === "process" || choice === "simulated"))
    throw new UserError(`a socket of a container runtime goes with --runtime cri or auto, not ${choice}`);
  if (choice === "simulated")
    return { runtime: "simulated", why: "runtime simulated: pods are state machines, no program runs" };
  if (choice === "process") return processes("as asked");
  const { defaultSocket, probeRuntime, socketProblem } = await import("../agent/runtime/cri/probe.js");
  const socket = named === undefined ? defaultSocket : pathOf(named);
  const problem =
    process.platform !== "linux"
      ? "containers need Linux"
      : process.getuid?.() !== 0
        ? "containers need root"
        : undefined;
  if (choice === "cri") {
    if (problem !== undefined) throw new UserError(`--runtime cri: ${problem}`);
    const missing = socketProblem(socket);
    const waits = missing === undefined ? "" : `; ${missing}: the node is ready once it answers`;
    const why = `runtime cri (as asked): pods are containers of the runtime at ${socket}${waits}`;
    return { runtime: "cri", socket, why };
  }
  if (problem !== undefined) return processes(problem);
  const found = await probeRuntime(socket, clock);
  if (!found.ok) return processes(found.why);
  const { name, version } = found;
  return { runtime: "cri", socket, why: `runtime cri: pods are containers of ${name} ${version} at ${socket}` };
}

const processes = (because: string): ChosenRuntime => ({
  runtime: "process",
  why: `runtime process (${because}): pods are plain processes of this machine and no sandbox; whoever may create pods runs programs as you`,
});

function pathOf(endpoint: string): string {
  const path = endpoint.replace(/^unix:\/\//, "");
  if (!path.startsWith("/"))
    throw new UserError(`the container runtime's socket must be an absolute path or unix:///path, not ${endpoint}`);
  return path;
}
