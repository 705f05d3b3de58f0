import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Listener } from "./runtime.js";

/** What the kernel's /proc says of processes. A process is known by pid and start time, since pids come again. */

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot, field 22 of /proc/PID/stat. */
  readonly startTicks: string;
}

/** From a line of /proc/PID/stat; the command's name, in brackets, may hold anything. */
export function identityOf(statLine: string): ProcessIdentity | undefined {
  const pid = Number.parseInt(statLine, 10);
  const startTicks = statLine.slice(statLine.lastIndexOf(")") + 2).split(" ")[19];
  return Number.isInteger(pid) && startTicks ? { pid, startTicks } : undefined;
}

/** Changes with every boot of the host: identities of another boot are dead. */
export const bootId = (): string => readText("/proc/sys/kernel/random/boot_id")?.trim() ?? "";

export function isAlive({ pid, startTicks }: ProcessIdentity): boolean {
  const line = readText(`/proc/${pid}/stat`);
  if (line === undefined || identityOf(line)?.startTicks !== startTicks) return false;
  const state = line.charAt(line.lastIndexOf(")") + 2);
  return state !== "Z" && state !== "X";
}

/** One letter as in /proc/PID/stat, `T` for stopped; undefined: gone. */
export function stateOf(pid: number): string | undefined {
  const line = readText(`/proc/${pid}/stat`);
  return line?.charAt(line.lastIndexOf(")") + 2);
}

/** How long ago a process began; undefined: it is not there. */
export function startedAgoMs(pid: number): number | undefined {
  const uptimeMs = Number.parseFloat(readText("/proc/uptime") ?? "") * 1000;
  const ticks = lookUp(pid)?.startTicks;
  return ticks === undefined || Number.isNaN(uptimeMs) ? undefined : uptimeMs - Number(ticks) * tickMs;
}

/** The kernel tells of 100 ticks a second, whatever it counts itself. */
const tickMs = 10;

/** Sends the signal unless the pid belongs to another process by now. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** The identity of a running process, or undefined. */
export function lookUp(pid: number): ProcessIdentity | undefined {
  const line = readText(`/proc/${pid}/stat`);
  return line === undefined ? undefined : identityOf(line);
}

/** Processes whose environment holds this entry (`NAME=value`). Ones that wiped their environment are not found. */
export const withEnvironment = (entry: string): ProcessIdentity[] =>
  withEnvironments(new Set([entry]), allPids()).map(({ identity }) => identity);

/** The same for several entries, among these processes. */
export function withEnvironments(
  wanted: { has(entry: string): boolean },
  pids: readonly number[],
): { readonly entry: string; readonly identity: ProcessIdentity }[] {
  return pids.flatMap((pid) => {
    const entries = (readText(`/proc/${pid}/environ`) ?? "").split("\0").filter((entry) => wanted.has(entry));
    const identity = entries.length > 0 ? lookUp(pid) : undefined;
    return identity && isAlive(identity) ? entries.map((entry) => ({ entry, identity })) : [];
  });
}

export function allPids(): number[] {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

/** The first child of a process, for reaching through a launcher that stays in between. */
export function firstChild(pid: number): ProcessIdentity | undefined {
  const children = readText(`/proc/${pid}/task/${pid}/children`);
  const child = Number.parseInt(children ?? "", 10);
  return Number.isInteger(child) ? lookUp(child) : undefined;
}

/** Processes of the session that this one leads, itself included. */
export function sessionOf({ pid }: ProcessIdentity): ProcessIdentity[] {
  return allPids().flatMap((each) => {
    const line = readText(`/proc/${each}/stat`);
    const identity = line === undefined ? undefined : identityOf(line);
    return line && identity && Number(line.slice(line.lastIndexOf(")") + 2).split(" ")[3]) === pid ? [identity] : [];
  });
}

/** Every descendant of a process that is alive now. */
export function descendants(pid: number): ProcessIdentity[] {
  const children = (readText(`/proc/${pid}/task/${pid}/children`) ?? "").trim();
  if (children === "") return [];
  return children.split(" ").flatMap((child) => {
    const identity = lookUp(Number(child));
    return identity ? [identity, ...descendants(identity.pid)] : [];
  });
}

/** A process, where there is one, and its descendants. */
export const familyOf = (main: ProcessIdentity | undefined): readonly ProcessIdentity[] =>
  main ? [main, ...descendants(main.pid)] : [];

/** Inodes of the sockets that this process has open. */
export function socketInodes(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const target = linkOf(`/proc/${pid}/fd/${fd}`);
      return target?.startsWith("socket:[") ? [target.slice(8, -1)] : [];
    });
  } catch {
    return [];
  }
}

/** Listening (TCP) or bound (UDP) sockets of the host, as one of /proc/net's tables tells them. */
export function socketRows(file: string, protocol: "TCP" | "UDP"): (Listener & { readonly inode: string })[] {
  return (readText(file) ?? "")
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      const [address = "", port = ""] = (fields[1] ?? "").split(":");
      if (address === "" || (protocol === "TCP" && fields[3] !== tcpListen)) return [];
      return [{ address: addressOf(address), port: Number.parseInt(port, 16), protocol, inode: fields[9] ?? "" }];
    });
}

const tcpListen = "0A";

/** The kernel writes addresses as host-order words in hexadecimal. */
function addressOf(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const last = words.at(-1) ?? "";
  const ipv4 = (last.match(/../g) ?? [])
    .toReversed()
    .map((byte) => Number.parseInt(byte, 16))
    .join(".");
  if (words.length === 1) return ipv4;
  return words.slice(0, 3).join("") === "0000000000000000FFFF0000" ? ipv4 : "::";
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
