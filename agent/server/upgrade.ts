import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { HttpProblem } from "./problem.js";

/** A connection whose caller asks to speak something else than HTTP. */
export interface Upgrading {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** The same, and what it asks for: the segments after the service's name. */
export interface Upgrade extends Upgrading {
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

/** Agrees to SPDY/3.1 and to one of these protocols over it. Throws HttpProblem where the caller offers none. */
export function acceptSpdyUpgrade<const P extends string>({ request, socket }: Upgrading, known: readonly P[]): P {
  const offered = String(request.headers["x-stream-protocol-version"] ?? "").split(",");
  const names = offered.map((name) => name.trim());
  const protocol = known.find((name) => names.includes(name));
  if (protocol === undefined)
    throw new HttpProblem(
      403,
      `unable to upgrade: unable to negotiate protocol: client supports [${names.join(" ")}], server accepts [${known.join(" ")}]`,
    );
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  );
  return protocol;
}

/** The caller asks for SPDY/3.1. */
export const asksForSpdy = ({ request }: Upgrading): boolean => request.headers.upgrade?.toLowerCase() === "spdy/3.1";

/** Answers and closes: whatever comes after on this connection is read by nobody. */
export function refuseUpgrade(socket: Duplex, error: unknown): void {
  const { code, message } =
    error instanceof HttpProblem ? error : new HttpProblem(500, error instanceof Error ? error.message : String(error));
  const body = `${message}\n`;
  if (socket.destroyed) return;
  socket.end(
    `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? "Refused"}\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
