import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeWith } from "../../../e2e/harness/needs.js";
import { exitOf } from "../../../e2e/harness/run.js";
import { bundleWriter } from "../crash/bundle.js";

const home = mkdtempSync(join(tmpdir(), "navarch-strace-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const acknowledgements = 30;

type Call = "data" | "sync" | "meta" | "told";

/**
 * What the process did to the store's file, and when it told anybody: writes of data, finished syncs, writes of a meta
 * page through a descriptor that syncs each write, and lines about a new revision.
 */
function callsIn(trace: string): readonly Call[] {
  const calls: Call[] = [];
  let syncedDescriptor = "";
  let told = 0;
  for (const line of trace.split("\n")) {
    const opened = /openat\(.*store\.mdb", O_WRONLY\|O_DSYNC.*= (\d+)/.exec(line)?.[1];
    if (opened !== undefined) syncedDescriptor = opened;
    const written = /(?:pwrite64|writev|pwritev2?|write)\((\d+)<[^>]*store\.mdb>/.exec(line)?.[1];
    if (written !== undefined) calls.push(written === syncedDescriptor ? "meta" : "data");
    if (/fdatasync(\(\d+<[^>]*store\.mdb>| resumed>).*= 0/.test(line)) calls.push("sync");
    const revision = Number(/write\(1<[^>]*>, "(?:a \d+ \d+|e) (\d+)/.exec(line)?.[1] ?? 0);
    if (revision <= told) continue;
    told = revision;
    calls.push("told");
  }
  return calls;
}

describeWith(["strace"], "embedded store under strace", () => {
  it("syncs the file between each request and its answer: data, sync, then the meta page, then the word", async () => {
    const bundle = bundleWriter(home);
    const traceFile = join(home, "trace");
    const store = join(home, "store");
    mkdirSync(store);
    const calls = "write,writev,pwrite64,pwritev,pwritev2,fdatasync,fsync,msync,openat";
    const child = spawn(
      "strace",
      ["-f", "-y", "-e", `trace=${calls}`, "-o", traceFile, process.execPath, bundle, store, "[0]"],
      {
        stdio: ["ignore", "pipe", "inherit"],
        detached: true,
      },
    );
    let told = 0;
    for await (const chunk of child.stdout) {
      told += String(chunk)
        .split("\n")
        .filter((line) => line.startsWith("a ")).length;
      if (told < acknowledgements) continue;
      // strace and what it traces.
      if (child.pid) process.kill(-child.pid, "SIGKILL");
      break;
    }
    await exitOf(child);

    const phases = callsIn(readFileSync(traceFile, "utf8")).join(" ").split("told").slice(0, -1);
    expect(phases.length).toBeGreaterThanOrEqual(acknowledgements);
    for (const phase of phases) expect(phase.trim()).toMatch(/^(.* )?data( data)* sync meta$/);
  });
});
