// `npm run fuzz [-- RUNS SEED]`: throws odd input at everything that reads what strangers send, 20,000 times each unless said.
import { runBundled } from "./bundle.mjs";
import { ensurePackages, requireNode, root } from "./setup.mjs";

requireNode();
ensurePackages();
process.chdir(root);
await runBundled("apiserver/fuzz/fuzz.ts", process.argv.slice(2));
process.exit(process.exitCode ?? 0);
