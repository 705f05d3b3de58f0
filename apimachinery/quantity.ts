/**
 * Quantities as Kubernetes writes them: `500m`, `1.5Gi`, `2e3`. Exact down to nano; finer fractions are rounded away from
 * zero, binary amounts above 2^63-1 are cut to it. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export interface Quantity {
  /** The amount in billionths. */
  readonly nanos: bigint;
  /** How it is written again: by thousands (k, M, m), by 1024 (Ki, Mi) or as exponent (e3). */
  readonly format: QuantityFormat;
}
export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";

export class QuantityError extends Error {
  override readonly name = "QuantityError";
}

/** Throws QuantityError with Kubernetes' message. */
export function parseQuantity(text: string): Quantity {
  const parts = text !== "" && text.length <= quantityMaxCharacters ? grammar.exec(text) : null;
  if (!parts) throw new QuantityError(wrongFormat);
  const [, sign = "", whole = "", fraction = "", suffix = ""] = parts;
  const scale = scaleOf(suffix);
  if (!scale) throw new QuantityError("unable to parse quantity's suffix");
  const magnitude = magnitudeOf(whole, fraction, scale);
  // A binary suffix has nothing to say below one.
  const format = scale.format === "BinarySI" && magnitude < unit ? "DecimalSI" : scale.format;
  return { nanos: sign === "-" ? -magnitude : magnitude, format };
}

export function isQuantity(text: string): boolean {
  return quantityError(text) === undefined;
}

/** What is wrong with the text, in Kubernetes' words. */
export function quantityError(text: string): string | undefined {
  if (parseSimple(text, milliBySuffix) >= 0) return undefined;
  try {
    parseQuantity(text);
    return undefined;
  } catch (error) {
    if (error instanceof QuantityError) return error.message;
    throw error;
  }
}

/** Canonical text: the largest suffix that leaves no fraction. */
export function formatQuantity({ nanos, format }: Quantity): string {
  if (nanos === 0n) return "0";
  const [sign, magnitude] = nanos < 0n ? ["-", -nanos] : ["", nanos];
  // Binary suffixes are for whole numbers from 1024 on; the rest is written in decimal, so that nothing is rounded.
  if (format === "BinarySI" && magnitude >= 1024n * unit && magnitude % unit === 0n)
    return sign + formatBinary(magnitude / unit);
  return sign + formatDecimal(magnitude, format === "DecimalExponent");
}

/** The text as the API answers it: `1000m` is `1`, `0.5` is `500m`, `+1` and `1E3` are as they are. Throws QuantityError. */
export function canonicalQuantity(text: string): string {
  if (plainInteger.test(text)) return text;
  const quantity = parseQuantity(text);
  return isKept(text) ? text : formatQuantity(quantity);
}

/**
 * Kubernetes leaves a text alone of which it sees at once that it has no larger suffix: digits that do not end in three
 * zeros, times a power of a thousand, or of 1024 and no multiple of eight.
 */
function isKept(text: string): boolean {
  const [, , whole = "", fraction = "", suffix = ""] = grammar.exec(text) ?? [];
  const scale = scaleOf(suffix);
  const significant = whole.replace(/^0+/, "");
  if (!scale || significant === "") return false;
  const digits = significant + fraction;
  if (scale.format === "BinarySI")
    return (
      fraction === "" &&
      digits.length <= binaryKeptMaxDigits - 3 * scale.exponent &&
      !/^0+$/.test(digits) &&
      Number(digits) % 8 !== 0
    );
  const power = scale.exponent - fraction.length;
  return digits.length <= keptMaxDigits && power >= -9 && power % 3 === 0 && !digits.endsWith("000");
}

const keptMaxDigits = 18;
const binaryKeptMaxDigits = 14;

/** Thousandths, rounded up: how CPU is counted. Cut at 2^53-1. Throws QuantityError. */
export function cpuMilli(text: string): number {
  const simple = parseSimple(text, milliBySuffix);
  return simple >= 0 ? simple : safeNumber(divideUp(parseQuantity(text).nanos, unit / 1000n));
}

/** Whole units, rounded up: how bytes and counts are counted. Cut at 2^53-1. Throws QuantityError. */
export function bytesOf(text: string): number {
  const simple = parseSimple(text, unitsBySuffix);
  return simple >= 0 ? simple : safeNumber(divideUp(parseQuantity(text).nanos, unit));
}

/** Negative, zero or positive, as for Array.sort. */
export function compareQuantity(a: string | Quantity, b: string | Quantity): number {
  const left = nanosOf(a);
  const right = nanosOf(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Written in the first one's format, unless that one is zero. */
export function addQuantity(a: string | Quantity, b: string | Quantity): Quantity {
  const [left, right] = [quantityOf(a), quantityOf(b)];
  return { nanos: left.nanos + right.nanos, format: left.nanos === 0n ? right.format : left.format };
}

export function subtractQuantity(a: string | Quantity, b: string | Quantity): Quantity {
  const [left, right] = [quantityOf(a), quantityOf(b)];
  return { nanos: left.nanos - right.nanos, format: left.nanos === 0n ? right.format : left.format };
}

export const quantityOfMilli = (milli: number): Quantity => ({
  nanos: BigInt(milli) * (unit / 1000n),
  format: "DecimalSI",
});
/** The next whole thousandth, away from zero, of a canonical text; finer than these no request or limit is. */
export function roundedToThousandths(canonical: string): string {
  if (!finer.test(canonical)) return canonical;
  const { nanos, format } = parseQuantity(canonical);
  return formatQuantity({ nanos: divideUp(nanos, unit / 1000n) * (unit / 1000n), format });
}

const finer = /(?:[nu]|[eE]-\d+)$/;

export const quantityOfBytes = (bytes: number): Quantity => ({ nanos: BigInt(bytes) * unit, format: "BinarySI" });

const quantityMaxCharacters = 1024;
const maxExponent = 1000;
const unit = 1_000_000_000n;
const binaryMaxNanos = (2n ** 63n - 1n) * unit;
const wrongFormat = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const grammar = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;
const plainInteger = /^(?:0|[1-9][0-9]{0,2})$/;
const decimalSuffixes: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  "": 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

interface Scale {
  readonly format: QuantityFormat;
  readonly base: bigint;
  readonly exponent: number;
}

function scaleOf(suffix: string): Scale | undefined {
  const decimal = Object.hasOwn(decimalSuffixes, suffix) ? decimalSuffixes[suffix] : undefined;
  if (decimal !== undefined) return { format: "DecimalSI", base: 10n, exponent: decimal };
  const binary = binarySuffixes.indexOf(suffix);
  if (binary > 0) return { format: "BinarySI", base: 1024n, exponent: binary };
  if (!/^[eE][-+]?[0-9]+$/.test(suffix)) return undefined;
  const exponent = Number(suffix.slice(1));
  if (Math.abs(exponent) > maxExponent) return undefined;
  return { format: "DecimalExponent", base: 10n, exponent };
}

function magnitudeOf(whole: string, fraction: string, { base, exponent }: Scale): bigint {
  const digits = BigInt(whole + fraction || "0");
  const power = base ** BigInt(Math.abs(exponent));
  const divisor = 10n ** BigInt(fraction.length) * (exponent < 0 ? power : 1n);
  const nanos = divideUp(digits * unit * (exponent < 0 ? 1n : power), divisor);
  return base === 1024n && nanos > binaryMaxNanos ? binaryMaxNanos : nanos;
}

function formatDecimal(nanos: bigint, asExponent: boolean): string {
  let [mantissa, exponent] = [nanos, -9];
  while ((asExponent || exponent < 18) && mantissa % 1000n === 0n) {
    mantissa /= 1000n;
    exponent += 3;
  }
  if (exponent === 0) return mantissa.toString();
  return `${mantissa}${asExponent ? `e${exponent}` : "num kMGTPE"[exponent / 3 + 3]}`;
}

function formatBinary(units: bigint): string {
  let [mantissa, index] = [units, 0];
  while (index < binarySuffixes.length - 1 && mantissa % 1024n === 0n) {
    mantissa /= 1024n;
    index++;
  }
  return `${mantissa}${binarySuffixes[index]}`;
}

/** Away from zero. */
function divideUp(amount: bigint, divisor: bigint): bigint {
  const quotient = amount / divisor;
  if (quotient * divisor === amount) return quotient;
  return amount < 0n ? quotient - 1n : quotient + 1n;
}

const quantityOf = (quantity: string | Quantity): Quantity =>
  typeof quantity === "string" ? parseQuantity(quantity) : quantity;

function nanosOf(quantity: string | Quantity): bigint {
  return quantityOf(quantity).nanos;
}

function safeNumber(amount: bigint): number {
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(amount > limit ? limit : amount < -limit ? -limit : amount);
}

const milliBySuffix = new Map([
  ["m", 1],
  ["", 1000],
  ["k", 1e6],
  ["M", 1e9],
  ["Ki", 1024e3],
  ["Mi", 1024 ** 2 * 1e3],
]);
const unitsBySuffix = new Map(
  ["", "k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti"].map((suffix) => [
    suffix,
    suffix.endsWith("i") ? 1024 ** binarySuffixes.indexOf(suffix) : 10 ** (decimalSuffixes[suffix] ?? 0),
  ]),
);

/** The common case, digits and a suffix, without bigint; -1 where that does not do. */
function parseSimple(text: string, factors: ReadonlyMap<string, number>): number {
  let digits = 0;
  let value = 0;
  for (; digits < text.length; digits++) {
    const digit = text.charCodeAt(digits) - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  const factor = factors.get(text.slice(digits));
  if (factor === undefined || digits === 0 || digits > 15) return -1;
  const amount = value * factor;
  return amount <= Number.MAX_SAFE_INTEGER ? amount : -1;
}
