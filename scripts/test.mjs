// `npm test`: from a fresh clone to a verdict. The last line is the sum over all suites.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBuilt, ensurePackages, requireNode, root } from "./setup.mjs";
import { ensureTools, present, toolsDir } from "./test-tools.mjs";

const sum = { passed: 0, failed: 0, skipped: 0 };
const tally = (name, ok) => {
  sum[ok ? "passed" : "failed"]++;
  process.stdout.write(`${ok ? "ok  " : "FAIL"} ${name}\n`);
};

requireNode();
ensurePackages();
ensureTools();
ensureBuilt();
step("lint", "biome", ["ci", "--error-on-warnings", "."]);
step("types", "tsc", ["--noEmit"]);
runJest(process.argv.slice(2));
process.stdout.write(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped\n`);
process.exit(sum.failed === 0 ? 0 : 1);

function step(name, program, args) {
  tally(
    name,
    spawnSync(join(root, "node_modules", ".bin", program), args, { cwd: root, stdio: "inherit" }).status === 0,
  );
}

function runJest(args) {
  const work = mkdtempSync(join(tmpdir(), "navarch-test-"));
  const report = join(work, "report.json");
  const skips = join(work, "skips");
  mkdirSync(skips);
  spawnSync(join(root, "node_modules", ".bin", "jest"), ["--json", `--outputFile=${report}`, ...args], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      NAVARCH_SKIP_DIR: skips,
      NAVARCH_TEST_TOOLS: toolsDir,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --no-warnings`,
    },
  });
  if (!existsSync(report)) return tally("jest (no report: it crashed)", false);
  const result = JSON.parse(readFileSync(report, "utf8"));
  sum.passed += result.numPassedTests;
  sum.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  sum.skipped += result.numPendingTests + result.numTodoTests;
  const explained = readdirSync(skips).map((file) => JSON.parse(readFileSync(join(skips, file), "utf8")));
  for (const { suite, missing } of explained)
    process.stdout.write(`SKIPPED SUITE: ${suite} (missing here: ${missing})\n`);
  // A skipped case counts as a defect unless its suite said which tool it lacks, and the tool is really absent.
  const names = new Set(explained.map(({ suite }) => suite));
  const pending = result.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === "pending" || status === "todo"),
  );
  for (const { fullName, ancestorTitles } of pending)
    if (!names.has(ancestorTitles[0])) tally(`skipped without a reason: ${fullName}`, false);
  for (const { suite, missing } of explained)
    if (missing.split(" ").every(present)) tally(`skipped although ${missing} is here: ${suite}`, false);
  rmSync(work, { recursive: true, force: true });
}
