import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What `npm test` fetched, for the tests alone. */
export const fetchedTools = process.env.NAVARCH_TEST_TOOLS ?? join(__dirname, "..", "..", ".test-tools");

/** Where the program is found on PATH (or in /sbin and /usr/sbin), if anywhere; a path is looked for as it is. */
export function findTool(name: string): string | undefined {
  if (name.startsWith("/")) return existsSync(name) ? name : undefined;
  if (/^helm-\d$/.test(name)) return findHelms(Number(name.slice("helm-".length)))[0]?.path;
  const path = `${process.env.PATH ?? ""}:/usr/sbin:/sbin`;
  const { status, stdout } = spawnSync("sh", ["-c", 'command -v "$1"', "sh", name], {
    encoding: "utf8",
    env: { ...process.env, PATH: path },
  });
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * A suite that needs programs of the host (or "root"). Where one is missing the suite is skipped, says so by name, and
 * reports it to the run, which fails if the tool is there after all.
 */
export function describeWith(tools: readonly string[], suite: string, define: () => void): void {
  const missing = tools.filter((tool) => (tool === "root" ? process.getuid?.() !== 0 : findTool(tool) === undefined));
  if (missing.length === 0) {
    describe(suite, define);
    return;
  }
  process.stderr.write(`SKIPPED SUITE: ${suite} (missing here: ${missing.join(" ")})\n`);
  const reports = process.env.NAVARCH_SKIP_DIR;
  if (reports) {
    const file = `${process.pid}-${suite.replace(/\W+/g, "-")}.json`;
    writeFileSync(join(reports, file), JSON.stringify({ suite, missing: missing.join(" ") }));
  }
  describe.skip(suite, define);
}

/** Every kubectl on this machine: those beside the one on PATH, and Debian's, unpacked aside by `npm test`. */
export function findKubectls(): readonly { readonly version: string; readonly path: string }[] {
  const found = new Map<string, string>();
  const onPath = findTool("kubectl");
  const folders = onPath ? [dirname(realpathSync(onPath))] : [];
  for (const folder of folders) {
    for (const name of readdirSync(folder)) {
      const version = /^kubectl\.(\d+\.\d+)$/.exec(name)?.[1];
      if (version) found.set(version, join(folder, name));
    }
  }
  if (found.size === 0 && onPath) found.set("on PATH", onPath);
  const debian = join(fetchedTools, "kubernetes-client", "usr", "bin", "kubectl");
  if (existsSync(debian)) found.set("1.20 (Debian)", debian);
  return [...found].map(([version, path]) => ({ version, path }));
}

/** The newest kubectl of this machine that is at least that old a minor version of 1, if there is one. */
export const newestKubectl = (sinceMinor = 0): string | undefined =>
  findKubectls()
    .map(({ version, path }) => ({ path, minor: Number(/^1\.(\d+)/.exec(version)?.[1] ?? 0) }))
    .filter(({ minor }) => minor >= sinceMinor)
    .toSorted((left, right) => right.minor - left.minor)[0]?.path;

/** Since then it knows every flag that the suites use. */
const oldestHelm3Minor = 17;

/** Every Helm of this major version: the one that `npm test` fetched, and the one on PATH, if that is another. */
export function findHelms(major: number): readonly { readonly version: string; readonly path: string }[] {
  const found = new Map<string, string>();
  for (const path of [join(fetchedTools, `helm-${major}`, "helm"), findTool("helm")]) {
    if (path === undefined || !existsSync(path)) continue;
    const { stdout } = spawnSync(path, ["version", "--template", "{{.Version}}"], { encoding: "utf8" });
    const [, sameMajor, minor] = /^v(\d+)\.(\d+)\./.exec(stdout) ?? [];
    const knowsAll = major > 3 || Number(minor) >= oldestHelm3Minor;
    if (Number(sameMajor) === major && knowsAll && !found.has(stdout)) found.set(stdout, path);
  }
  return [...found].map(([version, path]) => ({ version, path }));
}
