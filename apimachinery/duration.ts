/** Durations as people read them in kubectl's AGE column, and as Go programs write them in flags (`1h30m`). */

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** Two or three significant figures: `5m3s`, `2d3h`, `<invalid>` for what lies over a second in the future. */
export function humanDuration(durationMs: number): string {
  const seconds = Math.trunc(durationMs / secondMs);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return withRest(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return withRest(hours, "h", minutes % 60, "m");
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (days < 8) return withRest(days, "d", hours % 24, "h");
  if (days < 730) return `${days}d`;
  const years = Math.trunc(days / 365);
  return days < 8 * 365 ? withRest(years, "y", days % 365, "d") : `${years}y`;
}

/** One figure: `5m`, `2d`. */
export function shortHumanDuration(durationMs: number): string {
  const seconds = Math.trunc(durationMs / secondMs);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.trunc(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.trunc(seconds / 3600)}h`;
  const days = Math.trunc(seconds / 86_400);
  return days < 365 ? `${days}d` : `${Math.trunc(days / 365)}y`;
}

/** The AGE column: time since an RFC 3339 timestamp; `<unknown>` without one. */
export function ageOf(timestamp: string | undefined, nowMs: number): string {
  const sinceMs = timestamp === undefined ? Number.NaN : Date.parse(timestamp);
  return Number.isNaN(sinceMs) ? "<unknown>" : humanDuration(nowMs - sinceMs);
}

/** Milliseconds (with fraction) of a Go duration: `1h30m`, `1.5s`, `-300ms`; or what is wrong with it. */
export function parseDuration(text: string): { readonly ms: number } | { readonly error: string } {
  const quoted = JSON.stringify(text);
  const sign = text.startsWith("-") ? -1 : 1;
  const body = text.replace(/^[+-]/, "");
  if (body === "0") return { ms: 0 };
  if (body === "" || text.length > durationMaxCharacters) return { error: `time: invalid duration ${quoted}` };
  let ms = 0;
  for (let at = 0; at < body.length; ) {
    const [part = "", number = "", unitName = ""] = /^([0-9]*\.?[0-9]*)([^0-9.]*)/.exec(body.slice(at)) ?? [];
    if (!/[0-9]/.test(number)) return { error: `time: invalid duration ${quoted}` };
    if (unitName === "") return { error: `time: missing unit in duration ${quoted}` };
    const unitMs = unitsMs.get(unitName);
    if (unitMs === undefined) return { error: `time: unknown unit ${JSON.stringify(unitName)} in duration ${quoted}` };
    ms += Number(number) * unitMs;
    at += part.length;
  }
  // Go counts nanoseconds in 64 bits.
  return ms > maxDurationMs ? { error: `time: invalid duration ${quoted}` } : { ms: sign * ms };
}

/** As Go prints a duration: `1h30m0s`, `1.5s`, `300ms`, `0s`. */
export function formatDuration(durationMs: number): string {
  const nanos = Math.round(Math.abs(durationMs) * 1e6);
  if (nanos === 0) return "0s";
  const sign = durationMs < 0 ? "-" : "";
  if (nanos < 1e3) return `${sign}${nanos}ns`;
  if (nanos < 1e6) return `${sign}${nanos / 1e3}µs`;
  if (nanos < 1e9) return `${sign}${nanos / 1e6}ms`;
  const wholeSeconds = Math.floor(nanos / 1e9);
  const fraction = nanos % 1e9 === 0 ? "" : `.${String(nanos % 1e9).padStart(9, "0")}`.replace(/0+$/, "");
  const [hours, minutes] = [Math.floor(wholeSeconds / 3600), Math.floor(wholeSeconds / 60)];
  const head = hours > 0 ? `${hours}h${minutes % 60}m` : minutes > 0 ? `${minutes}m` : "";
  return `${sign}${head}${wholeSeconds % 60}${fraction}s`;
}

const durationMaxCharacters = 256;
const maxDurationMs = 2 ** 63 / 1e6;
const unitsMs: ReadonlyMap<string, number> = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["µs", 1e-3],
  ["μs", 1e-3],
  ["ms", 1],
  ["s", secondMs],
  ["m", minuteMs],
  ["h", hourMs],
]);

const withRest = (amount: number, unitName: string, rest: number, restName: string): string =>
  rest === 0 ? `${amount}${unitName}` : `${amount}${unitName}${rest}${restName}`;
