import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createDeflate, constants as zlib } from "node:zlib";
import fc from "fast-check";
import { headerDictionary } from "./dictionary.js";
import { controlFrame, controlType, dataHead, type Frame, FrameReader, synStream } from "./frames.js";
import {
  createHeaderPacker,
  decodeHeaders,
  encodeHeaders,
  HeaderUnpacker,
  headersMaxBytes,
  SpdyError,
} from "./header-block.js";
import { type SpdyOptions, SpdySession, type SpdyStream } from "./session.js";

const headerMaps = fc
  .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z-]{1,20}$/), fc.string({ unit: "grapheme", maxLength: 60 })), {
    selector: ([name]) => name,
    maxLength: 20,
  })
  .map((pairs) => new Map(pairs));

describe("header blocks", () => {
  it("have the dictionary that the protocol names", () => {
    expect(headerDictionary).toHaveLength(1423);
  });

  it("come back as they were, through our packing and through zlib's, block after block", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(headerMaps, { minLength: 1, maxLength: 5 }), async (blocks) => {
        const pack = createHeaderPacker();
        const [ours, theirs] = [new HeaderUnpacker(), new HeaderUnpacker()];
        const deflate = createDeflate({ dictionary: headerDictionary, flush: zlib.Z_SYNC_FLUSH });
        for (const block of blocks) {
          const plain = encodeHeaders(block);
          expect(decodeHeaders(await ours.unpack(pack(plain)))).toEqual(block);
          deflate.write(plain);
          const packed: Buffer = (await once(deflate, "data"))[0];
          expect(decodeHeaders(await theirs.unpack(packed))).toEqual(block);
        }
        ours.close();
        theirs.close();
        deflate.destroy();
      }),
      { numRuns: 40 },
    );
  });

  it("end as Go's reader of zlib wants them to: with an empty stored block", () => {
    const pack = createHeaderPacker();
    for (const name of ["a", "b"])
      expect([...pack(encodeHeaders(new Map([[name, "x"]]))).subarray(-5)]).toEqual([0, 0, 0, 0xff, 0xff]);
  });

  it("that are something else are refused, never read past their end", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeHeaders(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(SpdyError);
        }
      }),
    );
    const twice = Buffer.concat([Buffer.from([0, 0, 0, 2]), ...["a", "x", "A", "y"].map(lengthed)]);
    expect(() => decodeHeaders(twice)).toThrow(SpdyError);
  });

  it("that grow beyond all measure are given up while they grow", async () => {
    const unpacker = new HeaderUnpacker();
    const deflate = createDeflate({ dictionary: headerDictionary, flush: zlib.Z_SYNC_FLUSH });
    deflate.write(Buffer.alloc(50 * headersMaxBytes));
    const packed: Buffer = (await once(deflate, "data"))[0];
    await expect(unpacker.unpack(packed)).rejects.toThrow(SpdyError);
    await expect(unpacker.unpack(packed)).rejects.toThrow(SpdyError);
    deflate.destroy();
  });

  it("that are no zlib are refused", async () => {
    await expect(new HeaderUnpacker().unpack(Buffer.from("hello, this is no zlib"))).rejects.toThrow(SpdyError);
  });
});

const lengthed = (text: string): Buffer => Buffer.concat([Buffer.from([0, 0, 0, text.length]), Buffer.from(text)]);

describe("frames", () => {
  const wholeFrames = fc.oneof(
    fc.record({
      type: fc.constant("data" as const),
      streamId: fc.integer({ min: 1, max: 1000 }),
      bytes: fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
      fin: fc.boolean(),
    }),
    fc.record({
      type: fc.constant("control" as const),
      control: fc.integer({ min: 1, max: 12 }),
      body: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      fin: fc.boolean(),
    }),
  );
  const wire = (frame: Frame): Buffer =>
    frame.type === "data"
      ? Buffer.concat([dataHead(frame.streamId, frame.bytes.length, frame.fin), frame.bytes])
      : controlFrame(frame.control, [], frame.body, frame.fin);
  /** Pieces of one data frame joined. */
  const joined = (frames: readonly Frame[]): readonly Frame[] => {
    const whole: Frame[] = [];
    let open: Buffer[] = [];
    for (const frame of frames)
      if (frame.type === "control") whole.push(frame);
      else open = [...open, frame.bytes];
    return [...whole, { type: "data", streamId: 0, bytes: Buffer.concat(open), fin: false }];
  };

  it("are read alike however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(wholeFrames, { maxLength: 8 }), fc.integer({ min: 1, max: 40 }), (frames, step) => {
        const bytes = Buffer.concat(frames.map(wire));
        const reader = new FrameReader();
        const read: Frame[] = [];
        for (let at = 0; at < bytes.length; at += step) read.push(...reader.push(bytes.subarray(at, at + step)));
        expect(joined(read)).toEqual(joined(frames));
        const fins = (all: readonly Frame[]): number => all.filter(({ fin }) => fin).length;
        expect(fins(read)).toBe(fins(frames));
      }),
    );
  });

  it("that are too long, or of another version, are refused at their head", () => {
    const long = controlFrame(controlType.ping, []);
    long.writeUIntBE(0xffffff, 5, 3);
    expect(() => [...new FrameReader().push(long)]).toThrow(SpdyError);
    const other = controlFrame(controlType.ping, [1]);
    other.writeUInt16BE(0x8002, 0);
    expect(() => [...new FrameReader().push(other)]).toThrow(SpdyError);
  });
});

describe("a session", () => {
  const opened: (SpdySession | Socket)[] = [];
  afterEach(() => {
    for (const one of opened.splice(0)) one.destroy();
  });

  const sockets = async (): Promise<readonly [Socket, Socket]> => {
    const server = createServer({ allowHalfOpen: false });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const near = connect(typeof address === "object" && address ? address.port : 0, "127.0.0.1");
    const [far] = (await once(server, "connection")) as [Socket];
    server.close();
    opened.push(near, far);
    return [near, far];
  };
  const pair = async (onStream: (stream: SpdyStream) => void, more: Partial<SpdyOptions> = {}) => {
    const [near, far] = await sockets();
    const client = new SpdySession(near, { role: "client" });
    const server = new SpdySession(far, { role: "server", onStream, ...more });
    return { client, server, near, far };
  };
  const textOf = async (duplex: Duplex): Promise<string> => {
    const chunks: Buffer[] = [];
    for await (const chunk of duplex) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };

  it("carries several streams both ways, each half closed by itself", async () => {
    const { client } = await pair(({ headers, duplex }) => {
      duplex.write(`${headers.get("name")}:`);
      duplex.pipe(duplex);
    });
    const answers = await Promise.all(
      ["a", "b", "c"].map(async (name) => {
        const { duplex } = await client.open(new Map([["Name", name]]));
        duplex.end(name.repeat(100_000));
        return textOf(duplex);
      }),
    );
    expect(answers).toEqual(["a", "b", "c"].map((name) => `${name}:${name.repeat(100_000)}`));
  });

  it("holds up the sender of a stream that nobody reads, with little in memory", async () => {
    let received: Duplex | undefined;
    const { client, near } = await pair(({ duplex }) => {
      received = duplex;
    });
    const { duplex } = await client.open(new Map());
    let sent = 0;
    const piece = Buffer.alloc(64 * 1024);
    const pour = (): void => {
      while (sent < 64 * 1024 * 1024) {
        sent += piece.length;
        if (!duplex.write(piece)) return void duplex.once("drain", pour);
      }
      duplex.end();
    };
    pour();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(sent).toBeLessThan(32 * 1024 * 1024);
    expect(near.writableLength).toBeLessThan(1024 * 1024);
    let bytes = 0;
    for await (const chunk of received ?? []) bytes += chunk.length;
    expect(bytes).toBe(64 * 1024 * 1024);
  });

  it("resets a stream that is destroyed, and ends all when the connection ends", async () => {
    const ends: string[] = [];
    const { client, near } = await pair(({ headers, duplex }) => {
      duplex.on("close", () => ends.push(headers.get("name") ?? ""));
      duplex.resume();
    });
    const one = await client.open(new Map([["name", "one"]]));
    await client.open(new Map([["name", "two"]]));
    one.duplex.destroy();
    await waitFor(() => ends.length === 1);
    near.destroy();
    await waitFor(() => ends.length === 2);
    expect(ends).toEqual(["one", "two"]);
    await expect(client.open(new Map())).rejects.toThrow(SpdyError);
  });

  it("loses nothing that came before a reset, nor before the end of the connection", async () => {
    const sent = "x".repeat(1000);
    const { client, far } = await pair(({ headers, duplex }) => {
      duplex.write(sent, () => {
        if (headers.get("name") === "reset") duplex.destroy();
        else duplex.end(() => far.end());
      });
    });
    for (const name of ["reset", "closed"]) {
      const { duplex } = await client.open(new Map([["name", name]]));
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(await textOf(duplex)).toBe(sent);
    }
  });

  it("refuses more streams than are allowed, and goes on", async () => {
    const { client } = await pair(({ duplex }) => duplex.pipe(duplex), { maxStreams: 2 });
    const first = await client.open(new Map());
    await client.open(new Map());
    await expect(client.open(new Map())).rejects.toThrow(SpdyError);
    first.duplex.end("still here");
    expect(await textOf(first.duplex)).toBe("still here");
  });

  it("finishes its streams after it was told to close", async () => {
    const { client, server } = await pair(({ duplex }) => duplex.pipe(duplex));
    const { duplex } = await client.open(new Map());
    server.close();
    duplex.end("last words");
    expect(await textOf(duplex)).toBe("last words");
    await server.closed;
  });

  it("sends pings back, and cuts off who breaks the protocol", async () => {
    const [near, far] = await sockets();
    const server = new SpdySession(far, { role: "server", onStream: ({ duplex }) => duplex.resume() });
    near.write(controlFrame(controlType.ping, [7]));
    const [pong] = (await once(near, "data")) as [Buffer];
    expect(pong).toEqual(controlFrame(controlType.ping, [7]));
    const pack = createHeaderPacker();
    for (const id of [3, 1, 3]) near.write(synStream(id, pack(encodeHeaders(new Map()))));
    await server.closed;
  });

  it("survives any bytes whatever", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.uint8Array({ maxLength: 60 }), controlBytes()), { maxLength: 10 }),
        async (chunks) => {
          const [near, far] = await sockets();
          const server = new SpdySession(far, { role: "server", onStream: ({ duplex }) => duplex.resume() });
          near.on("error", () => {});
          near.resume();
          for (const chunk of chunks) near.write(chunk);
          near.end();
          await server.closed;
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** Heads that are right before bodies that are not. */
const controlBytes = (): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(fc.integer({ min: 0, max: 11 }), fc.uint8Array({ maxLength: 40 }), fc.boolean())
    .map(([control, body, fin]) => controlFrame(control, [], Buffer.from(body), fin));

async function waitFor(condition: () => boolean): Promise<void> {
  for (let round = 0; round < 1_000 && !condition(); round++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(condition()).toBe(true);
}
