/**
 * What every object in protocol buffers is wrapped in: four bytes that tell it from other data, then a message with
 * kind, version and the object's own bytes.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding-idl
 */
import { ProtoReader } from "./reader.js";
import { ProtoWriter } from "./writer.js";

export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
}

export const envelopeMagic: Uint8Array = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/** Everything before the object's bytes. After them nothing follows. */
export function envelopeHead({ apiVersion, kind }: Omit<Envelope, "raw">, rawBytes: number): Uint8Array {
  const writer = new ProtoWriter();
  writer.head(2, rawBytes);
  writer.message(1, () => {
    writer.string(2, kind);
    writer.string(1, apiVersion);
  });
  writer.raw(envelopeMagic);
  return writer.finish();
}

/** Throws SyntaxError for bytes without an envelope, or with an encoding inside. */
export function openEnvelope(bytes: Uint8Array): Envelope {
  if (!envelopeMagic.every((byte, index) => bytes[index] === byte))
    throw new SyntaxError("the bytes do not begin as an object in protocol buffers does");
  const reader = new ProtoReader(bytes.subarray(envelopeMagic.length));
  let raw: Uint8Array = new Uint8Array();
  let type = { apiVersion: "", kind: "" };
  while (!reader.atEnd) {
    const { field, wireType } = reader.tag();
    if (wireType !== 2) reader.skip(wireType);
    else if (field === 1) type = openType(reader.bytes());
    else if (field === 2) raw = reader.bytes();
    else if (field === 3 && reader.string() !== "") throw new SyntaxError("a content encoding is not supported");
    else if (field > 3) reader.skip(wireType);
  }
  return { ...type, raw };
}

function openType(bytes: Uint8Array): { readonly apiVersion: string; readonly kind: string } {
  const reader = new ProtoReader(bytes);
  const texts = new Map<number, string>();
  while (!reader.atEnd) {
    const { field, wireType } = reader.tag();
    if (wireType === 2) texts.set(field, reader.string());
    else reader.skip(wireType);
  }
  return { apiVersion: texts.get(1) ?? "", kind: texts.get(2) ?? "" };
}
