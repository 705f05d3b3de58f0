// What `npm start` and `npm test` need before anything else: packages and a build, each only when missing or stale.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const minimumNodeMajor = 20;
const sourceFolders = [
  "base",
  "apimachinery",
  "api",
  "client",
  "apiserver",
  "scheduler",
  "controllers",
  "agent",
  "cli",
  "manifests",
  "scripts",
];

/** Runs a program with its output shown; ends this process with its exit code when it fails. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (error) fail(`cannot run ${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

export function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(1);
}

export function requireNode() {
  if (Number(process.versions.node.split(".")[0]) < minimumNodeMajor)
    fail(`Node.js ${minimumNodeMajor} or later is needed; this is ${process.version}`);
}

/** `npm ci`, unless node_modules already holds what the lockfile says. */
export function ensurePackages() {
  const stamp = join(root, "node_modules", ".navarch-lockfile");
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  process.stdout.write("installing packages (npm ci) ...\n");
  run(process.platform === "win32" ? "npm.cmd" : "npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  writeFileSync(stamp, wanted);
}

/** Builds dist/ when a source file is newer than it. */
export function ensureBuilt() {
  const stamp = join(root, "dist", ".built");
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= newestSourceMs()) return;
  process.stdout.write("building ...\n");
  run(process.execPath, [join(root, "scripts", "build.mjs")]);
}

function newestSourceMs() {
  let newest = 0;
  const visit = (path) => {
    const stat = statSync(path);
    if (stat.isDirectory()) for (const name of readdirSync(path)) visit(join(path, name));
    else if (!path.endsWith(".test.ts")) newest = Math.max(newest, stat.mtimeMs);
  };
  for (const path of [...sourceFolders, "main.ts", "package.json", "package-lock.json"])
    if (existsSync(join(root, path))) visit(join(root, path));
  return newest;
}
