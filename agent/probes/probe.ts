import type { Container } from "../../api/core/pod/container.js";
import type { Probe } from "../../api/core/pod/probe.js";
import type { Clock } from "../../base/clock.js";
import { type ContainerRecord, type Listener, type Runtime, RuntimeError } from "../runtime/runtime.js";
import { probeExec } from "./exec.js";
import { probeGrpc } from "./grpc.js";
import { probeHttp } from "./http.js";
import { failure, type ProbeResult } from "./result.js";
import { probeTcp } from "./tcp.js";

export type ProbeAction = { readonly [K in "exec" | "httpGet" | "tcpSocket" | "grpc"]?: Probe[K] | undefined };

export interface ProbeContext {
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly run: ContainerRecord;
  readonly container: Container | undefined;
  readonly podIP: string | undefined;
  readonly timeoutMs: number;
  readonly kind?: "startup" | "liveness" | "readiness";
  /** A lifecycle hook: the same actions, but the answer's owner does not matter. */
  readonly isHook?: boolean;
}

/** Carries out one probe or hook action. Never throws. */
export interface ProbeRunner {
  run(action: ProbeAction, context: ProbeContext): Promise<ProbeResult>;
}

/** Probes as they are; a simulation brings its own. */
export const realProbes: ProbeRunner = {
  async run(action, context) {
    try {
      if (action.exec) return await probeExec(action.exec, context);
      if (action.httpGet) return await probeHttp(action.httpGet, context);
      if (action.tcpSocket) return await probeTcp(action.tcpSocket, context);
      if (action.grpc) return await probeGrpc(action.grpc, context);
      return failure("the probe has no action that this node knows");
    } catch (error) {
      if (error instanceof RuntimeError && error.reason === "Unavailable")
        return { outcome: "unknown", output: error.message };
      return failure(error instanceof Error ? error.message : String(error));
    }
  },
};

/** A port by number or by the name that the container gives it. */
export function portOf(port: number | string, container: Container | undefined): number {
  if (typeof port === "number") return port;
  const named = container?.ports?.find(({ name }) => name === port)?.containerPort;
  if (named !== undefined) return named;
  if (/^\d+$/.test(port)) return Number(port);
  throw new Error(`couldn't find port: ${JSON.stringify(port)}`);
}

/** Where the sandboxes share the host's network, another pod's socket must not answer for this one. */
export async function answeredByOther(
  address: string,
  port: number,
  { runtime, run, podIP, isHook }: ProbeContext,
): Promise<boolean> {
  if (isHook || !runtime.features.sharesHostNetwork || address !== podIP) return false;
  // A fresh look costs milliseconds: it is taken only where the last one does not show the pod's own socket.
  for (const fresh of [false, true]) {
    const listeners = await runtime.listeners(run.sandboxId, fresh);
    if (!listeners || listeners.some((listener) => isAt(listener, address, port))) return false;
  }
  return true;
}

const isAt = (listener: Listener, address: string, port: number): boolean =>
  listener.protocol === "TCP" &&
  listener.port === port &&
  (listener.address === address || listener.address === "0.0.0.0" || listener.address === "::");
