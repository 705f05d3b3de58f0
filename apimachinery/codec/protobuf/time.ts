/** Times on the wire: seconds since 1970 and nanoseconds. */
export interface WireTime {
  readonly seconds: number;
  readonly nanos: number;
}

/** Of RFC 3339 text. Throws TypeError for other text. */
export function timeOf(text: string): WireTime {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new TypeError(`${JSON.stringify(text)} is not a time`);
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? "";
  return { seconds: Math.floor(ms / 1000), nanos: Number(fraction.slice(0, 9).padEnd(9, "0")) };
}

/** As RFC 3339 text with whole seconds or with microseconds. Throws SyntaxError outside the years 1 to 9999. */
export function timeText({ seconds, nanos }: WireTime, precision: "seconds" | "microseconds"): string {
  if (!(seconds >= firstSecond && seconds <= lastSecond && nanos >= 0 && nanos < 1e9))
    throw new SyntaxError("a time is out of range");
  const whole = new Date(seconds * 1000).toISOString().slice(0, -".000Z".length);
  const fraction = precision === "seconds" ? "" : `.${String(Math.floor(nanos / 1000)).padStart(6, "0")}`;
  return `${whole}${fraction}Z`;
}

const firstSecond = Date.UTC(2000, 0, 1) / 1000 - 63_082_281_600;
const lastSecond = Date.UTC(9999, 11, 31, 23, 59, 59) / 1000;
