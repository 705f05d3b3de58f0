import { networkInterfaces } from "node:os";
import { openProcessRuntime } from "../agent/runtime/process/process.js";
import type { Runtime } from "../agent/runtime/runtime.js";
import type { Surroundings } from "./api-server.js";
import type { ChosenRuntime } from "./runtime-choice.js";

export interface RealRuntimeOptions extends Surroundings {
  readonly chosen: ChosenRuntime;
  /** The node's own directory. */
  readonly dir: string;
  /** Where images.yaml lies, for processes. */
  readonly imagesDir: string;
  readonly hide: readonly string[];
  readonly allowHostAccess: boolean;
}

/** A runtime whose programs really run, and the node's address where it is not one of the runtime's range. */
export async function openRealRuntime(
  options: RealRuntimeOptions,
): Promise<{ readonly runtime: Runtime; readonly nodeIP?: string }> {
  const { chosen, dir, imagesDir, hide, allowHostAccess, clock, random, log } = options;
  if (chosen.runtime === "cri" && chosen.socket !== undefined) {
    const { openCriRuntime } = await import("../agent/runtime/cri/cri.js");
    return { runtime: await openCriRuntime({ socket: chosen.socket, dir, clock, log }), nodeIP: hostAddress() };
  }
  return { runtime: await openProcessRuntime({ dir, imagesDir, clock, random, log, hide, allowHostAccess }) };
}

/** The first of the machine's addresses that others can reach; loopback where there is none. */
export function hostAddress(interfaces = networkInterfaces()): string {
  const all = Object.values(interfaces).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.1";
}
