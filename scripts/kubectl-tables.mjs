// `npm run kubectl-tables [-- TITLE]`: the tables of kubectl's commands with every version of kubectl found, or those cases
// whose title matches, such as "kubectl v1.29.*: apply".
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ensureBuilt, ensurePackages, requireNode, root } from "./setup.mjs";
import { ensureDebianKubectl } from "./test-tools.mjs";

requireNode();
ensurePackages();
ensureBuilt();
ensureDebianKubectl();
const [cases] = process.argv.slice(2);
const { status } = spawnSync(join(root, "node_modules", ".bin", "jest"), ["e2e/kubectl-commands"], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, NAVARCH_EVERY_KUBECTL: "1", ...(cases === undefined ? {} : { NAVARCH_KUBECTL_CASES: cases }) },
});
process.exit(status ?? 1);
