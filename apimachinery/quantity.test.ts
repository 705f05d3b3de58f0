import fc from "fast-check";
import {
  addQuantity,
  bytesOf,
  canonicalQuantity,
  compareQuantity,
  cpuMilli,
  formatQuantity,
  isQuantity,
  parseQuantity,
  quantityError,
  quantityOfBytes,
  quantityOfMilli,
  roundedToThousandths,
  subtractQuantity,
} from "./quantity.js";

describe("quantities", () => {
  it.each([
    ["100u", "1m"],
    ["1500001n", "2m"],
    ["-100u", "-1m"],
    ["1e-6", "1e-3"],
    ["999999u", "1"],
    ["1500m", "1500m"],
    ["1", "1"],
    ["10Mi", "10Mi"],
  ])("%s is %s in thousandths", (text, rounded) => {
    expect(roundedToThousandths(text)).toBe(rounded);
  });

  it.each([
    ["0", "0"],
    ["1000m", "1"],
    ["0.5", "500m"],
    ["1000", "1k"],
    ["1.5Gi", "1536Mi"],
    ["1024Mi", "1Gi"],
    ["0.5Ki", "512"],
    ["1.024Ki", "1048576m"],
    ["1000Ki", "1000Ki"],
    ["1e3", "1e3"],
    ["1.5e3", "1500"],
    ["1e4", "10e3"],
    ["1e-10", "1e-9"],
    ["12Ei", "9223372036854775807"],
    ["-1500Mi", "-1500Mi"],
    ["100000000m", "100k"],
    [".5", "500m"],
    ["1E", "1E"],
    ["+1", "+1"],
    ["1E3", "1E3"],
    ["1e+3", "1e+3"],
    ["5e0", "5e0"],
    ["007", "007"],
    ["1.500", "1.500"],
    ["100.123", "100.123"],
    ["+0.5", "500m"],
    ["+1000m", "1"],
    ["01000", "1k"],
    ["1E4", "10e3"],
    ["+5Gi", "+5Gi"],
    ["+8Mi", "8Mi"],
    ["010000Ki", "10000Ki"],
    ["+5Pi", "5Pi"],
    ["+1234567890123456789", "1234567890123456789"],
    ["0.0000000001", "1n"],
  ])("%s is written %s", (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
  });

  it.each(["", "abc", "1 ", " 1", "1.2.3", "0x1"])("%p has not the shape of a quantity", (text) => {
    expect(quantityError(text)).toBe(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  });

  it.each(["1ki", "1mi", "1K", "--1", "1kk", "1Ki1", "1e99999"])("%p has no known suffix", (text) => {
    expect(isQuantity(text)).toBe(false);
    expect(quantityError(text)).toMatch(/suffix|regular expression/);
  });

  it.each([
    ["1", 1000],
    ["500m", 500],
    ["0.1", 100],
    ["1u", 1],
    ["1100u", 2],
    ["2k", 2_000_000],
    ["-250m", -250],
  ])("%s of a CPU is %d thousandths, rounded up", (text, milli) => {
    expect(cpuMilli(text)).toBe(milli);
  });

  it.each([
    ["128Mi", 134_217_728],
    ["1G", 1e9],
    ["1.5Ki", 1536],
    ["100m", 1],
    ["1e3", 1000],
    ["100Ei", Number.MAX_SAFE_INTEGER],
  ])("%s is %d bytes, rounded up", (text, bytes) => {
    expect(bytesOf(text)).toBe(bytes);
  });

  it("compares across suffixes", () => {
    expect(compareQuantity("1Gi", "1G")).toBe(1);
    expect(compareQuantity("1000m", "1")).toBe(0);
    expect(compareQuantity("-1", "1m")).toBe(-1);
  });

  it("adds and subtracts in the format of the first amount that is not zero", () => {
    expect(formatQuantity(addQuantity("100m", "0.9"))).toBe("1");
    expect(formatQuantity(addQuantity("0", "512Mi"))).toBe("512Mi");
    expect(formatQuantity(subtractQuantity("1Gi", "512Mi"))).toBe("512Mi");
  });

  it("writes what a number of thousandths or bytes is", () => {
    expect(formatQuantity(quantityOfMilli(1500))).toBe("1500m");
    expect(formatQuantity(quantityOfBytes(3 * 1024 ** 3))).toBe("3Gi");
  });

  const text = fc
    .tuple(
      fc.constantFrom("", "-"),
      fc.bigInt({ min: 0n, max: 10n ** 15n }),
      fc.constantFrom("", ".5", ".125", ".000001"),
      fc.constantFrom("", "n", "u", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "e-3"),
    )
    .map((parts) => parts.join(""));

  it("keeps the amount when it is written and read again, and is then written alike", () => {
    fc.assert(
      fc.property(text, (given) => {
        const canonical = canonicalQuantity(given);
        expect(compareQuantity(given, canonical)).toBe(0);
        expect(canonicalQuantity(canonical)).toBe(canonical);
      }),
    );
  });

  it("counts alike by numbers and exactly", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.constantFrom("", "m", "k", "Ki", "Mi"), (amount, suffix) => {
        const exact = parseQuantity(`${amount}${suffix}`).nanos;
        expect(BigInt(cpuMilli(`${amount}${suffix}`))).toBe((exact + 999_999n) / 1_000_000n);
        expect(BigInt(bytesOf(`${amount}${suffix}`))).toBe((exact + 999_999_999n) / 1_000_000_000n);
      }),
    );
  });

  it("takes back by subtraction what was added", () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(compareQuantity(subtractQuantity(addQuantity(a, b), b), a)).toBe(0);
      }),
    );
  });
});
