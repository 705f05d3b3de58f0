// `npm run conformance-doc`: writes docs/conformance.md, which shows for each upstream conformance test whether a test of
// ours performs it, and on what. With --check it only says whether the page is up to date.
//
// Covered is what stands as a test's title, word for word, in e2e/conformance/*.test.ts. The suite around it says on what:
// `onRuntimes(["process", "cri"], ...)` for tests with pods, `onApi(...)` for those that need none; those of kubectl itself,
// `describeWith(["kubectl"], ...)`, have a cluster with processes.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = join(root, "e2e", "conformance");
const page = join(root, "docs", "conformance.md");
/** Lines of later versions are not this API's. */
const laterVersions = new Set(["v1.37"]);

const lines = readFileSync(join(folder, "conformance.tsv"), "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => {
    const [area, , title, version] = line.split("\t");
    return { area, title, version };
  })
  .filter(({ version }) => !laterVersions.has(version));
const tests = readdirSync(folder)
  .filter((file) => file.endsWith(".test.ts"))
  .map((file) => readFileSync(join(folder, file), "utf8"));

const names = { process: "processes", cri: "containers", api: "API" };

/** What the tests of that title run on. */
function coverage(title) {
  const found = new Set();
  for (const text of tests)
    for (const literal of [JSON.stringify(title), `'${title}'`, `\`${title}\``]) {
      const at = text.indexOf(literal);
      if (at >= 0) for (const name of surroundings(text.slice(0, at))) found.add(name);
    }
  return ["api", "process", "cri"].filter((name) => found.has(name)).map((name) => names[name]);
}

/** Of the suite that begins last before the test. */
function surroundings(before) {
  const suites = [...before.matchAll(/\bonRuntimes\(\s*\[([^\]]*)\]|\bonApi\(|\bdescribeWith\(\["kubectl"\]/g)];
  const last = suites.at(-1);
  if (!last) return [];
  if (last[0].startsWith("describeWith")) return ["process"];
  return last[1] === undefined ? ["api"] : [...last[1].matchAll(/"(\w+)"/g)].map(([, name]) => name);
}

function render() {
  const areas = [...new Set(lines.map(({ area }) => area))].toSorted();
  const marked = lines.map((line) => ({ ...line, on: coverage(line.title) }));
  const sums = areas.map((area) => {
    const own = marked.filter((line) => line.area === area);
    return `| ${area} | ${own.length} | ${own.filter(({ on }) => on.length > 0).length} |`;
  });
  const sections = areas.map((area) => {
    const rows = marked
      .filter((line) => line.area === area)
      .map(({ title, version, on }) => `| ${title.replaceAll("|", "\\|")} | ${version} | ${on.join(", ") || "-"} |`);
    return `## ${area}\n\n| test | since | covered on |\n|---|---|---|\n${rows.join("\n")}\n`;
  });
  return `# Conformance

Kubernetes' own conformance tests for 1.36, and which of them are re-told by tests of this repository (\`e2e/conformance\`),
each under the same title and with the same steps: on pods that are processes, on pods that are containers, or against the
API alone. Made by \`npm run conformance-doc\`.

| area | tests | covered |
|---|---|---|
${sums.join("\n")}

${sections.join("\n")}`;
}

const text = render();
if (!process.argv.includes("--check")) writeFileSync(page, text);
else if (readFileSync(page, "utf8") !== text) {
  process.stderr.write("docs/conformance.md is out of date: run `npm run conformance-doc`\n");
  process.exitCode = 1;
}
