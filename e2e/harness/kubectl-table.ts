import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";

/**
 * What kubectl prints, written down by hand: a file a command, steps in the order in which they run, in a namespace of
 * the file's own. In commands and texts `<ns>` is that namespace; further words in angle brackets stand for what differs
 * from run to run (`placeholders`). How wide a column is does not count. A line after `[>=1.30] ` is expected of these
 * versions only.
 */
export interface CommandTable {
  readonly name: string;
  /** Files of the folder in which the steps run. */
  readonly files: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  /** Why navctl does not run them, where it does not. */
  readonly navctl?: string;
  /** Run with the newest kubectl alone, unless all are asked for: what hardly differs between versions. */
  readonly newest?: boolean;
  /** Commands that need what is not there yet, with the reason. */
  readonly absent: Readonly<Record<string, string>>;
}

export interface Step {
  readonly run: string;
  readonly stdin?: string;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exit?: number;
  /** `>=1.30`, `<1.30`, or `>=1.22 <1.30`; absent: all. */
  readonly versions?: string;
  /** Why navctl does not say the same, where it does not. */
  readonly navctl?: string;
  /** For kubectl only in the tables' documentation: what differs, and why. */
  readonly note?: string;
  /** Asked again until it is so. */
  readonly eventually?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

const stepFields = new Set([
  "run",
  "stdin",
  "stdout",
  "stderr",
  "exit",
  "versions",
  "navctl",
  "note",
  "eventually",
  "env",
]);

export const tablesDir = join(__dirname, "..", "kubectl-commands");

export function readTables(): readonly CommandTable[] {
  return readdirSync(tablesDir)
    .filter((file) => file.endsWith(".yaml"))
    .sort()
    .map((file) => {
      const table = load(readFileSync(join(tablesDir, file), "utf8")) as Partial<CommandTable>;
      for (const step of table.steps ?? []) {
        const stranger = Object.keys(step).find((key) => !stepFields.has(key));
        if (stranger !== undefined || typeof step.run !== "string")
          throw new Error(`${file}: ${stranger ?? "a step without run"} in ${JSON.stringify(step).slice(0, 100)}`);
      }
      return {
        name: file.replace(/\.yaml$/, ""),
        files: table.files ?? {},
        steps: table.steps ?? [],
        ...(table.navctl === undefined ? {} : { navctl: table.navctl }),
        ...(table.newest === undefined ? {} : { newest: table.newest }),
        absent: table.absent ?? {},
      };
    });
}

const placeholders: Readonly<Record<string, string>> = {
  age: "(?:\\d+[smhdy]){1,2}",
  uid: "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
  port: "\\d+",
  number: "\\d+",
  ip: "\\d+\\.\\d+\\.\\d+\\.\\d+",
  time: "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z",
  date: "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d\\d \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d [+-]\\d{4}",
  id: "[a-z0-9]+",
  text: "[^\\n]*?",
  any: "[\\s\\S]*?",
};

/** Whether this was printed; blanks between columns, at the end of lines, and empty last lines do not count. */
export function matches(expected: string, actual: string): boolean {
  const source = evened(expected)
    .split(/<(\w+)>/)
    .map((part, index) => {
      if (index % 2 === 0) return part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
      return Object.hasOwn(placeholders, part) ? placeholders[part] : `<${part}>`;
    })
    .join("");
  return new RegExp(`^${source}$`).test(evened(actual));
}

/** Versions before 1.34 write down that an object that was never made has no time of creation. */
const evened = (text: string): string =>
  text
    .replace(/\n+$/, "\n")
    .replaceAll(/^ *creationTimestamp: null\n/gm, "")
    .replaceAll(/(?<=\S)(?: {2,}|[ ]*\t[ \t]*)/g, "  ")
    .replaceAll(/[ \t]+$/gm, "");

/** Whether a range such as `>=1.22 <1.30` holds for the minor version. */
export function holdsFor(range: string | undefined, minor: number): boolean {
  return (range ?? "").split(" ").every((term) => {
    if (term === "") return true;
    const [, operator, bound] = /^(>=|<)1\.(\d+)$/.exec(term) ?? [];
    if (bound === undefined) throw new Error(`no range of versions: ${JSON.stringify(range)}`);
    return operator === "<" ? minor < Number(bound) : minor >= Number(bound);
  });
}

/** The lines that are expected of a version. */
export const forVersion = (text: string, minor: number): string =>
  text.replaceAll(/^\[((?:>=|<)1\.\d+(?: <1\.\d+)?)\] ?(.*(?:\n|$))/gm, (_, range: string, line: string) =>
    holdsFor(range, minor) ? line : "",
  );

/** Words as a shell has them; quotes of either kind, nothing more. */
export function words(line: string): string[] {
  const found: string[] = [];
  let word: string | undefined;
  for (const [, single, double, blank, plain] of line.matchAll(/'([^']*)'|"((?:[^"\\]|\\.)*)"|(\s+)|([^\s'"]+)/g)) {
    if (blank !== undefined) {
      if (word !== undefined) found.push(word);
      word = undefined;
    } else word = (word ?? "") + (single ?? double?.replaceAll(/\\(.)/g, "$1") ?? plain ?? "");
  }
  if (word !== undefined) found.push(word);
  return found;
}
