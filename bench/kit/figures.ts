import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";

/** One line about the machine, and how busy others keep it. */
export const machine = (): string =>
  `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}, Node.js ${process.version}, load ${loadavg()[0]?.toFixed(1)}`;

export const sorted = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b);

export const percentile = (values: readonly number[], share: number): number => {
  const rising = sorted(values);
  return rising[Math.min(rising.length - 1, Math.floor(rising.length * share))] ?? 0;
};

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** `median (lowest to highest)`. */
export const spread = (values: readonly number[], unit: string, digits = 0): string =>
  `${median(values).toFixed(digits)} ${unit} (${percentile(values, 0).toFixed(digits)} to ${percentile(values, 1).toFixed(digits)})`;

export const ms = (value: number): string => `${value.toFixed(1)} ms`;

/** Resident memory of a process. */
export function residentMb(pid: number): number {
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kb) / 1024;
}

/** Processor time that a process has used, user and system. */
export const cpuMs = (pid: number): number => timesIn(`/proc/${pid}/stat`);

/** The same of its main thread, where all JavaScript runs: 1000 ms a second is all that there is. */
export const mainThreadMs = (pid: number): number => timesIn(`/proc/${pid}/task/${pid}/stat`);

function timesIn(path: string): number {
  const stat = readFileSync(path, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

/** USER_HZ is 100 on every Linux that Node.js runs on. */
const tickMs = 10;

export const sleep = (forMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, forMs));

/** The number that follows `--name` among the arguments. */
export function numberOf(args: readonly string[], name: string, otherwise: number): number {
  const at = args.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(args[at + 1]);
}
