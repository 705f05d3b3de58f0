// `npm run bench -- NAME [ARGS]`: runs bench/NAME.ts.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { runBundled } from "./bundle.mjs";
import { ensureBuilt, ensurePackages, fail, requireNode, root } from "./setup.mjs";

requireNode();
ensurePackages();
ensureBuilt();

const [name, ...args] = process.argv.slice(2);
const names = readdirSync(join(root, "bench"))
  .filter((file) => /^[a-z-]+\.ts$/.test(file))
  .map((file) => file.slice(0, -3));
if (!name || !existsSync(join(root, "bench", `${name}.ts`)))
  fail(`usage: npm run bench -- NAME   (NAME: ${names.join(", ")})`);

await runBundled(`bench/${name}.ts`, args);
process.exit(0);
