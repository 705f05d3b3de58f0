// Writes docs/kubectl.md: each command of kubectl, with how many lines of the tables in e2e/kubectl-commands check it, and
// what navctl says instead. With --check it only says whether the page is up to date.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { load } from "js-yaml";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = join(root, "e2e", "kubectl-commands");
const page = join(root, "docs", "kubectl.md");
const proxied = "conformance and stream tests (it stays and serves)";
const oldMinor = 20;
/** Commands that no line of a table can run to its end, and where they are tried. */
const elsewhere = { proxy: proxied };

const commands = readFileSync(join(folder, "commands.txt"), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"));
const tables = readdirSync(folder)
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => ({ file, ...load(readFileSync(join(folder, file), "utf8")) }));
const steps = tables.flatMap(({ steps = [] }) => steps);
const absent = Object.assign({}, ...tables.map((table) => table.absent ?? {}));

/** The longest command that a line begins with. */
const commandOf = (run) =>
  commands
    .filter((command) => run === command || run.startsWith(`${command} `))
    .toSorted((a, b) => b.length - a.length)[0];

const rows = commands.map((command) => {
  const own = steps.filter(({ run }) => commandOf(run) === command);
  if (own.length === 0) return `| ${command} | - | - | ${absent[command] ?? elsewhere[command] ?? "not tried"} |`;
  const old = own.filter(({ versions = "" }) => Number(/>=1\.(\d+)/.exec(versions)?.[1] ?? 0) <= oldMinor).length;
  const navctl = [...new Set(own.flatMap(({ navctl: why }) => (why === undefined ? [] : [`navctl ${why}`])))];
  const notes = [...(absent[command] ? [absent[command]] : []), ...navctl];
  return `| ${command} | ${own.length} | ${old} | ${notes.join("; ")} |`;
});
const further = Object.entries(absent).filter(([name]) => !commands.includes(name));

const text = `# Commands of kubectl

Unmodified kubectl 1.27 to 1.33 and Debian's 1.20 against a cluster of ours. A check is a line of a table in
\`e2e/kubectl-commands\`: the command, what it prints, its exit code. \`npm test\` runs each table with the newest version
found and, but a few, with one of the others in turn, \`npm run kubectl-tables\` with all of them. A check that an old version
does not know is left out for it. navctl runs through the same tables; where it says something else, that stands here. Made by
\`node scripts/kubectl-doc.mjs\`.

| command | checks | with 1.20 | remarks |
|---|---|---|---|
${rows.join("\n")}
${further.length === 0 ? "" : `\nNot there yet:\n\n${further.map(([name, why]) => `- ${name}: ${why}`).join("\n")}\n`}`;

if (!process.argv.includes("--check")) writeFileSync(page, text);
else if (readFileSync(page, "utf8") !== text) {
  process.stderr.write("docs/kubectl.md is out of date: run `node scripts/kubectl-doc.mjs`\n");
  process.exitCode = 1;
}
