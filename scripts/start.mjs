// `npm start`: from a fresh clone to a running cluster with the quickstart applied.
import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { ensureBuilt, ensurePackages, requireNode, root } from "./setup.mjs";

requireNode();
ensurePackages();
ensureBuilt();

const flags = process.argv.slice(2);
const runtimeNamed = flags.some((flag) => flag === "--runtime" || flag.startsWith("--runtime="));
const quickstart = join(root, "manifests", "quickstart.yaml");
const up = spawn(
  process.execPath,
  [
    join(root, "bin", "navarch"),
    "up",
    ...(runtimeNamed ? [] : ["--runtime", "process"]),
    "--apply",
    quickstart,
    ...flags,
  ],
  { stdio: ["inherit", "pipe", "inherit"], env: { ...process.env, PATH: callersPath() } },
);
let status;

createInterface({ input: up.stdout }).on("line", (line) => {
  process.stdout.write(`${line}\n`);
  const kubeconfig = /^ready in .*\(kubeconfig (.+)\)$/.exec(line)?.[1];
  if (kubeconfig) followRollout(kubeconfig);
});
up.on("exit", (code) => {
  status?.kill();
  process.exitCode = code ?? 1;
});
// Ctrl-C on a terminal reaches the whole process group; a supervisor signals this process alone.
process.on("SIGINT", () => process.stdin.isTTY || up.kill("SIGINT"));
process.on("SIGTERM", () => up.kill("SIGTERM"));

/** Without the folders that npm puts before it: the PATH is what pods of the process runtime inherit. */
function callersPath() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const first = folders.findIndex((folder) => !/[\\/](node_modules[\\/]\.bin|node-gyp-bin)$/.test(folder));
  return folders.slice(Math.max(0, first)).join(delimiter);
}

function followRollout(kubeconfig) {
  const navctl = join(root, "bin", "navctl");
  status = spawn(process.execPath, [navctl, "--kubeconfig", kubeconfig, "rollout", "status", "deployment/my-app"], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  status.on("exit", (code) => {
    if (code !== 0) return;
    // Found by itself only in the default place.
    const found = kubeconfig === ".navarch/kubeconfig" && process.cwd() === root;
    process.stdout.write(`
The cluster runs until Ctrl-C. In another terminal, in this folder:
${found ? "" : `  export KUBECONFIG=${kubeconfig}\n`}  bin/navctl get pods -o wide
  bin/navctl scale deployment/my-app --replicas=5
  bin/navctl logs deployment/my-app
  bin/navctl delete pod -l app=my-app      # and see them come back
  ${found ? `KUBECONFIG=${kubeconfig} ` : ""}kubectl get all
`);
  });
}
