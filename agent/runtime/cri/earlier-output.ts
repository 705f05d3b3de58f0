import { PassThrough } from "node:stream";
import type { Clock } from "../../../base/clock.js";
import type { ExecSession, LogEntry } from "../runtime.js";

/**
 * A runtime hands over what a container writes from the moment it is joined; what it wrote before lies in its log. Where
 * the one ends and the other begins nobody says: while what was handed over so far is how the log ends, that is known.
 */
export function withEarlierOutput(
  session: ExecSession,
  readLog: () => AsyncIterable<LogEntry>,
  clock: Clock,
): ExecSession {
  const streams = { stdout: new Held(session.stdout), stderr: new Held(session.stderr) };
  // Without a log there is what comes from now on.
  const earlier = settle(streams, readLog, clock).catch(() => ({ stdout: nothing, stderr: nothing }));
  async function* whole(name: StreamName): AsyncIterable<Uint8Array> {
    const before = (await earlier)[name];
    streams[name].release();
    if (before.length > 0) yield before;
    yield* streams[name].rest();
  }
  return { ...session, stdout: whole("stdout"), stderr: whole("stderr") };
}

type StreamName = "stdout" | "stderr";
type Each<T> = Readonly<Record<StreamName, T>>;

/** Resolves with what was written before. */
async function settle(
  streams: Each<Held>,
  readLog: () => AsyncIterable<LogEntry>,
  clock: Clock,
): Promise<Each<Buffer>> {
  let sawEnd = false;
  for (let waitedMs = lookEveryMs; ; waitedMs += lookEveryMs) {
    await clock.sleep(lookEveryMs);
    const isOver = streams.stdout.isOver && streams.stderr.isOver;
    const logged = await bytesOf(readLog());
    if (!logged) return { stdout: nothing, stderr: nothing };
    const known = (name: StreamName): Buffer | undefined =>
      writtenBefore(logged[name], streams[name].seen(), streams[name].isOver);
    const [stdout, stderr] = [known("stdout"), known("stderr")];
    // The log's last lines may come after the streams' end.
    if (stdout && stderr && (sawEnd || !isOver)) return { stdout, stderr };
    const guess = (name: StreamName): Buffer => likelyBefore(logged[name], streams[name].seen());
    if (waitedMs >= patienceMs) return { stdout: stdout ?? guess("stdout"), stderr: stderr ?? guess("stderr") };
    sawEnd = isOver;
  }
}

/** Undefined while the two do not fit together: one of them lags. */
export function writtenBefore(logged: Buffer, joined: Buffer, isOver: boolean): Buffer | undefined {
  // Of a line that is not whole yet the log does not know.
  const known = isOver ? joined : joined.subarray(0, joined.lastIndexOf(newline) + 1);
  const at = logged.length - known.length;
  return at >= 0 && logged.subarray(at).equals(known) ? logged.subarray(0, at) : undefined;
}

/** What stands in the log before the first of what was handed over: for those who write faster than can be compared. */
export function likelyBefore(logged: Buffer, joined: Buffer): Buffer {
  const start = joined.subarray(0, probeBytes);
  const at = start.length === 0 ? -1 : logged.lastIndexOf(start);
  return at < 0 ? nothing : logged.subarray(0, at);
}

/** Undefined: too much to be what was written in a moment. */
async function bytesOf(entries: AsyncIterable<LogEntry>): Promise<Each<Buffer> | undefined> {
  const parts: Each<Uint8Array[]> = { stdout: [], stderr: [] };
  let bytes = 0;
  for await (const { stream, line, partial } of entries) {
    bytes += line.length + 1;
    if (bytes > earlierMaxBytes) return undefined;
    parts[stream].push(line, partial ? nothing : lineEnd);
  }
  return { stdout: Buffer.concat(parts.stdout), stderr: Buffer.concat(parts.stderr) };
}

/** What comes is kept until it is known what goes before it. */
class Held {
  readonly #queue = new PassThrough({ readableHighWaterMark: heldMaxBytes, writableHighWaterMark: 1 });
  #seen: Uint8Array[] | undefined = [];

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#queue.on("error", () => {});
    void this.#fill(source).finally(() => this.#queue.end());
  }

  get isOver(): boolean {
    return this.#queue.writableEnded;
  }

  seen(): Buffer {
    return Buffer.concat(this.#seen ?? []);
  }

  release(): void {
    this.#seen = undefined;
  }

  async *rest(): AsyncIterable<Uint8Array> {
    for await (const chunk of this.#queue) if (chunk instanceof Uint8Array) yield chunk;
  }

  /** A source that breaks off tells so by the exit code. */
  async #fill(source: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const chunk of source) {
        this.#seen?.push(chunk);
        await new Promise((resolve) => this.#queue.write(chunk, resolve));
      }
    } catch {
      // what came is passed on
    }
  }
}

const nothing = Buffer.alloc(0);
const newline = 10;
const lineEnd = Buffer.of(newline);
const lookEveryMs = 50;
const patienceMs = 200;
const probeBytes = 1024;
const heldMaxBytes = 1024 * 1024;
const earlierMaxBytes = 8 * 1024 * 1024;
