// `npm test`: from a fresh clone to a verdict. The last line is the sum over all suites.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBuilt, ensurePackages, fail, requireNode, root } from "./setup.mjs";

const sum = { passed: 0, failed: 0, skipped: 0 };
const tally = (name, ok) => {
  sum[ok ? "passed" : "failed"]++;
  process.stdout.write(`${ok ? "ok  " : "FAIL"} ${name}\n`);
};

requireNode();
ensurePackages();
const toolsDir = ensureTools();
ensureBuilt();
step("lint", "biome", ["ci", "--error-on-warnings", "."]);
step("types", "tsc", ["--noEmit"]);
runJest(process.argv.slice(2));
process.stdout.write(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped\n`);
process.exit(sum.failed === 0 ? 0 : 1);

function step(name, program, args) {
  tally(
    name,
    spawnSync(join(root, "node_modules", ".bin", program), args, { cwd: root, stdio: "inherit" }).status === 0,
  );
}

function runJest(args) {
  const work = mkdtempSync(join(tmpdir(), "navarch-test-"));
  const report = join(work, "report.json");
  const skips = join(work, "skips");
  mkdirSync(skips);
  spawnSync(join(root, "node_modules", ".bin", "jest"), ["--json", `--outputFile=${report}`, ...args], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      NAVARCH_SKIP_DIR: skips,
      NAVARCH_TEST_TOOLS: toolsDir,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --no-warnings`,
    },
  });
  if (!existsSync(report)) return tally("jest (no report: it crashed)", false);
  const result = JSON.parse(readFileSync(report, "utf8"));
  sum.passed += result.numPassedTests;
  sum.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  sum.skipped += result.numPendingTests + result.numTodoTests;
  const explained = readdirSync(skips).map((file) => JSON.parse(readFileSync(join(skips, file), "utf8")));
  for (const { suite, missing } of explained)
    process.stdout.write(`SKIPPED SUITE: ${suite} (missing here: ${missing})\n`);
  // A skipped case counts as a defect unless its suite said which tool it lacks, and the tool is really absent.
  const names = new Set(explained.map(({ suite }) => suite));
  const pending = result.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === "pending" || status === "todo"),
  );
  for (const { fullName, ancestorTitles } of pending)
    if (!names.has(ancestorTitles[0])) tally(`skipped without a reason: ${fullName}`, false);
  for (const { suite, missing } of explained)
    if (missing.split(" ").every(present)) tally(`skipped although ${missing} is here: ${suite}`, false);
  rmSync(work, { recursive: true, force: true });
}

function present(tool) {
  if (tool === "root") return process.getuid?.() === 0;
  if (tool.startsWith("/")) return existsSync(tool);
  return spawnSync("sh", ["-c", `command -v "$1"`, "sh", tool], { stdio: "ignore" }).status === 0;
}

/** Installs what the suites use, as root on Debian; elsewhere the suites that lack a tool are skipped by name. */
function ensureTools() {
  const dir = join(root, ".test-tools");
  if (process.getuid?.() !== 0 || !present("apt-get")) return dir;
  const packages = {
    etcd: "etcd-server",
    strace: "strace",
    unshare: "util-linux",
    setpriv: "util-linux",
    containerd: "containerd",
    runc: "runc",
    "/usr/lib/cni/bridge": "containernetworking-plugins",
    nft: "nftables",
    iptables: "iptables",
    ip: "iproute2",
    "/bin/busybox": "busybox-static",
    "docker-registry": "docker-registry",
    htpasswd: "apache2-utils",
    "/usr/lib/python3/dist-packages/kubernetes": "python3-kubernetes",
  };
  const missing = [
    ...new Set(
      Object.entries(packages)
        .filter(([tool]) => !present(tool))
        .map(([, name]) => name),
    ),
  ];
  const apt = (args, options = {}) =>
    spawnSync("apt-get", args, {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" },
      ...options,
    });
  let updated = false;
  const update = () => {
    if (!updated) apt(["update", "-qq"]);
    updated = true;
  };
  if (missing.length > 0) {
    process.stdout.write(`installing Debian packages for the tests: ${missing.join(" ")} ...\n`);
    update();
    withoutServices(() => apt(["install", "-y", "-qq", "--no-install-recommends", ...missing]));
  }
  // Unpacked aside, never installed: it would overwrite another kubectl.
  if (!existsSync(join(dir, "kubernetes-client", "usr", "bin", "kubectl"))) {
    mkdirSync(dir, { recursive: true });
    update();
    const download = apt(["download", "-qq", "kubernetes-client"], { cwd: dir });
    const file = readdirSync(dir).find((name) => name.startsWith("kubernetes-client_") && name.endsWith(".deb"));
    if (download.status === 0 && file) {
      spawnSync("dpkg", ["-x", join(dir, file), join(dir, "kubernetes-client")], { stdio: "inherit" });
      rmSync(join(dir, file));
    }
  }
  return dir;
}

/** Debian starts a daemon as soon as its package is there, unless policy-rc.d says no. */
function withoutServices(install) {
  const policy = "/usr/sbin/policy-rc.d";
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    if (install().status !== 0) fail("apt-get could not install the packages for the tests; see above");
  } finally {
    if (ours) rmSync(policy);
  }
}
