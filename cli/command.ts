import type { CliError } from "./errors.js";
import type { Flags, FlagValues } from "./flags.js";
import type { Session } from "./session.js";

/** One command: what it is called, what it takes, what it does. */
export interface Command<F extends Flags = Flags> {
  readonly name: string;
  readonly summary: string;
  /** What follows the name on the usage line. */
  readonly usage?: string;
  readonly examples?: readonly string[];
  readonly flags: F;
  readonly aliases?: readonly string[];
  /** Answers the exit code where it is not 0. Absent for a mere group of commands. */
  readonly run?: (call: Call<F>) => Promise<number | undefined>;
  readonly subcommands?: readonly Command[];
}

/** One call of a command. */
export interface Call<F extends Flags = Flags> {
  readonly args: readonly string[];
  readonly flags: FlagValues<F>;
  /** Flags that were given, as against left at their initial value. */
  readonly given: ReadonlySet<string>;
  /** Number of operands before `--`. */
  readonly dashAt: number | undefined;
  readonly session: Session;
  /** The arguments do not fit: says so and where help is. */
  readonly usageError: (message: string) => CliError;
  /** Words of the command, `create secret tls`. */
  readonly path: string;
}

/** Ties the flags' types to what `run` gets. */
export const defineCommand = <F extends Flags>(command: Command<F>): Command => command as unknown as Command;
