import { accessSync, constants, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Command, defineCommand } from "../command.js";
import { CliError, ExitError } from "../errors.js";
import { bool } from "../flags.js";

const prefixes = ["navctl-", "kubectl-"];
const entriesMax = 100_000;

/** Programs on PATH that begin so are commands too: `navctl-foo-bar` is `navctl foo bar`. */
const list = defineCommand({
  name: "list",
  summary: "List the programs on PATH that are plugins.",
  flags: { "name-only": bool("Their names alone.") },
  async run({ session, flags }) {
    const seen = new Set<string>();
    const notes: string[] = [];
    const lines: string[] = [];
    for (const folder of foldersOf(session.io.env.PATH)) {
      for (const name of programsIn(folder)) {
        const path = join(folder, name);
        lines.push(flags["name-only"] ? name : path);
        if (!executable(path)) notes.push(`  - warning: ${path} identified as a plugin, but it is not executable`);
        else if (seen.has(name)) notes.push(`  - warning: ${path} is overshadowed by a similarly named plugin`);
        seen.add(name);
      }
    }
    if (lines.length === 0) throw new CliError("unable to find any navctl or kubectl plugins in your PATH");
    session.print("The following compatible plugins are available:\n");
    for (const line of lines) session.print(line);
    if (notes.length > 0) {
      session.note(`\n${notes.join("\n")}`);
      session.note(
        notes.length === 1
          ? "error: one plugin warning was found"
          : `error: ${notes.length} plugin warnings were found`,
      );
      throw new ExitError(1);
    }
    return 0;
  },
});

export const plugin: Command = {
  name: "plugin",
  summary: "Look at plugins: programs on PATH named navctl-NAME or kubectl-NAME.",
  flags: {},
  subcommands: [list],
};

const foldersOf = (path = ""): readonly string[] => [
  ...new Set(path.split(delimiter).filter((folder) => folder !== "")),
];

function programsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .slice(0, entriesMax)
      .filter((entry) => !entry.isDirectory() && prefixes.some((prefix) => entry.name.startsWith(prefix)))
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}

const executable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The program that stands for these words, the longest name first, and what is left of the words for it. */
export function findPlugin(
  words: readonly string[],
  path: string | undefined,
): { readonly program: string; readonly args: readonly string[] } | undefined {
  const end = words.findIndex((word) => word.startsWith("-"));
  const names = end < 0 ? words : words.slice(0, end);
  for (let taken = Math.min(names.length, 8); taken > 0; taken--) {
    const name = names
      .slice(0, taken)
      .map((word) => word.replaceAll("-", "_"))
      .join("-");
    if (name.includes("/")) continue;
    for (const prefix of prefixes)
      for (const folder of foldersOf(path)) {
        const program = join(folder, `${prefix}${name}`);
        if (executable(program)) return { program, args: words.slice(taken) };
      }
  }
  return undefined;
}
