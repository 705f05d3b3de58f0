import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import type { Duplex } from "node:stream";
import { SpdySession } from "../../base/spdy/session.js";
import { ConnectionError } from "../../client/client.js";
import { sendable } from "../../client/http-connection.js";
import type { Session } from "../session.js";
import { refusalOf } from "./socket.js";

/** Connections to the ports of one pod, each a pair of streams in one tunnel. */
export interface Tunnel {
  /** Answers the connection; what goes wrong at the other end is told to `onError`. */
  connect(port: number, onError: (text: string) => void): Promise<Duplex>;
  close(): void;
  readonly closed: Promise<void>;
}

const protocol = "portforward.k8s.io";
const errorMaxBytes = 64 * 1024;

export async function openTunnel(session: Session, path: string): Promise<Tunnel> {
  const { socket, head } = await upgraded(session, path);
  const abort = (): void => void socket.destroy();
  session.io.signal?.addEventListener("abort", abort, { once: true });
  const spdy = new SpdySession(socket, { role: "client", head });
  let requests = 0;
  return {
    async connect(port, onError) {
      const common = [
        ["port", String(port)],
        ["requestid", String(requests++)],
      ] as const;
      const errors = await spdy.open(new Map([...common, ["streamtype", "error"]]));
      errors.duplex.end();
      void textOf(errors.duplex).then((text) => {
        if (text !== "") onError(text);
      });
      const { duplex } = await spdy.open(new Map([...common, ["streamtype", "data"]]));
      return duplex;
    },
    close() {
      session.io.signal?.removeEventListener("abort", abort);
      spdy.destroy();
    },
    closed: spdy.closed,
  };
}

async function upgraded(session: Session, path: string): Promise<{ readonly socket: Duplex; readonly head: Buffer }> {
  const { server, tls, token, impersonation } = await session.connection();
  const { hostname, port } = new URL(server);
  return new Promise((resolve, reject) => {
    const asked = request({
      host: hostname.replace(/^\[|\]$/g, ""),
      port: port === "" ? 443 : port,
      path,
      method: "POST",
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
      ...(tls.key === undefined ? {} : { key: tls.key }),
      ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
      rejectUnauthorized: !tls.insecureSkipVerify,
      agent: false,
      headers: {
        ...sendable(impersonation),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        connection: "Upgrade",
        upgrade: "SPDY/3.1",
        "x-stream-protocol-version": protocol,
      },
      ...(session.io.signal ? { signal: session.io.signal } : {}),
    });
    asked.once("upgrade", (_, socket, head) => resolve({ socket, head }));
    asked.once("response", (response: IncomingMessage) => void refusalOf(response).then(reject, reject));
    asked.once("error", (error) => reject(new ConnectionError(error.message, { cause: error })));
    asked.end();
  });
}

async function textOf(stream: Duplex): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length > errorMaxBytes) break;
    }
  } catch {
    // The tunnel is gone, which is told elsewhere.
  }
  return Buffer.concat(chunks).toString("utf8");
}
