import { parseDuration } from "../../apimachinery/duration.js";

/** The grammar of cron schedules: five fields, or a name such as `@daily`, or `@every 1h30m`. */

interface Field {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const fields: readonly Field[] = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: ["", ...months] },
  { min: 0, max: 6, names: weekdays },
];

const descriptors: ReadonlySet<string> = new Set([
  "@yearly",
  "@annually",
  "@monthly",
  "@weekly",
  "@daily",
  "@midnight",
  "@hourly",
]);

/** What is wrong with a schedule; undefined where nothing is. */
export function scheduleError(schedule: string): string | undefined {
  const text = schedule.trim();
  if (text === "") return "empty spec string";
  if (text.startsWith("@")) return descriptorError(text);
  const parts = text.split(/\s+/);
  if (parts.length !== fields.length)
    return `expected exactly ${fields.length} fields, found ${parts.length}: [${parts.join(" ")}]`;
  for (const [index, part] of parts.entries()) {
    const field = fields[index];
    const wrong = field && fieldError(part, field);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function descriptorError(text: string): string | undefined {
  if (descriptors.has(text)) return undefined;
  if (!text.startsWith("@every ")) return `unrecognized descriptor: ${text}`;
  const parsed = parseDuration(text.slice("@every ".length));
  return "error" in parsed ? `failed to parse duration ${text}: ${parsed.error}` : undefined;
}

function fieldError(text: string, field: Field): string | undefined {
  for (const range of text.split(",")) {
    const wrong = range === "" ? undefined : rangeError(range, field);
    if (wrong !== undefined) return wrong;
  }
  return text.split(",").every((range) => range === "")
    ? `failed to parse int from ${text}: invalid syntax`
    : undefined;
}

/** `*`, `5`, `1-5`, each with or without a step: `1-5/2`. */
function rangeError(text: string, { min, max, names }: Field): string | undefined {
  const [range = "", step, ...moreSteps] = text.split("/");
  if (moreSteps.length > 0) return `too many slashes: ${text}`;
  const [first = "", last, ...moreEnds] = range.split("-");
  const every = range === "*" || range === "?";
  if (!every) {
    if (moreEnds.length > 0) return `too many hyphens: ${text}`;
    const from = numberOf(first, names);
    const to = last === undefined ? from : numberOf(last, names);
    if (from === undefined) return notNumber(first);
    if (to === undefined) return notNumber(last ?? "");
    if (from < min) return `beginning of range (${from}) below minimum (${min}): ${text}`;
    if (to > max) return `end of range (${to}) above maximum (${max}): ${text}`;
    if (from > to) return `beginning of range (${from}) beyond end of range (${to}): ${text}`;
  }
  if (step === undefined) return undefined;
  if (!/^\d+$/.test(step)) return notNumber(step);
  return Number(step) === 0 ? `step of range should be a positive number: ${text}` : undefined;
}

const notNumber = (text: string): string =>
  `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;

function numberOf(text: string, names: readonly string[]): number | undefined {
  const named = text === "" ? -1 : names.indexOf(text.toLowerCase());
  if (named !== -1) return named;
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
