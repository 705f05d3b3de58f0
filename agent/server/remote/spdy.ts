import type { Duplex } from "node:stream";
import { SpdySession, type SpdyStream } from "../../../base/spdy/session.js";
import { HttpProblem } from "../problem.js";
import { acceptSpdyUpgrade, type Upgrading } from "../upgrade.js";
import { plainWords, type RemoteClient, type RemoteInput, sizeOf } from "./client.js";
import type { StreamsWanted } from "./converse.js";

/** Newest first: from the fourth on the outcome is a Status, from the third on terminals have a size. */
const protocols = ["v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io"] as const;
type Protocol = (typeof protocols)[number];

/** A remote command over SPDY/3.1: the caller opens a stream for each of its ends, told apart by `streamType`. */
export async function acceptSpdy(upgrading: Upgrading, wanted: StreamsWanted): Promise<RemoteClient> {
  const protocol = acceptSpdyUpgrade(upgrading, protocols);
  const names = expected(wanted, protocol);
  const streams = new Map<string, SpdyStream>();
  let complete = (): void => {};
  const all = new Promise<void>((resolve) => {
    complete = resolve;
  });
  const session = new SpdySession(upgrading.socket, {
    role: "server",
    head: upgrading.head,
    maxStreams: names.length,
    onStream(stream) {
      const name = stream.headers.get("streamtype") ?? "";
      if (!names.includes(name) || streams.has(name)) return void stream.duplex.destroy();
      streams.set(name, stream);
      if (streams.size === names.length) complete();
    },
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, streamsTimeoutMs);
  });
  await Promise.race([all, late, session.closed]);
  clearTimeout(timer);
  if (streams.size < names.length) {
    session.destroy();
    throw new HttpProblem(408, "the caller did not open its streams in time");
  }
  return clientAt(session, new Map([...streams].map(([name, { duplex }]) => [name, duplex])), protocol);
}

const streamsTimeoutMs = 30_000;
const closeMs = 10_000;
const sizeMaxBytes = 1024;

function expected({ stdin, stdout, stderr, tty }: StreamsWanted, protocol: Protocol): readonly string[] {
  const hasSizes = tty && (protocol === "v4.channel.k8s.io" || protocol === "v3.channel.k8s.io");
  return [
    "error",
    ...(stdin ? ["stdin"] : []),
    ...(stdout ? ["stdout"] : []),
    ...(stderr && !tty ? ["stderr"] : []),
    ...(hasSizes ? ["resize"] : []),
  ];
}

function clientAt(session: SpdySession, streams: ReadonlyMap<string, Duplex>, protocol: Protocol): RemoteClient {
  const gone = new AbortController();
  void session.closed.then(() => gone.abort());
  for (const name of ["error", "stdout", "stderr"]) streams.get(name)?.resume();
  return {
    gone: gone.signal,
    listen(input) {
      void pourInput(streams.get("stdin"), input);
      void readSizes(streams.get("resize"), input);
    },
    send: (name, bytes) =>
      new Promise((resolve) => {
        const stream = streams.get(name);
        if (!stream || stream.destroyed || stream.writableEnded) return resolve();
        stream.write(bytes, () => resolve());
      }),
    finish(outcome) {
      streams.get("stdout")?.end();
      streams.get("stderr")?.end();
      streams.get("error")?.end(protocol === "v4.channel.k8s.io" ? JSON.stringify(outcome) : plainWords(outcome));
      session.close();
      const timer = setTimeout(() => session.destroy(), closeMs);
      void session.closed.then(() => clearTimeout(timer));
    },
  };
}

async function pourInput(stream: Duplex | undefined, input: RemoteInput): Promise<void> {
  if (!stream) return;
  try {
    for await (const chunk of stream) await input.take?.(chunk);
    input.end();
  } catch {
    // the caller is gone, which is told elsewhere
  }
}

/** One JSON object a line. */
async function readSizes(stream: Duplex | undefined, { resize }: RemoteInput): Promise<void> {
  let text = "";
  try {
    for await (const chunk of stream ?? []) {
      const lines = `${text}${chunk}`.split("\n");
      text = (lines.pop() ?? "").slice(-sizeMaxBytes);
      const size = sizeOf(Buffer.from(lines.at(-1) ?? ""));
      if (size) resize(...size);
    }
  } catch {
    // the caller is gone
  }
}
