// Compiles and bundles bin/navarch and bin/navctl into dist/.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./setup.mjs";

const { build } = await import("esbuild");
const { version } = JSON.parse((await import("node:fs")).readFileSync(join(root, "package.json"), "utf8"));

rmSync(join(root, "dist"), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { navarch: "main.ts", navctl: "cli/navctl.ts" },
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: false,
  sourcemap: "linked",
  sourcesContent: false,
  logLevel: "warning",
  // Native code, or packages that read files beside themselves.
  external: ["lmdb", "etcd3", "@grpc/*"],
  define: { NAVARCH_VERSION: JSON.stringify(version) },
  banner: {
    js: 'import { createRequire as navarchRequire } from "node:module"; const require = navarchRequire(import.meta.url);',
  },
});
writeFileSync(join(root, "dist", ".built"), "");
