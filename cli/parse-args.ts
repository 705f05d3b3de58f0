import { type Flag, FlagError, type Flags } from "./flags.js";

/** What a command line says, once read in the way of POSIX and GNU flags as kubectl's users write them. */
export interface ParsedArgs {
  readonly values: Readonly<Record<string, unknown>>;
  /** Flags that were given, as against left at their initial value. */
  readonly given: ReadonlySet<string>;
  readonly operands: readonly string[];
  /** Number of operands before `--`; undefined when there is none. */
  readonly dashAt: number | undefined;
  readonly help: boolean;
}

/** Reads flags and operands in any order; `--` ends the flags. `-nfoo`, `-n foo`, `-n=foo`, `-it`, `--wait=false`. */
export function parseArgs(argv: readonly string[], flags: Flags, stopAtOperand = false): ParsedArgs {
  const reader = new Reader(argv, flags);
  const operands: string[] = [];
  let dashAt: number | undefined;
  for (let argument = reader.next(); argument !== undefined; argument = reader.next()) {
    if (argument === "--") {
      dashAt = operands.length;
      operands.push(...reader.rest());
    } else if (argument.startsWith("--")) reader.long(argument.slice(2));
    else if (argument.startsWith("-") && argument !== "-") reader.shorts(argument.slice(1));
    else {
      operands.push(argument);
      if (stopAtOperand) operands.push(...reader.rest());
    }
  }
  return { values: reader.values, given: reader.given, operands, dashAt, help: reader.help };
}

/** Where the first operand stands, passing over flags with their values; undefined when there is none. */
export function firstOperand(argv: readonly string[], flags: Flags): number | undefined {
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? "";
    if (argument === "--") return undefined;
    if (!argument.startsWith("-") || argument === "-") return index;
    if (!argument.includes("=") && wantsNext(argument, flags)) index++;
  }
  return undefined;
}

const takesValue = (flag: Flag<unknown> | undefined): boolean => flag?.kind === "value" || flag?.kind === "list";

/** The flag's value is the next argument: `--namespace`, `-n`, `-An`. */
function wantsNext(argument: string, flags: Flags): boolean {
  if (argument.startsWith("--")) return takesValue(flags[argument.slice(2)]);
  const valued = Object.values(flags).flatMap((flag) => (takesValue(flag) && flag.short ? [flag.short] : []));
  const letters = [...argument.slice(1)];
  return (
    letters.some((letter) => valued.includes(letter)) &&
    letters.slice(0, -1).every((letter) => !valued.includes(letter))
  );
}

class Reader {
  readonly values: Record<string, unknown> = {};
  readonly given = new Set<string>();
  help = false;
  readonly #argv: readonly string[];
  readonly #flags: Flags;
  #at = 0;

  constructor(argv: readonly string[], flags: Flags) {
    this.#argv = argv;
    this.#flags = flags;
    for (const [name, flag] of Object.entries(flags)) this.values[name] = flag.initial;
  }

  next(): string | undefined {
    return this.#argv[this.#at++];
  }

  rest(): readonly string[] {
    const rest = this.#argv.slice(this.#at);
    this.#at = this.#argv.length;
    return rest;
  }

  long(written: string): void {
    const equals = written.indexOf("=");
    const name = equals < 0 ? written : written.slice(0, equals);
    const value = equals < 0 ? undefined : written.slice(equals + 1);
    if (name === "help") {
      this.help = true;
      return;
    }
    const flag = Object.hasOwn(this.#flags, name) ? this.#flags[name] : undefined;
    if (!flag) throw new FlagError(`unknown flag: --${name}`);
    this.#set(name, flag, value, () => `flag needs an argument: --${name}`);
  }

  /** A cluster of one-letter flags; the first that takes a value takes the rest. */
  shorts(written: string): void {
    for (let index = 0; index < written.length; index++) {
      const letter = written[index] ?? "";
      const found = Object.entries(this.#flags).find(([, { short }]) => short === letter);
      if (!found && letter === "h") {
        this.help = true;
        continue;
      }
      if (!found) throw new FlagError(`unknown shorthand flag: '${letter}' in -${written}`);
      const [name, flag] = found;
      const rest = written.slice(index + 1);
      const bare = !takesValue(flag) && !rest.startsWith("=");
      const value = rest.startsWith("=") ? rest.slice(1) : rest === "" || bare ? undefined : rest;
      this.#set(name, flag, value, () => `flag needs an argument: '${letter}' in -${written}`, letter);
      if (!bare) return;
    }
  }

  #set(name: string, flag: Flag<unknown>, written: string | undefined, missing: () => string, letter?: string): void {
    let value = written;
    if (value === undefined) {
      if (flag.kind === "boolean") value = "true";
      else if (flag.kind === "optional-value") value = flag.bare ?? "";
      else value = this.next();
    }
    if (value === undefined) throw new FlagError(missing());
    const shown = letter === undefined ? `--${name}` : `-${letter}, --${name}`;
    this.values[name] = flag.parse(
      value,
      flag.short && letter === undefined ? `-${flag.short}, --${name}` : shown,
      this.values[name],
    );
    this.given.add(name);
  }
}
