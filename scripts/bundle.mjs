// How our TypeScript becomes something Node.js runs: shared by the build and by what runs one file of it.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./setup.mjs";

const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** What is told of the build: the commit and its time where the sources are those of a checkout, else now. */
function buildOf() {
  const git = (...args) =>
    execFileSync("git", ["-C", root, ...args], { stdio: ["ignore", "pipe", "ignore"] })
      .toString()
      .trim();
  const dateOf = (ms) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  try {
    if (realpathSync(git("rev-parse", "--show-toplevel")) !== realpathSync(root)) throw new Error("another's checkout");
    const commit = git("rev-parse", "HEAD");
    const isClean = git("status", "--porcelain") === "";
    const dateMs = isClean ? Number(git("show", "-s", "--format=%ct", "HEAD")) * 1000 : Date.now();
    return { commit, tree: isClean ? "clean" : "dirty", date: dateOf(dateMs) };
  } catch {
    return { commit: "", tree: "archive", date: dateOf(Date.now()) };
  }
}

/** Options of esbuild that every bundle has. */
export const bundleOptions = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  logLevel: "warning",
  // Native code, or packages that read files beside themselves.
  external: ["lmdb", "etcd3", "@grpc/*"],
  define: { NAVARCH_VERSION: JSON.stringify(version), NAVARCH_BUILD: JSON.stringify(buildOf()) },
  banner: {
    js: 'import { createRequire as navarchRequire } from "node:module"; const require = navarchRequire(import.meta.url);',
  },
};

/** Bundles one source file into dist/ and calls its `run(args)`. */
export async function runBundled(source, args) {
  const { build } = await import("esbuild");
  const outfile = join(root, "dist", "run", source.replace(/\.ts$/, ".mjs"));
  mkdirSync(join(outfile, ".."), { recursive: true });
  await build({ ...bundleOptions, entryPoints: [source], outfile });
  await (await import(pathToFileURL(outfile).href)).run(args);
}
