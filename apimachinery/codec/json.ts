import { badRequest } from "../status.js";
import { keyOffsets, readJson } from "./json-reader.js";

/**
 * JSON as the API reads and writes it. Beyond JSON.parse and JSON.stringify: duplicate keys are reported with their paths,
 * nesting is bounded, and an integer whose digits a number would not keep (above 2^53, within 64 bits) is a `bigint`, which
 * `stringifyJson` writes as the same digits. `__proto__` is an own property like any other, both ways.
 */

/** Collections inside collections; deeper input is refused. */
export const jsonMaxDepth = 512;

export interface ParsedJson {
  readonly value: unknown;
  /** Paths of keys that occurred twice (`spec.replicas`), filled in strict mode; the last value has won. */
  readonly duplicateFields: readonly string[];
}

/** Throws BadRequest saying where the text stops being JSON. `strict` looks for duplicate keys. */
export function parseJson(source: Uint8Array | string, options: { readonly strict?: boolean } = {}): ParsedJson {
  const text = typeof source === "string" ? source : decoder.decode(source);
  if (mayNestTooDeep(text) || longInteger.test(text)) return readExactly(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return readExactly(text);
  }
  return options.strict && mayRepeatKeys(text, value) ? readExactly(text) : { value, duplicateFields: [] };
}

/** What is wrong with keys of a text that parseJson has read, in the order in which a reader comes upon it. */
export function keyProblems(
  source: Uint8Array,
  { duplicate, unknown }: { readonly duplicate: readonly string[]; readonly unknown: readonly string[] },
): readonly string[] {
  const found = [
    ...duplicate.map((path) => ({ path, occurrence: 1, text: `duplicate field ${JSON.stringify(path)}` })),
    ...unknown.map((path) => ({ path, occurrence: 0, text: `unknown field ${JSON.stringify(path)}` })),
  ];
  const isOrdered = duplicate.length === 0 || unknown.length === 0;
  if (isOrdered) return found.map(({ text }) => text);
  const offsets = keyOffsets(decoder.decode(source), jsonMaxDepth, [...duplicate, ...unknown]);
  const offsetOf = ({ path, occurrence }: (typeof found)[number]): number =>
    offsets.get(path)?.[occurrence] ?? source.length;
  return found.toSorted((one, other) => offsetOf(one) - offsetOf(other)).map(({ text }) => text);
}

/**
 * Like JSON.stringify (undefined members left out), and writes bigint. `indent` lays the text out by that many spaces.
 * Throws TypeError for a value that has no JSON.
 */
export function stringifyJson(value: unknown, indent = 0): string {
  try {
    const text: string | undefined = JSON.stringify(value, undefined, indent);
    if (text !== undefined) return text;
  } catch (error) {
    if (!(error instanceof TypeError && /BigInt/.test(error.message))) throw error;
    return writeExactly(value, indent === 0 ? undefined : " ".repeat(indent), "\n");
  }
  throw new TypeError("value has no JSON form");
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
// A number follows one of these; inside a string the match only costs time.
const longInteger = /(?:^|[:[,\s])-?[0-9]{16}/;

function readExactly(text: string): ParsedJson {
  const read = readJson(text, jsonMaxDepth);
  if ("error" in read) throw badRequest(read.error);
  return read;
}

/** A text with no more brackets than the bound cannot nest deeper; most are told by a quick count. */
function mayNestTooDeep(text: string): boolean {
  let openers = 0;
  for (const bracket of ["{", "["])
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1))
      if (++openers > jsonMaxDepth) return nestsTooDeep(text);
  return false;
}

function nestsTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      do at = text.indexOf('"', at + 1);
      while (at > 0 && isEscaped(text, at));
      if (at < 0) return false;
    } else if (code === openBrace || code === openBracket) {
      if (++depth > jsonMaxDepth) return true;
    } else if (code === closeBrace || code === closeBracket) depth--;
  }
  return false;
}

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d];

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === backslash) backslashes++;
  return backslashes % 2 === 1;
}

/**
 * Every key of the text stands before `":`. Where the text has as many of those as the value has keys, no key was lost.
 * Escaped quotes are taken off; what cannot be told apart by counting counts as doubtful.
 */
function mayRepeatKeys(text: string, value: unknown): boolean {
  if (text.includes('\\\\":') || /"\s+:/.test(text)) return true;
  return occurrences(text, '":') - occurrences(text, '\\":') !== keysIn(value);
}

function occurrences(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++;
  return count;
}

function keysIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) for (const item of value) count += keysIn(item);
  else for (const item of Object.values(value)) count += 1 + keysIn(item);
  return count;
}

/** `step` indents each level further than the line that `from` starts; absent: all stands in one line. */
function writeExactly(value: unknown, step: string | undefined, from: string): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if ("toJSON" in value && typeof value.toJSON === "function") return writeExactly(value.toJSON(), step, from);
  const deeper = step === undefined ? from : from + step;
  const write = (member: unknown): string => writeExactly(member, step, deeper);
  const colon = step === undefined ? ":" : ": ";
  const isList = Array.isArray(value);
  const members = isList
    ? value.map((item) => (hasJson(item) ? write(item) : "null"))
    : Object.entries(value)
        .filter(([, member]) => hasJson(member))
        .map(([key, member]) => JSON.stringify(key) + colon + write(member));
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  if (step === undefined || members.length === 0) return open + members.join(",") + close;
  return open + deeper + members.join(`,${deeper}`) + from + close;
}

const hasJson = (value: unknown): boolean =>
  value !== undefined && typeof value !== "function" && typeof value !== "symbol";
