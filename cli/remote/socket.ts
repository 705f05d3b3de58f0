import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { statusErrorOf } from "../../client/https-transport.js";
import type { Session } from "../session.js";

/** A WebSocket to the server, with the credentials of the session; it is cut when the session is interrupted. */
export async function openSocket(session: Session, path: string, protocols: readonly string[]): Promise<WebSocket> {
  const { server, tls, token, impersonation } = await session.connection();
  const socket = new WebSocket(server.replace(/^http/, "ws") + path, [...protocols], {
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
    rejectUnauthorized: !tls.insecureSkipVerify,
    headers: { ...impersonation, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    perMessageDeflate: false,
  });
  const abort = (): void => socket.terminate();
  session.io.signal?.addEventListener("abort", abort, { once: true });
  socket.once("close", () => session.io.signal?.removeEventListener("abort", abort));
  return socket;
}

const refusalMaxBytes = 64 * 1024;

/** What the server answered instead of a connection. */
export async function refusalOf(response: IncomingMessage): Promise<Error> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > refusalMaxBytes) break;
  }
  const text = Buffer.concat(chunks).toString("utf8");
  // What an agent refuses comes in its own words.
  return response.headers["content-type"]?.startsWith("text/plain")
    ? new Error(`unable to upgrade connection: ${text.trim()}`)
    : statusErrorOf({ status: response.statusCode ?? 500 }, text);
}
