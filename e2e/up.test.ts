import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { navarchBin, quickstart, startCluster, stopClusters, temporaryDir } from "./harness/cluster.js";
import { freeLoopbackRange } from "./harness/loopback.js";
import { namesOf, readyPods } from "./harness/pods.js";
import { processesNaming } from "./harness/processes.js";
import { run } from "./harness/run.js";

const programOf = (dataDir: string, ...flags: readonly string[]): readonly string[] => [
  ...[navarchBin, "up", "--data-dir", dataDir, "--secure-port", "0", "--runtime", "process"],
  ...["--loopback-cidr", freeLoopbackRange(), ...flags],
];

/** Runs `up` to its end and answers all that it said but the line about the runtime. */
async function failing(command: string, args: readonly string[]) {
  const { code, stdout, stderr } = await run(command, args);
  const said = stderr.split("\n").filter((line) => line !== "" && !line.startsWith("runtime process"));
  return { code, stdout, said };
}

describe("up that cannot start", () => {
  let dir: string;
  beforeEach(() => {
    dir = temporaryDir();
  });
  afterEach(() => {
    expect(processesNaming(dir)).toEqual([]);
    rmSync(dir, { recursive: true, force: true });
  });
  afterAll(stopClusters);

  it("because there is nothing at --apply, says so before anything starts", async () => {
    const dataDir = join(dir, "data");
    expect(await failing(process.execPath, programOf(dataDir, "--apply", "/no/such.yaml"))).toEqual({
      code: 1,
      stdout: "",
      said: ["error: --apply /no/such.yaml: there is no such file or directory"],
    });
    expect(existsSync(dataDir)).toBe(false);
  });

  it("because the port is taken, says so in one line; started on another it has what it needs", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const dataDir = join(dir, "data");
    expect(await failing(process.execPath, programOf(dataDir, "--secure-port", String(port)))).toEqual({
      code: 1,
      stdout: "",
      said: [
        `error: cannot listen on 127.0.0.1:${port}: the port is taken; choose another with --secure-port (0: any free port)`,
      ],
    });
    server.close();
    expect(readdirSync(dataDir)).not.toContain("lock");
    const cluster = await startCluster({ dataDir });
    expect(await cluster.stop()).toBe(0);
  });

  it("because the data directory cannot be one", async () => {
    writeFileSync(join(dir, "file"), "");
    const { code, stdout, said } = await failing(process.execPath, programOf(join(dir, "file", "data")));
    expect({ code, stdout, lines: said.length }).toEqual({ code: 1, stdout: "", lines: 1 });
    expect(said[0]).toMatch(
      /^error: .*\/file\/data cannot be a directory \(ENOTDIR\): choose another with --data-dir$/,
    );
  });

  it("because the data directory cannot be made", async () => {
    const { code, said } = await failing(process.execPath, programOf("/proc/navarch/data"));
    expect({ code, said }).toEqual({
      code: 1,
      said: ["error: /proc/navarch cannot be made: choose another with --data-dir"],
    });
  });

  it("because another one runs on the data directory, which goes on undisturbed", async () => {
    const cluster = await startCluster({ flags: ["--apply", quickstart] });
    const before = namesOf(await readyPods(cluster, 3));
    expect(await failing(process.execPath, programOf(cluster.dataDir))).toEqual({
      code: 1,
      stdout: "",
      said: [
        `error: ${cluster.dataDir} is used by another navarch (process ${cluster.process.pid}): stop it, or wait until it has stopped, or choose another --data-dir`,
      ],
    });
    expect(namesOf(await readyPods(cluster, 3))).toEqual(before);
    expect(await cluster.stop()).toBe(0);
    expect(existsSync(join(cluster.dataDir, "lock"))).toBe(false);
    expect(processesNaming(cluster.dataDir)).toEqual([]);
  });

  it("because another cluster of this host has its addresses", async () => {
    const dataDir = join(dir, "data");
    const cluster = await startCluster();
    const [range = ""] = /127\.\d+\.\d+\.0\/21/.exec(cluster.process.spawnargs.join(" ")) ?? [];
    const { code, stdout, said } = await failing(
      process.execPath,
      programOf(dataDir, "--loopback-cidr", range.replace(/\.\d+\.0\/21/, ".0.0/16")),
    );
    expect({ code, stdout, said }).toEqual({
      code: 1,
      stdout: "",
      said: [
        expect.stringContaining(
          `error: the addresses ${range} are another cluster's on this host (process ${cluster.process.pid}): stop it, or give`,
        ),
      ],
    });
    expect(existsSync(join(dataDir, "lock"))).toBe(false);
    expect(await cluster.stop()).toBe(0);
  });

  it("because etcd cannot be reached", async () => {
    const dataDir = join(dir, "data");
    const { code, stdout, said } = await failing(
      process.execPath,
      programOf(dataDir, "--etcd-servers", "http://127.0.0.1:1"),
    );
    expect({ code, stdout, lines: said.length }).toEqual({ code: 1, stdout: "", lines: 1 });
    expect(said[0]).toMatch(/^error: .*etcd.*127\.0\.0\.1:1/);
    expect(existsSync(join(dataDir, "lock"))).toBe(false);
  });

  it("because a flag makes no sense", async () => {
    for (const flags of [
      ["--secure-port", "70000"],
      ["--nodes", "0"],
      ["--loopback-cidr", "10.0.0.0/8"],
      ["--nonsense"],
      ["--bind-address", "0.0.0.0"],
    ]) {
      const { code, stdout, said } = await failing(process.execPath, programOf(join(dir, "data"), ...flags));
      expect({ flags, code, stdout, lines: said.length }).toEqual({ flags, code: 1, stdout: "", lines: 1 });
      expect(said[0]).toMatch(/^error: /);
    }
  });
});
