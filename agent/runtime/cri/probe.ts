import { accessSync, constants, existsSync, statSync } from "node:fs";
import type { Clock } from "../../../base/clock.js";
import { messageOf } from "../../../base/error-text.js";
import { RuntimeService } from "./service.js";

export const defaultSocket = "/run/containerd/containerd.sock";

export type Found =
  | { readonly ok: true; readonly name: string; readonly version: string }
  | { readonly ok: false; readonly why: string };

/** Whether a runtime that can run containers answers at this socket, and if not, why. */
export async function probeRuntime(socket: string, clock: Clock): Promise<Found> {
  const refused = socketProblem(socket);
  if (refused !== undefined) return { ok: false, why: refused };
  const service = new RuntimeService(socket, clock);
  try {
    const conditions = await service.conditions();
    const failed = conditions.find(({ type, status }) => type === "RuntimeReady" && !status);
    if (failed) return { ok: false, why: failed.message };
    return { ok: true, name: service.name, version: service.version };
  } finally {
    service.close();
  }
}

/** What can be told without waiting for anybody. */
export function socketProblem(socket: string): string | undefined {
  if (!existsSync(socket)) return `there is no socket ${socket}`;
  if (!statSync(socket).isSocket()) return `${socket} is not a socket`;
  try {
    accessSync(socket, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
