import { connect as connectHttp2 } from "node:http2";
import { connect, type TLSSocket } from "node:tls";
import type { Connection } from "../../client/kubeconfig.js";

/** One client with one request under way at a time, as cheap as it can be: the load must not take the server's processor. */
export interface RawClient {
  /** Answers the status. */
  post(path: string, body: string): Promise<number>;
  close(): void;
}

type Target = Pick<Connection, "server" | "tls">;

export const openRaw = (target: Target, protocol: string): Promise<RawClient> =>
  protocol === "h2" ? openHttp2(target) : openHttp1(target);

async function openHttp1({ server, tls }: Target): Promise<RawClient> {
  const { hostname, port, host } = new URL(server);
  const socket: TLSSocket = await new Promise((resolve, reject) => {
    const made = connect(
      {
        host: hostname,
        port: Number(port),
        ca: tls.ca,
        cert: tls.certificate,
        key: tls.key,
        ALPNProtocols: ["http/1.1"],
      },
      () => resolve(made),
    );
    made.once("error", reject);
  });
  socket.setNoDelay(true);
  let settle: { readonly resolve: (status: number) => void; readonly reject: (error: Error) => void } | undefined;
  let received: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const headEnd = received.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const head = received.toString("latin1", 0, headEnd);
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    if (length === undefined) return settle?.reject(new Error(`an answer without a length: ${head}`));
    if (received.length < headEnd + 4 + Number(length)) return;
    received = Buffer.alloc(0);
    settle?.resolve(Number(head.slice(9, 12)));
  });
  const failed = (): void => settle?.reject(new Error("the server closed the connection"));
  socket.on("error", failed);
  socket.on("close", failed);
  return {
    post: (path, body) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
        socket.write(
          `POST ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        );
      }),
    close: () => socket.destroy(),
  };
}

async function openHttp2({ server, tls }: Target): Promise<RawClient> {
  const session = connectHttp2(server, { ca: tls.ca, cert: tls.certificate, key: tls.key });
  await new Promise((resolve, reject) => {
    session.once("connect", resolve);
    session.once("error", reject);
  });
  return {
    post: (path, body) =>
      new Promise((resolve, reject) => {
        const stream = session.request({ ":method": "POST", ":path": path, "content-type": "application/json" });
        let status = 0;
        stream.on("response", (headers) => {
          status = Number(headers[":status"]);
        });
        stream.on("end", () => resolve(status));
        stream.on("error", reject);
        stream.resume();
        stream.end(body);
      }),
    close: () => session.destroy(),
  };
}
