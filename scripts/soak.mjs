// `npm run soak:pods` and `npm run soak:containers [-- PODS SECONDS SEED]`: pods of random shape under random kills; 200
// of them for 10 minutes unless said.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ensureBuilt, ensurePackages, requireNode, root } from "./setup.mjs";

requireNode();
ensurePackages();
ensureBuilt();
const [what, pods = "200", seconds = "600", seed] = process.argv.slice(2);
const { status } = spawnSync(join(root, "node_modules", ".bin", "jest"), [`e2e/soak-${what}`], {
  cwd: root,
  stdio: "inherit",
  env: {
    ...process.env,
    NAVARCH_SOAK_PODS: pods,
    NAVARCH_SOAK_SECONDS: seconds,
    ...(seed === undefined ? {} : { NAVARCH_SOAK_SEED: seed }),
  },
});
process.exit(status ?? 1);
