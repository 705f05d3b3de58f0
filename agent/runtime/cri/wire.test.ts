import fc from "fast-check";
import { boolean, bytes, choice, integer, integers, many, message, one, string, stringMap, strings } from "./wire.js";

const inner = message({ name: string(1), attempt: integer(2) });
const sample = message({
  id: string(1),
  small: integer(2),
  on: boolean(3),
  raw: bytes(4),
  mode: choice(5, ["POD", "CONTAINER", "NODE"]),
  single: one(6, inner),
  several: many(7, inner),
  words: strings(8),
  numbers: integers(9),
  labels: stringMap(2_000),
});
const full = fc.record({
  id: fc.string(),
  small: fc.maxSafeInteger(),
  on: fc.boolean(),
  raw: fc.uint8Array(),
  mode: fc.constantFrom("POD" as const, "CONTAINER" as const, "NODE" as const),
  single: fc.option(fc.record({ name: fc.string(), attempt: fc.nat() }), { nil: undefined }),
  several: fc.array(fc.record({ name: fc.string(), attempt: fc.nat() })),
  words: fc.array(fc.string()),
  numbers: fc.array(fc.maxSafeInteger()),
  labels: fc.dictionary(fc.oneof(fc.string(), fc.constant("__proto__")), fc.string()),
});

/** What was read, with its bytes as a plain array. */
const plain = (value: ReturnType<typeof sample.decode>): unknown => ({
  ...value,
  raw: new Uint8Array(value.raw),
  labels: Object.entries(value.labels).toSorted(),
});

describe("messages", () => {
  it("come back as they were written", () => {
    fc.assert(
      fc.property(full, (value) => {
        expect(plain(sample.decode(sample.encode(value)))).toEqual({
          ...value,
          raw: new Uint8Array(value.raw),
          labels: Object.entries(value.labels).toSorted(),
        });
      }),
    );
  });

  it("are written as the format says", () => {
    // https://protobuf.dev/programming-guides/encoding/
    expect(Buffer.from(sample.encode({ small: 150 })).toString("hex")).toBe("109601");
    expect(Buffer.from(sample.encode({ small: -1 })).toString("hex")).toBe("10ffffffffffffffffff01");
    expect(Buffer.from(sample.encode({ id: "testing" })).toString("hex")).toBe("0a0774657374696e67");
  });

  it("skip what they do not know, and take packed numbers", () => {
    const other = message({ id: string(1), new: string(99) });
    expect(sample.decode(other.encode({ id: "a", new: "b" })).id).toBe("a");
    expect(sample.decode(Buffer.from("4a03010203", "hex")).numbers).toEqual([1, 2, 3]);
  });

  it("refuse what ends too early, whatever was cut off", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => {
        try {
          sample.decode(noise);
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError);
        }
      }),
    );
  });
});
