import { headersMaxBytes, SpdyError } from "./header-block.js";

/** SPDY/3.1 on the wire. https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/ */

export const controlType = {
  synStream: 1,
  synReply: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const;

export const resetStatus = { protocolError: 1, invalidStream: 2, refusedStream: 3, cancel: 5 } as const;

const finFlag = 1;
const version = 3;
const headBytes = 8;
export const streamIdMax = 0x7fffffff;
/** Headers are the longest thing that a control frame may hold. */
const controlMaxBytes = headersMaxBytes + 16;

export type Frame =
  /** A piece of a data frame, handed on as it comes; `fin` with its last one. */
  | { readonly type: "data"; readonly streamId: number; readonly bytes: Buffer; readonly fin: boolean }
  | { readonly type: "control"; readonly control: number; readonly fin: boolean; readonly body: Buffer };

/** Takes bytes as they come off the wire, gives frames. Holds at most one control frame. */
export class FrameReader {
  #held = Buffer.alloc(0);
  #data: { readonly streamId: number; readonly fin: boolean; left: number } | undefined;

  /** Throws SpdyError. */
  *push(chunk: Buffer): Generator<Frame> {
    let bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    while (bytes.length > 0) {
      if (this.#data) {
        const piece = bytes.subarray(0, this.#data.left);
        bytes = bytes.subarray(piece.length);
        yield this.#pieceOf(this.#data, piece);
        continue;
      }
      if (bytes.length < headBytes) break;
      const length = bytes.readUIntBE(5, 3);
      const first = bytes.readUInt32BE(0);
      const fin = (bytes.readUInt8(4) & finFlag) !== 0;
      if (first <= streamIdMax) {
        this.#data = { streamId: first, fin, left: length };
        bytes = bytes.subarray(headBytes);
        if (length === 0) yield this.#pieceOf(this.#data, bytes.subarray(0, 0));
        continue;
      }
      if (length > controlMaxBytes) throw new SpdyError(`a control frame of ${length} bytes`);
      if (((first >>> 16) & 0x7fff) !== version) throw new SpdyError("not SPDY/3");
      if (bytes.length < headBytes + length) break;
      const body = bytes.subarray(headBytes, headBytes + length);
      bytes = bytes.subarray(headBytes + length);
      yield { type: "control", control: first & 0xffff, fin, body };
    }
    this.#held = Buffer.from(bytes);
  }

  #pieceOf(data: { readonly streamId: number; readonly fin: boolean; left: number }, bytes: Buffer): Frame {
    data.left -= bytes.length;
    if (data.left === 0) this.#data = undefined;
    return { type: "data", streamId: data.streamId, bytes, fin: data.fin && data.left === 0 };
  }
}

/** Head of a data frame whose payload follows. */
export function dataHead(streamId: number, length: number, fin: boolean): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32BE(streamId, 0);
  head.writeUInt8(fin ? finFlag : 0, 4);
  head.writeUIntBE(length, 5, 3);
  return head;
}

export function controlFrame(control: number, numbers: readonly number[], rest?: Buffer, fin = false): Buffer {
  const frame = Buffer.alloc(headBytes + numbers.length * 4);
  frame.writeUInt16BE(0x8000 | version, 0);
  frame.writeUInt16BE(control, 2);
  frame.writeUInt8(fin ? finFlag : 0, 4);
  frame.writeUIntBE(numbers.length * 4 + (rest?.length ?? 0), 5, 3);
  for (const [index, number] of numbers.entries()) frame.writeUInt32BE(number, headBytes + index * 4);
  return rest ? Buffer.concat([frame, rest]) : frame;
}

/** SYN_STREAM: the stream, no other that it belongs to, priority and slot 0, then the headers. */
export const synStream = (streamId: number, packed: Buffer): Buffer =>
  controlFrame(controlType.synStream, [streamId, 0], Buffer.concat([Buffer.alloc(2), packed]));

/** The number at the beginning of a control frame's body: usually a stream. */
export function numberAt(body: Buffer, at = 0): number {
  if (body.length < at + 4) throw new SpdyError("a control frame is cut short");
  return body.readUInt32BE(at);
}
