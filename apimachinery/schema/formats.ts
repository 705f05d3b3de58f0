import { canonicalQuantity, QuantityError, roundedToThousandths } from "../quantity.js";

/** A value that its type cannot read, with the decoder's message. */
export class FormatError extends Error {
  override readonly name = "FormatError";
}

const maxCachedQuantities = 2_000;
let quantities = new Map<string, string>();

/** A string or number as the canonical text of a quantity: `1000m` is `1`. */
export function canonicalQuantityOf(value: unknown): string {
  const text =
    typeof value === "string"
      ? value.trim()
      : typeof value === "number" || typeof value === "bigint"
        ? String(value)
        : "";
  const known = quantities.get(text);
  if (known !== undefined) return known;
  const canonical = readQuantity(text);
  if (quantities.size >= maxCachedQuantities) quantities = new Map();
  quantities.set(text, canonical);
  return canonical;
}

/** The same for an amount of a resource, which is counted in thousandths. */
export const canonicalAmountOf = (value: unknown): string => roundedToThousandths(canonicalQuantityOf(value));

function readQuantity(text: string): string {
  try {
    return canonicalQuantity(text);
  } catch (error) {
    throw error instanceof QuantityError ? new FormatError(error.message) : error;
  }
}

const plainTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const anyTime = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

const fractionOfSecond = /\.\d+Z$/;

/** RFC 3339 in UTC with whole seconds; fractions are cut off. */
export function canonicalTime(text: string): string {
  const { milliseconds } = readTime(text, "2006-01-02T15:04:05Z07:00");
  if (plainTime.test(text)) return text;
  return new Date(milliseconds).toISOString().replace(fractionOfSecond, "Z");
}

/** RFC 3339 in UTC with six digits after the point. */
export function canonicalMicroTime(text: string): string {
  const { milliseconds, fraction } = readTime(text, "2006-01-02T15:04:05.000000Z07:00");
  return new Date(milliseconds).toISOString().replace(fractionOfSecond, `.${fraction.padEnd(6, "0").slice(0, 6)}Z`);
}

/** Whole seconds since 1970 in milliseconds, and the digits after the point. */
function readTime(text: string, layout: string): { readonly milliseconds: number; readonly fraction: string } {
  const parts = text.length <= maxTimeCharacters ? anyTime.exec(text) : null;
  if (!parts)
    throw new FormatError(
      `parsing time ${JSON.stringify(text)} as "${layout}": cannot parse ${JSON.stringify(text)} as "2006"`,
    );
  const [, year, month, day, hour, minute, second, fraction = "", zone] = parts;
  const part = outOfRange(Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second));
  const milliseconds = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`);
  if (part || Number.isNaN(milliseconds))
    throw new FormatError(`parsing time ${JSON.stringify(text)}: ${part ?? "time zone offset"} out of range`);
  return { milliseconds, fraction };
}

const maxTimeCharacters = 64;

function outOfRange(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): string | undefined {
  if (month < 1 || month > 12) return "month";
  if (day < 1 || day > new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()) return "day";
  if (hour > 23) return "hour";
  if (minute > 59) return "minute";
  return second > 59 ? "second" : undefined;
}

/** Base64 without line breaks. */
export function canonicalBytes(text: string): string {
  const joined = /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, "") : text;
  const stray = joined.search(/[^A-Za-z0-9+/]/);
  const end = stray === -1 ? joined.length : stray;
  const padding = joined.length - end;
  const wellPadded = joined.length % 4 === 0 && padding <= 2 && joined.slice(end) === "=".repeat(padding);
  if (!wellPadded) throw new FormatError(`illegal base64 data at input byte ${end}`);
  return joined;
}
