import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** Bundles the process that is to be killed into the directory; run it with a store's directory and a list of steps. */
export function bundleWriter(dir: string): string {
  mkdirSync(dir, { recursive: true });
  const outfile = join(dir, "writer.mjs");
  const root = process.cwd();
  const require = `import { createRequire as create } from "node:module"; const require = create("${root}/");`;
  execFileSync(
    join(root, "node_modules", ".bin", "esbuild"),
    [
      ...["apiserver/storage/crash/writer.ts", "--bundle", "--format=esm", "--platform=node", "--target=node20"],
      // Resolved by require from the project, since the bundle lies elsewhere.
      ...["--external:etcd3", `--alias:lmdb=${join(root, "node_modules/lmdb/dist/index.cjs")}`, "--external:*.cjs"],
      ...[`--outfile=${outfile}`, "--log-level=error", `--banner:js=${require}`],
    ],
    { cwd: root },
  );
  return outfile;
}
