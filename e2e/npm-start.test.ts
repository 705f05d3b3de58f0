import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { accessTo, lineOf, root, temporaryDir } from "./harness/cluster.js";
import { freeLoopbackRange } from "./harness/loopback.js";
import { endProcessesNaming, processesNaming } from "./harness/processes.js";
import { exitOf } from "./harness/run.js";

describe("npm start", () => {
  let dir: string;
  beforeEach(() => {
    dir = temporaryDir();
  });
  afterEach(async () => {
    await endProcessesNaming(dir);
    rmSync(dir, { recursive: true, force: true });
  });

  it("runs the quickstart until it is told to end, and leaves nothing behind", async () => {
    const dataDir = join(dir, "data");
    const npm = spawn(
      "npm",
      [...["start", "--", "--data-dir", dataDir, "--secure-port", "0"], ...["--loopback-cidr", freeLoopbackRange()]],
      { cwd: root, stdio: ["ignore", "pipe", "pipe"] },
    );
    const ended = exitOf(npm);
    const tried = lineOf(npm, "The cluster runs until Ctrl-C.", 120_000);
    await Promise.all([lineOf(npm, "ready in ", 120_000), tried]);
    const cluster = await accessTo(join(dataDir, "kubeconfig"));
    const pods = await cluster.ok(["get", "pods", "--no-headers"]);
    expect(pods.match(/ 1\/1 +Running /g)).toHaveLength(3);
    const path = (await cluster.ok(["exec", "deployment/my-app", "--", "printenv", "PATH"])).trim();
    expect(path).toBe(pathWithout(process.env.PATH ?? ""));
    npm.kill("SIGTERM");
    await ended;
    expect(processesNaming(dataDir)).toEqual([]);
  }, 240_000);
});

/** These tests may have been started by npm themselves. */
const pathWithout = (path: string): string =>
  path
    .split(":")
    .filter((folder) => !/\/(node_modules\/\.bin|node-gyp-bin)$/.test(folder))
    .join(":");
