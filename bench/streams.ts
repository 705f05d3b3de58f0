import { once } from "node:events";
import { request } from "node:https";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { WebSocket } from "ws";
import { SpdySession } from "../base/spdy/session.js";
import { type Connection, loadConnection } from "../client/kubeconfig.js";
import { startUp, until, withDir } from "./kit/cluster.js";
import { machine, ms, numberOf, percentile } from "./kit/figures.js";
import { openHttp } from "./kit/http.js";

const pod = "/api/v1/namespaces/default/pods/bench";

/** exec: from asking to the outcome, one after the other; port-forward: bytes through one connection, each way. */
export async function run(args: readonly string[]): Promise<void> {
  const rounds = numberOf(args, "rounds", 100);
  const megabytes = numberOf(args, "megabytes", 256);
  console.log(machine());
  await withDir(async (dir) => {
    const up = startUp({ dataDir: join(dir, "data"), flags: ["--runtime", "process"] });
    const sink = createServer({ allowHalfOpen: true }, (socket) => serve(socket, megabytes));
    try {
      await up.ready;
      const http = openHttp(await up.connection());
      const body = Buffer.from(JSON.stringify(manifest));
      await until(
        "the pod is made",
        async () => (await http.ask("POST", "/api/v1/namespaces/default/pods", body)).status === 201,
        50,
      );
      let ip = "";
      await until(
        "the pod runs",
        async () => {
          const { status } = await http.json<PodView>(pod);
          ip = status?.podIP ?? "";
          return status?.phase === "Running" && ip !== "";
        },
        50,
      );
      const { server, tls } = await loadConnection(join(dir, "data", "kubeconfig"));
      const open = (path: string, protocol: string): WebSocket =>
        new WebSocket(`${server.replace(/^http/, "ws")}${pod}/${path}`, [protocol], {
          ...{ ca: tls.ca ?? "", cert: tls.certificate ?? "", key: tls.key ?? "", perMessageDeflate: false },
        });
      const took: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const begun = performance.now();
        const socket = open("exec?command=true&stdout=true", "v5.channel.k8s.io");
        await once(socket, "close");
        took.push(performance.now() - begun);
      }
      console.log(
        `exec of /bin/true, ${rounds} times: p50 ${ms(percentile(took, 0.5))}, p99 ${ms(percentile(took, 0.99))}`,
      );
      sink.listen(0, ip);
      await once(sink, "listening");
      const address = sink.address();
      const port = typeof address === "object" && address ? address.port : 0;
      const session = await dialPortForward(server, tls);
      for (const direction of ["down", "up"] as const) {
        const headers = (type: string) =>
          new Map([
            ["streamtype", type],
            ["port", String(port)],
            ["requestid", direction],
          ]);
        const error = (await session.open(headers("error"))).duplex;
        error.end();
        error.resume();
        const { duplex } = await session.open(headers("data"));
        const begun = performance.now();
        duplex.write(direction === "down" ? "d" : "u");
        if (direction === "up") {
          const piece = Buffer.alloc(64 * 1024);
          for (let sent = 0; sent < megabytes * 16; sent++) if (!duplex.write(piece)) await once(duplex, "drain");
          duplex.end();
        }
        let bytes = 0;
        for await (const chunk of duplex) bytes += chunk.length;
        const seconds = (performance.now() - begun) / 1000;
        console.log(
          `port-forward, ${megabytes} MB ${direction}: ${(megabytes / seconds).toFixed(0)} MB/s (${bytes} bytes back)`,
        );
      }
      session.destroy();
      http.close();
    } finally {
      sink.close();
      await up.stop();
    }
  });
}

const manifest = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "bench" },
  spec: { containers: [{ name: "main", image: "busybox", command: ["sleep", "100000"] }] },
};

interface PodView {
  readonly status?: { readonly phase?: string; readonly podIP?: string };
}

async function dialPortForward(server: string, tls: Connection["tls"]): Promise<SpdySession> {
  const asked = request(`${server}${pod}/portforward`, {
    ...{ method: "POST", agent: false, ca: tls.ca, cert: tls.certificate, key: tls.key },
    headers: { connection: "Upgrade", upgrade: "SPDY/3.1", "x-stream-protocol-version": "portforward.k8s.io" },
  });
  asked.end();
  const [, socket, head] = (await once(asked, "upgrade")) as [unknown, Socket, Buffer];
  return new SpdySession(socket, { role: "client", head });
}

/** The first byte says which way the others go. */
function serve(socket: Socket, megabytes: number): void {
  socket.on("error", () => {});
  socket.once("data", (first: Buffer) => {
    if (first[0] !== "d".charCodeAt(0)) return void socket.on("end", () => socket.end("!")).resume();
    const piece = Buffer.alloc(64 * 1024);
    let left = megabytes * 16;
    const pour = (): void => {
      while (left > 0) {
        left--;
        if (!socket.write(piece)) return void socket.once("drain", () => pour());
      }
      socket.end();
    };
    pour();
  });
}
