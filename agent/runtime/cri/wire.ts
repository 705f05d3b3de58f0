import { ProtoReader } from "../../../apimachinery/codec/protobuf/reader.js";
import { ProtoWriter } from "../../../apimachinery/codec/protobuf/writer.js";

/**
 * Messages of protocol buffers as tables: `message({ id: string(1), labels: stringMap(3) })`. Their types follow from the
 * tables. As in proto3 every field is optional when written, and read as empty where it is absent; unknown fields are
 * skipped.
 */
export interface Field<Read, Written = Read> {
  readonly number: number;
  initial(): Read;
  write(writer: ProtoWriter, value: Written): void;
  /** The value with one more occurrence of the field taken in. */
  read(reader: ProtoReader, wireType: number, before: Read): Read;
}

// biome-ignore lint/suspicious/noExplicitAny: a field of any type
type Fields = Readonly<Record<string, Field<any, any>>>;
type ReadOf<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer Read, infer _> ? Read : never };
type WrittenOf<F extends Fields> = {
  readonly [K in keyof F]?: (F[K] extends Field<infer _, infer Written> ? Written : never) | undefined;
};

export interface Message<Read, Written> {
  encode(value: Written): Uint8Array;
  decode(bytes: Uint8Array): Read;
  write(writer: ProtoWriter, value: Written): void;
}
export type Decoded<M> = M extends Message<infer Read, infer _> ? Read : never;
export type Encoded<M> = M extends Message<infer _, infer Written> ? Written : never;

export function message<F extends Fields>(fields: F): Message<ReadOf<F>, WrittenOf<F>> {
  const entries = Object.entries(fields);
  const byNumber = new Map(entries.map(([name, field]) => [field.number, [name, field] as const]));
  const backwards = entries.toReversed();
  const write = (writer: ProtoWriter, value: WrittenOf<F>): void => {
    const values: Readonly<Record<string, unknown>> = value;
    for (const [name, field] of backwards) if (values[name] !== undefined) field.write(writer, values[name]);
  };
  return {
    write,
    encode(value) {
      const writer = new ProtoWriter();
      write(writer, value);
      return writer.finish();
    },
    decode(bytes) {
      const reader = new ProtoReader(bytes);
      const found: Record<string, unknown> = Object.fromEntries(
        entries.map(([name, field]) => [name, field.initial()]),
      );
      while (!reader.atEnd) {
        const { field: number, wireType } = reader.tag();
        const known = byNumber.get(number);
        if (known) found[known[0]] = known[1].read(reader, wireType, found[known[0]]);
        else reader.skip(wireType);
      }
      return found as ReadOf<F>;
    },
  };
}

export const string = (number: number): Field<string> => ({
  number,
  initial: () => "",
  write: (writer, value) => value !== "" && writer.string(number, value),
  read: (reader) => reader.string(),
});

/** int32, int64, uint64: a number, which loses the last digits of times in nanoseconds. */
export const integer = (number: number): Field<number> => ({
  number,
  initial: () => 0,
  write: (writer, value) => value !== 0 && writer.integer(number, BigInt(Math.trunc(value))),
  read: (reader) => Number(reader.integer()),
});

export const boolean = (number: number): Field<boolean> => ({
  number,
  initial: () => false,
  write: (writer, value) => value && writer.boolean(number, value),
  read: (reader) => reader.integer() !== 0,
});

export const bytes = (number: number): Field<Uint8Array> => ({
  number,
  initial: () => new Uint8Array(),
  write: (writer, value) => value.length > 0 && writer.bytes(number, value),
  read: (reader) => reader.bytes(),
});

/** An enumeration by its names, from 0; a number without a name reads as the first. */
export const choice = <const Names extends readonly [string, ...string[]]>(
  number: number,
  names: Names,
): Field<Names[number]> => ({
  number,
  initial: () => names[0],
  write: (writer, value) => writer.integer(number, names.indexOf(value)),
  read: (reader) => names[Number(reader.integer())] ?? names[0],
});

export const one = <Read, Written>(number: number, of: Message<Read, Written>): Field<Read | undefined, Written> => ({
  number,
  initial: () => undefined,
  write: (writer, value) => writer.message(number, () => of.write(writer, value)),
  read: (reader) => of.decode(reader.bytes()),
});

export const many = <Read, Written>(
  number: number,
  of: Message<Read, Written>,
): Field<readonly Read[], readonly Written[]> => ({
  number,
  initial: () => [],
  write: (writer, values) => {
    for (const value of values.toReversed()) writer.message(number, () => of.write(writer, value));
  },
  read: (reader, _, before) => [...before, of.decode(reader.bytes())],
});

export const strings = (number: number): Field<readonly string[]> => ({
  number,
  initial: () => [],
  write: (writer, values) => {
    for (const value of values.toReversed()) writer.string(number, value);
  },
  read: (reader, _, before) => [...before, reader.string()],
});

export const integers = (number: number): Field<readonly number[]> => ({
  number,
  initial: () => [],
  write: (writer, values) => {
    for (const value of values.toReversed()) writer.integer(number, BigInt(Math.trunc(value)));
  },
  read(reader, wireType, before) {
    if (wireType !== packed) return [...before, Number(reader.integer())];
    const values = [...before];
    for (const inner = new ProtoReader(reader.bytes()); !inner.atEnd; ) values.push(Number(inner.integer()));
    return values;
  },
});
const packed = 2;

const entry = message({ key: string(1), value: string(2) });

export const stringMap = (number: number): Field<Readonly<Record<string, string>>> => ({
  number,
  initial: () => ({}),
  write: (writer, values) => {
    for (const [key, value] of Object.entries(values).toReversed())
      writer.message(number, () => entry.write(writer, { key, value }));
  },
  read(reader, _, before) {
    const { key, value } = entry.decode(reader.bytes());
    return { ...before, [key]: value };
  },
});

/** The message with nothing in it. */
export const nothing = message({});
