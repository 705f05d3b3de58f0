// Compiles and bundles bin/navarch and bin/navctl into dist/.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleOptions } from "./bundle.mjs";
import { root } from "./setup.mjs";

const { build } = await import("esbuild");

rmSync(join(root, "dist"), { recursive: true, force: true });
await build({
  ...bundleOptions,
  entryPoints: { navarch: "main.ts", navctl: "cli/navctl.ts" },
  outdir: "dist",
  splitting: true,
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: "linked",
  sourcesContent: false,
});
writeFileSync(join(root, "dist", ".built"), "");
