// `npm run bench -- NAME [ARGS]`: bundles bench/NAME.ts and runs its `run(args)`.
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ensureBuilt, ensurePackages, fail, requireNode, root } from "./setup.mjs";

requireNode();
ensurePackages();
ensureBuilt();

const [name, ...args] = process.argv.slice(2);
const names = readdirSync(join(root, "bench"))
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  .map((file) => file.slice(0, -3));
if (!name || !existsSync(join(root, "bench", `${name}.ts`)))
  fail(`usage: npm run bench -- NAME   (NAME: ${names.join(", ")})`);

const { build } = await import("esbuild");
const outfile = join(root, "dist", "bench", `${name}.mjs`);
mkdirSync(join(root, "dist", "bench"), { recursive: true });
await build({
  absWorkingDir: root,
  entryPoints: [`bench/${name}.ts`],
  outfile,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  logLevel: "warning",
  external: ["lmdb", "etcd3", "@grpc/*"],
  define: { NAVARCH_VERSION: '"bench"' },
  banner: {
    js: 'import { createRequire as navarchRequire } from "node:module"; const require = navarchRequire(import.meta.url);',
  },
});
await (await import(pathToFileURL(outfile).href)).run(args);
process.exit(0);
