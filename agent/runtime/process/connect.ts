import { connect, type Socket } from "node:net";
import { dialError } from "../../dial-error.js";

/** A connection that either side may half-close. Rejects as the system words it. */
export function connectTo(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true, timeout: connectTimeoutMs });
    const abort = (): void => fail(new Error("the caller is gone"));
    const fail = (error: Error): void => {
      signal.removeEventListener("abort", abort);
      socket.destroy();
      reject(error);
    };
    socket.once("timeout", () =>
      fail(new Error(`dial tcp ${host}:${port}: no answer within ${connectTimeoutMs / 1000} s`)),
    );
    const refused = (error: NodeJS.ErrnoException): void => fail(new Error(dialError(host, port, error)));
    socket.once("error", refused);
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.removeAllListeners("timeout");
      socket.off("error", refused);
      socket.on("error", () => {}); // whoever reads it sees its end
      resolve(socket);
    });
    socket.once("close", () => signal.removeEventListener("abort", abort));
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
  });
}

const connectTimeoutMs = 10_000;
