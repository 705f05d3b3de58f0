// How our TypeScript becomes something Node.js runs: shared by the build and by what runs one file of it.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./setup.mjs";

const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

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
  define: { NAVARCH_VERSION: JSON.stringify(version) },
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
