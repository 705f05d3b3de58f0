import { request } from "node:http";
import { SpdySession } from "./session.js";

export interface DialOptions {
  /** `http://...`, as a container runtime's streaming server gives it. */
  readonly url: string;
  /** Protocols to be spoken over its streams, best first. */
  readonly protocols: readonly string[];
  readonly signal: AbortSignal;
}

export interface Dialled {
  readonly session: SpdySession;
  /** The protocol that the other side chose. */
  readonly protocol: string;
}

/** Asks a server for SPDY/3.1. Throws with what it answered instead; the signal ends the session. */
export function dialSpdy({ url, protocols, signal }: DialOptions): Promise<Dialled> {
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      method: "POST",
      headers: {
        connection: "Upgrade",
        upgrade: "SPDY/3.1",
        "x-stream-protocol-version": [...protocols],
        "content-length": "0",
      },
      agent: false,
      timeout: dialTimeoutMs,
      signal,
    });
    asked.once("error", reject);
    asked.once("timeout", () => asked.destroy(new Error(`no answer within ${dialTimeoutMs / 1000} s`)));
    asked.once("response", (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const done = (): void => {
        const text = Buffer.concat(chunks).toString().slice(0, answerMaxBytes).trim();
        response.destroy();
        reject(new Error(`refused with ${response.statusCode}: ${text}`));
      };
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > answerMaxBytes) done();
      });
      response.once("end", done);
      response.once("error", reject);
    });
    asked.once("upgrade", (response, socket, head) => {
      socket.setTimeout(0);
      const session = new SpdySession(socket, { role: "client", head });
      const end = (): void => session.destroy();
      signal.addEventListener("abort", end, { once: true });
      void session.closed.then(() => signal.removeEventListener("abort", end));
      const chosen = response.headers["x-stream-protocol-version"];
      resolve({ session, protocol: typeof chosen === "string" ? chosen : (protocols[0] ?? "") });
    });
    asked.end();
  });
}

const dialTimeoutMs = 30_000;
const answerMaxBytes = 4096;
