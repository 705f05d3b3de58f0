import { parseDuration } from "../apimachinery/duration.js";
import { CliError } from "./errors.js";

/** One flag of a command; its type says what the command gets. */
export interface Flag<T> {
  readonly help: string;
  readonly short?: string;
  readonly kind: "boolean" | "value" | "optional-value" | "list";
  /** What `--flag` means without a value, for an optional value. */
  readonly bare?: string;
  readonly initial: T;
  /** A method, so that flags of any type fit where values are unknown. */
  parse(text: string, name: string, previous: T): T;
  readonly hidden?: boolean;
}
export type Flags = Readonly<Record<string, Flag<unknown>>>;
/** Values by flag name, as written on the command line (`dry-run`). */
export type FlagValues<F extends Flags> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never };

interface Common {
  readonly short?: string;
  readonly hidden?: boolean;
}

export const bool = (help: string, options: Common & { readonly initial?: boolean } = {}): Flag<boolean> => ({
  help,
  ...options,
  kind: "boolean",
  initial: options.initial ?? false,
  parse: parseBool,
});

export const text = (help: string, options: Common = {}): Flag<string | undefined> => ({
  help,
  ...options,
  kind: "value",
  initial: undefined,
  parse: (value) => value,
});

/** A value that may be left out: `--dry-run` or `--dry-run=server`, never `--dry-run server`. */
export const optionalText = (
  help: string,
  options: Common & { readonly bare: string; readonly initial?: string },
): Flag<string | undefined> => ({
  help,
  kind: "optional-value",
  ...options,
  initial: options.initial,
  parse: (value) => value,
});

/** May be given several times; a comma separates values too. */
export const list = (help: string, options: Common = {}): Flag<readonly string[]> => ({
  help,
  ...options,
  kind: "list",
  initial: [],
  parse: (value, _, previous) => [...previous, ...value.split(",")],
});

/** May be given several times; a comma is part of the value. */
export const array = (help: string, options: Common = {}): Flag<readonly string[]> => ({
  help,
  ...options,
  kind: "list",
  initial: [],
  parse: (value, _, previous) => [...previous, value],
});

export const int = (help: string, options: Common = {}): Flag<number | undefined> => ({
  help,
  ...options,
  kind: "value",
  initial: undefined,
  parse: (value, name) => {
    if (!/^[+-]?\d+$/.test(value))
      throw invalidArgument(value, name, `strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
    return Number(value);
  },
});

/** Go's notation (`90s`, `1h30m`), in milliseconds. */
export const duration = (help: string, options: Common = {}): Flag<number | undefined> => ({
  help,
  ...options,
  kind: "value",
  initial: undefined,
  parse: (value, name) => {
    const read = parseDuration(value);
    if ("error" in read) throw invalidArgument(value, name, read.error);
    return read.ms;
  },
});

/** A duration, or a bare number of seconds; less than nothing is no limit. */
export const timeout = (help: string): Flag<number | undefined> => ({
  help,
  kind: "value",
  initial: undefined,
  parse: (value) => {
    const read = parseDuration(/^[+-]?\d+$/.test(value) ? `${value}s` : value);
    if ("error" in read)
      throw new CliError(
        "Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)",
      );
    return Math.max(0, read.ms);
  },
});

const truths: Readonly<Record<string, boolean>> = {
  "1": true,
  t: true,
  T: true,
  true: true,
  TRUE: true,
  True: true,
  "0": false,
  f: false,
  F: false,
  false: false,
  FALSE: false,
  False: false,
};

function parseBool(value: string, name: string): boolean {
  const truth = Object.hasOwn(truths, value) ? truths[value] : undefined;
  if (truth === undefined) {
    throw invalidArgument(value, name, `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`);
  }
  return truth;
}

export class FlagError extends CliError {}

const invalidArgument = (value: string, name: string, why: string): FlagError =>
  new FlagError(`invalid argument ${JSON.stringify(value)} for "${name}" flag: ${why}`);
