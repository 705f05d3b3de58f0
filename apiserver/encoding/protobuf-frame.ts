import { ProtoWriter } from "../../apimachinery/codec/protobuf/writer.js";

const lengthBytes = 4;
const writer = new ProtoWriter();

/** An event of a watch in protocol buffers: its length, then its type and the object in its envelope. */
export function protobufFrame(type: string, object: Uint8Array): Uint8Array {
  writer.message(2, () => writer.bytes(1, object));
  writer.string(1, type);
  const event = writer.finish();
  const frame = Buffer.allocUnsafeSlow(lengthBytes + event.length);
  frame.writeUInt32BE(event.length, 0);
  frame.set(event, lengthBytes);
  return frame;
}
