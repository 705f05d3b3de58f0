import { connect } from "node:net";
import type { TCPSocketAction } from "../../api/core/pod/probe.js";
import { dialError } from "../dial-error.js";
import { answeredByOther, type ProbeContext, portOf } from "./probe.js";
import { failure, type ProbeResult, success } from "./result.js";

/** A connection to the pod; that it is accepted is success. */
export async function probeTcp(action: TCPSocketAction, context: ProbeContext): Promise<ProbeResult> {
  const host = action.host ?? context.podIP;
  if (host === undefined) return failure("the pod has no address yet");
  const port = portOf(action.port, context.container);
  const problem = await connectOnce(host, port, context);
  if (problem !== undefined) return failure(problem);
  if (await answeredByOther(host, port, context))
    return failure(`dial tcp ${host}:${port}: the port is another pod's: bind $POD_IP, not all addresses`);
  return success("");
}

function connectOnce(host: string, port: number, { clock, timeoutMs }: ProbeContext): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (problem: string | undefined): void => {
      timer?.cancel();
      socket.destroy();
      resolve(problem);
    };
    const timer = Number.isFinite(timeoutMs)
      ? clock.after(timeoutMs, () => end(`dial tcp ${host}:${port}: i/o timeout`))
      : undefined;
    socket.once("connect", () => end(undefined));
    socket.once("error", (error) => end(dialError(host, port, error)));
  });
}
