// `npm run soak:crash [-- ROUNDS SEED]`: kills a writing store at random points, 10,000 times unless said.
import { runBundled } from "./bundle.mjs";
import { ensurePackages, requireNode, root } from "./setup.mjs";

requireNode();
ensurePackages();
process.chdir(root);
await runBundled("apiserver/storage/crash/soak.ts", process.argv.slice(2));
process.exit(process.exitCode ?? 0);
