import { Duplex } from "node:stream";
import {
  controlFrame,
  controlType,
  dataHead,
  type Frame,
  FrameReader,
  numberAt,
  resetStatus,
  streamIdMax,
  synStream,
} from "./frames.js";
import {
  createHeaderPacker,
  decodeHeaders,
  encodeHeaders,
  HeaderUnpacker,
  SpdyError,
  type SpdyHeaders,
} from "./header-block.js";

export interface SpdyStream {
  readonly id: number;
  readonly headers: SpdyHeaders;
  /** Both directions; either side ends its own. Destroying it resets the stream. */
  readonly duplex: Duplex;
}

export interface SpdyOptions {
  readonly role: "client" | "server";
  /** A stream that the other side opened. It has been agreed to. */
  readonly onStream?: (stream: SpdyStream) => void;
  /** Bytes that came with the upgrade. */
  readonly head?: Buffer;
  readonly maxStreams?: number;
}

interface Entry {
  readonly duplex: Duplex;
  readonly stream: SpdyStream;
  /** The reader wants more. */
  resume: () => void;
  replied: (error?: Error) => void;
  ended: boolean;
  finished: boolean;
}

/**
 * One SPDY/3.1 connection. The peers that speak it here (Kubernetes' clients, container runtimes) keep no windows and
 * answer no WINDOW_UPDATE, so the pace is the connection's: a stream that nobody reads holds up the others once it has
 * its buffer full. A ping now and then tells whether the other side is still there, also while nothing is read.
 */
export class SpdySession {
  readonly #socket: Duplex;
  readonly #options: SpdyOptions;
  readonly #streams = new Map<number, Entry>();
  readonly #pack = createHeaderPacker();
  readonly #unpacker = new HeaderUnpacker();
  readonly #beat: NodeJS.Timeout;
  readonly closed: Promise<void>;
  #nextId: number;
  #lastId = 0;
  #goingAway = false;
  #pingId: number;
  #drained: Promise<void> | undefined;

  constructor(socket: Duplex, options: SpdyOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#nextId = options.role === "client" ? 1 : 2;
    this.#pingId = this.#nextId;
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    socket.on("error", () => socket.destroy());
    // What was received before it closed is taken in first, whether or not there is room for it.
    socket.once("close", () => {
      for (const { resume } of this.#streams.values()) resume();
    });
    this.#beat = setInterval(() => this.#ping(), beatMs);
    this.#beat.unref();
    if (options.head && options.head.length > 0) socket.unshift(options.head);
    void this.#read().finally(() => this.#closed());
  }

  /** Opens a stream; resolves when the other side agreed. */
  async open(headers: SpdyHeaders): Promise<SpdyStream> {
    if (this.#goingAway || this.#socket.destroyed) throw new SpdyError("the connection is going away");
    const id = this.#nextId;
    if (id > streamIdMax) throw new SpdyError("the connection has no stream left");
    this.#nextId += 2;
    const entry = this.#add(id, headers);
    const agreed = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => entry.duplex.destroy(new SpdyError("no answer to a stream")), replyTimeoutMs);
      entry.replied = (error) => {
        clearTimeout(timer);
        if (error) reject(error);
        else resolve();
      };
    });
    this.#send(synStream(id, this.#pack(encodeHeaders(headers))));
    await agreed;
    return entry.stream;
  }

  /** Opens nothing more; ends the connection when its streams have ended, or at once. */
  close(): void {
    if (!this.#goingAway) this.#send(controlFrame(controlType.goAway, [this.#lastId, 0]));
    this.#goingAway = true;
    this.#leave();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  async #read(): Promise<void> {
    const reader = new FrameReader();
    try {
      for await (const chunk of this.#socket) for (const frame of reader.push(chunk)) await this.#take(frame);
      this.#socket.end();
    } catch (error) {
      if (error instanceof SpdyError) this.#send(controlFrame(controlType.goAway, [this.#lastId, 1]));
    }
    // Whatever streams are left have lost their other side.
    this.#socket.destroy();
  }

  async #take(frame: Frame): Promise<void> {
    if (frame.type === "data") return this.#data(frame.streamId, frame.bytes, frame.fin);
    const { body, fin, control } = frame;
    switch (control) {
      case controlType.synStream:
        return this.#opened(numberAt(body) & streamIdMax, await this.#headers(body.subarray(10)), fin);
      case controlType.synReply: {
        const id = numberAt(body) & streamIdMax;
        await this.#headers(body.subarray(4));
        this.#streams.get(id)?.replied();
        return fin ? this.#data(id, Buffer.alloc(0), true) : undefined;
      }
      case controlType.headers:
        await this.#headers(body.subarray(4));
        return fin ? this.#data(numberAt(body) & streamIdMax, Buffer.alloc(0), true) : undefined;
      case controlType.reset:
        return this.#reset(numberAt(body) & streamIdMax, numberAt(body, 4));
      case controlType.ping:
        // Ours come back; theirs are sent back.
        if (numberAt(body) % 2 !== this.#nextId % 2) this.#send(controlFrame(controlType.ping, [numberAt(body)]));
        return;
      case controlType.goAway:
        this.#goingAway = true;
        return this.#leave();
      default: // settings, windows and what later versions have change nothing here
    }
  }

  #headers = async (packed: Buffer): Promise<SpdyHeaders> => decodeHeaders(await this.#unpacker.unpack(packed));

  #opened(id: number, headers: SpdyHeaders, fin: boolean): void {
    // Peers that open several at once number them in one order and send them in another.
    if (id === 0 || id % 2 === this.#nextId % 2 || this.#streams.has(id))
      throw new SpdyError(`stream ${id} cannot be opened`);
    this.#lastId = Math.max(this.#lastId, id);
    const { onStream, maxStreams = streamsMax } = this.#options;
    if (!onStream || this.#goingAway || this.#streams.size >= maxStreams) {
      this.#send(controlFrame(controlType.reset, [id, resetStatus.refusedStream]));
      return;
    }
    const entry = this.#add(id, headers);
    this.#send(controlFrame(controlType.synReply, [id], this.#pack(encodeHeaders(new Map()))));
    if (fin) this.#endOf(entry);
    onStream(entry.stream);
  }

  #data(id: number, bytes: Buffer, fin: boolean): Promise<void> | undefined {
    const entry = this.#streams.get(id);
    // It ended here while this was under way.
    if (!entry || entry.ended) return undefined;
    const full = bytes.length > 0 && !entry.duplex.push(bytes);
    if (fin) this.#endOf(entry);
    else if (full && !this.#socket.destroyed)
      return new Promise((resolve) => {
        entry.resume = resolve;
      });
    return undefined;
  }

  #endOf(entry: Entry): void {
    entry.ended = true;
    entry.duplex.push(null);
    this.#forget(entry);
  }

  #reset(id: number, status: number): void {
    const entry = this.#streams.get(id);
    if (!entry) return;
    this.#streams.delete(id);
    // Peers that are done reset their streams: what came before is still to be read.
    if (status === resetStatus.cancel) destroyOnceRead(entry);
    else entry.duplex.destroy(new SpdyError(`stream reset (${status})`));
  }

  #add(id: number, headers: SpdyHeaders): Entry {
    const duplex = new Duplex({
      allowHalfOpen: true,
      readableHighWaterMark: bufferMaxBytes,
      read: () => entry.resume(),
      write: (chunk: Buffer, _encoding, done) => {
        this.#write(id, chunk).then(() => done(), done);
      },
      final: (done) => {
        entry.finished = true;
        this.#send(dataHead(id, 0, true));
        this.#forget(entry);
        done();
      },
      destroy: (error, done) => {
        entry.resume();
        entry.replied(error ?? new SpdyError("the stream was closed"));
        if (this.#streams.delete(id) && !(entry.ended && entry.finished))
          this.#send(controlFrame(controlType.reset, [id, resetStatus.cancel]));
        this.#leave();
        done(error);
      },
    });
    // Whoever uses it hears of its end; an error that nobody waits for must not end the process.
    duplex.on("error", () => {});
    const stream: SpdyStream = { id, headers, duplex };
    const entry: Entry = { duplex, stream, resume: () => {}, replied: () => {}, ended: false, finished: false };
    this.#streams.set(id, entry);
    return entry;
  }

  #forget(entry: Entry): void {
    if (!entry.ended || !entry.finished) return;
    this.#streams.delete(entry.stream.id);
    this.#leave();
  }

  /** Nothing left to do on a connection that is going away. */
  #leave(): void {
    if (this.#goingAway && this.#streams.size === 0 && !this.#socket.writableEnded) this.#socket.end();
  }

  async #write(id: number, bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; at += frameMaxBytes) {
      const piece = bytes.subarray(at, at + frameMaxBytes);
      if (this.#socket.destroyed || this.#socket.writableEnded) throw new SpdyError("the connection is gone");
      this.#socket.write(dataHead(id, piece.length, false));
      if (!this.#socket.write(piece)) await this.#drain();
    }
  }

  /** One wait for all streams that want to write. */
  #drain(): Promise<void> {
    this.#drained ??= new Promise((resolve) => {
      const done = (): void => {
        this.#drained = undefined;
        this.#socket.off("drain", done);
        this.#socket.off("close", done);
        resolve();
      };
      this.#socket.once("drain", done);
      this.#socket.once("close", done);
    });
    return this.#drained;
  }

  #send(frame: Buffer): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    // Somebody asks and asks, and never takes an answer.
    if (this.#socket.writableLength > backlogMaxBytes) this.#socket.destroy();
    else this.#socket.write(frame);
  }

  #ping(): void {
    this.#send(controlFrame(controlType.ping, [this.#pingId]));
    this.#pingId = (this.#pingId + 2) % streamIdMax;
  }

  #closed(): void {
    clearInterval(this.#beat);
    this.#unpacker.close();
    const entries = [...this.#streams.values()];
    this.#streams.clear();
    for (const entry of entries) {
      if (entry.ended) destroyOnceRead(entry);
      else entry.duplex.destroy(new SpdyError("the connection is gone"));
    }
  }
}

function destroyOnceRead(entry: Entry): void {
  const { duplex } = entry;
  if (duplex.readableLength === 0) return void duplex.destroy();
  duplex.once("end", () => duplex.destroy());
  if (!entry.ended) duplex.push(null);
  entry.ended = true;
}

const beatMs = 5_000;
const replyTimeoutMs = 30_000;
const bufferMaxBytes = 256 * 1024;
const frameMaxBytes = 32 * 1024;
const backlogMaxBytes = 40 * 1024 * 1024;
/** Each connection of a port-forward takes two. */
const streamsMax = 1_000;
