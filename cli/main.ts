import { setMaxListeners } from "node:events";
import { catalogue } from "./catalogue.js";
import type { Command } from "./command.js";
import { CliError, describeFailure, exitCodeOf, usageError } from "./errors.js";
import { FlagError, type Flags } from "./flags.js";
import { type GlobalFlags, globalFlags } from "./global-flags.js";
import type { Io } from "./io.js";
import { firstOperand, parseArgs } from "./parse-args.js";
import { Session } from "./session.js";

/** Runs one command line (without the program's name) and answers the exit code. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  // Every stream and every pause ends at Ctrl-C: as many listen as there are of them.
  if (io.signal) setMaxListeners(Number.POSITIVE_INFINITY, io.signal);
  const state: { session?: Session } = {};
  try {
    return await run(argv, io, state);
  } catch (error) {
    if (io.signal?.aborted) return interruptedExitCode;
    const text = describeFailure(error, state.session?.server ?? "", state.session?.configured);
    if (text !== undefined) io.stderr.write(`${text}\n`);
    return exitCodeOf(error);
  } finally {
    state.session?.close();
  }
}

const interruptedExitCode = 130;

async function run(argv: readonly string[], io: Io, state: { session?: Session }): Promise<number> {
  const [name, rest] = takeOperand(argv, globalFlags);
  if (name === undefined || name === "help" || name === "options") return help(name, rest, io);
  if (name === "__complete") {
    const { complete } = await import("./complete.js");
    return complete(rest, io);
  }
  const entry = catalogue.find((candidate) => candidate.name === name);
  if (!entry) {
    const code = await runPlugin(argv, io);
    if (code !== undefined) return code;
    throw await unknownCommand(
      name,
      catalogue.map((candidate) => candidate.name),
    );
  }
  const found = await descend(await entry.load(), rest);
  const { command, path } = found;
  const parsed = parse(found.rest, { ...globalFlags, ...command.flags }, path);
  if (parsed.help || !command.run) {
    if (!parsed.help && parsed.operands.length > 0) {
      throw usageError(path, `unknown command ${JSON.stringify(parsed.operands[0])}`);
    }
    const { commandHelp } = await import("./help.js");
    io.stdout.write(commandHelp(command, path));
    // A mere group of commands that is called by itself was not what the caller wanted.
    return parsed.help ? 0 : 1;
  }
  const session = new Session(io, globalsOf(parsed.values, command.flags));
  state.session = session;
  const code = await command.run({
    args: parsed.operands,
    flags: parsed.values,
    given: parsed.given,
    dashAt: parsed.dashAt,
    session,
    path,
    usageError: (message) => usageError(path, message),
  });
  if (!code && session.warned && session.globals["warnings-as-errors"])
    throw new CliError("1 or more warnings received");
  return code ?? 0;
}

/** Goes down into sub-commands as far as the operands name them. */
async function descend(
  top: Command,
  argv: readonly string[],
): Promise<{ command: Command; path: string; rest: readonly string[] }> {
  let command = top;
  let path = top.name;
  let rest = argv;
  while (command.subcommands) {
    const [name, after] = takeOperand(rest, { ...globalFlags, ...command.flags });
    const next = command.subcommands.find((sub) => sub.name === name || sub.aliases?.includes(name ?? ""));
    if (!next) break;
    command = next;
    path = `${path} ${next.name}`;
    rest = after;
  }
  return { command, path, rest };
}

/** What the global flags say; a command's own flag of the same name (`create rolebinding --user`) hides the global one. */
function globalsOf(values: Readonly<Record<string, unknown>>, own: Flags): GlobalFlags {
  const hidden = Object.entries(globalFlags).filter(([name]) => Object.hasOwn(own, name));
  return { ...values, ...Object.fromEntries(hidden.map(([name, flag]) => [name, flag.initial])) } as GlobalFlags;
}

function takeOperand(argv: readonly string[], flags: Flags): [string | undefined, readonly string[]] {
  const at = firstOperand(argv, flags);
  return at === undefined ? [undefined, argv] : [argv[at], argv.toSpliced(at, 1)];
}

function parse(argv: readonly string[], flags: Flags, path: string): ReturnType<typeof parseArgs> {
  try {
    return parseArgs(argv, flags);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    throw new CliError(
      `${error.message}\nSee '${["navctl", path, "--help"].filter((word) => word !== "").join(" ")}' for usage.`,
    );
  }
}

/** Commands of kubectl that are not built. */
const missing: ReadonlyMap<string, string> = new Map([
  ["alpha", "use kubectl"],
  ["kuberc", "use kubectl"],
  ["kustomize", "use 'kubectl kustomize' or 'kustomize build', and pipe what it prints to 'navctl apply -f -'"],
]);

/** A program on PATH in place of a command that we do not have; undefined where there is none. */
async function runPlugin(argv: readonly string[], io: Io): Promise<number | undefined> {
  if (!io.runProgram) return undefined;
  const { findPlugin } = await import("./commands/plugin.js");
  const found = findPlugin(argv, io.env.PATH);
  return found && io.runProgram(found.program, found.args);
}

async function unknownCommand(name: string, names: readonly string[]): Promise<CliError> {
  const instead = missing.get(name);
  if (instead !== undefined) return new CliError(`navctl has no ${JSON.stringify(name)}: ${instead}`);
  const { commandsLike } = await import("./did-you-mean.js");
  const suggestions = commandsLike(name, names);
  const hint =
    suggestions.length === 0 ? "" : `\n\nDid you mean this?\n${suggestions.map((word) => `\t${word}`).join("\n")}`;
  return new CliError(`unknown command ${JSON.stringify(name)} for "navctl"${hint}`);
}

async function help(name: string | undefined, rest: readonly string[], io: Io): Promise<number> {
  const { commandHelp, optionsHelp, programHelp } = await import("./help.js");
  if (name === undefined && rest.some((argument) => argument !== "--help" && argument !== "-h")) {
    parse(rest, globalFlags, "");
  }
  const entry = name === "help" ? catalogue.find((candidate) => candidate.name === rest[0]) : undefined;
  if (name === "options") io.stdout.write(optionsHelp());
  else if (entry) {
    const found = await descend(await entry.load(), rest.slice(1));
    io.stdout.write(commandHelp(found.command, found.path));
  } else if (name === "help" && rest[0] !== undefined) {
    throw await unknownCommand(
      rest[0],
      catalogue.map((candidate) => candidate.name),
    );
  } else io.stdout.write(programHelp(catalogue));
  return 0;
}
