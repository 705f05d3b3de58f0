// Compiles and bundles bin/navarch and bin/navctl into dist/.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
await writeDescriptions();
writeFileSync(join(root, "dist", ".built"), "");

/** What the sources say of kinds and fields, by folder, for OpenAPI. */
async function writeDescriptions() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["api/descriptions.ts"],
    format: "esm",
    write: false,
  });
  const code = Buffer.from(outputFiles[0].contents).toString("base64");
  const { collectDescriptions } = await import(`data:text/javascript;base64,${code}`);
  const folders = { apimachinery: sourcesIn("apimachinery") };
  for (const { name } of readdirSync(join(root, "api"), { withFileTypes: true }).filter((each) => each.isDirectory()))
    folders[name] = sourcesIn(join("api", name));
  const documents = Object.entries(folders).map(([name, sources]) => [name, collectDescriptions(sources)]);
  writeFileSync(join(root, "dist", "docs.json"), JSON.stringify(Object.fromEntries(documents)));
}

function sourcesIn(folder) {
  const files = readdirSync(join(root, folder), { recursive: true }).filter(
    (path) => path.endsWith(".ts") && !path.endsWith(".test.ts"),
  );
  return new Map(files.map((path) => [path, readFileSync(join(root, folder, path), "utf8")]));
}
