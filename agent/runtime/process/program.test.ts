import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkWorkingDir, programAt } from "./program.js";

describe("a container's program", () => {
  let dir: string;
  let volume: string;
  beforeEach(() => {
    dir = realpathSync(mkdtempSync(join(tmpdir(), "program-")));
    volume = join(dir, "volume");
    mkdirSync(join(volume, "bin"), { recursive: true });
    mkdirSync(join(dir, "host"));
    for (const path of [join(volume, "run.sh"), join(volume, "bin", "tool"), join(dir, "host", "tool")]) {
      writeFileSync(path, "#!/bin/sh\n");
      chmodSync(path, 0o755);
    }
    writeFileSync(join(volume, "plain"), "");
    chmodSync(join(volume, "plain"), 0o644);
    symlinkSync("run.sh", join(volume, "link"));
    symlinkSync("/scripts/run.sh", join(volume, "absolute"));
    symlinkSync(join(dir, "host", "tool"), join(volume, "out"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const find = (name: string, parts: { readonly workingDir?: string; readonly path?: string } = {}): string => {
    const mounts = [{ hostPath: volume, containerPath: "/scripts" }];
    return programAt(name, { path: join(dir, "host"), workingDir: "/", mounts, ...parts });
  };

  it("may lie in a volume, by its path, the working directory or $PATH", () => {
    expect(find("/scripts/run.sh")).toBe("/scripts/run.sh");
    expect(find("/scripts/link")).toBe("/scripts/link");
    expect(find("./run.sh", { workingDir: "/scripts" })).toBe("/scripts/run.sh");
    expect(find("bin/tool", { workingDir: "/scripts" })).toBe("/scripts/bin/tool");
    expect(find("tool", { path: `${dir}/none:/scripts/bin:${dir}/host` })).toBe("/scripts/bin/tool");
    expect(find("tool")).toBe(join(dir, "host", "tool"));
  });

  it("is left to the container where a link leads to what only it sees", () => {
    expect(find("/scripts/out")).toBe("/scripts/out");
  });

  it.each([
    ["no-such-program", 'exec: "no-such-program": executable file not found in $PATH'],
    ["", 'exec: "": executable file not found in $PATH'],
    ["/scripts/none", 'exec: "/scripts/none": stat /scripts/none: no such file or directory'],
    ["/run.sh", 'exec: "/run.sh": stat /run.sh: no such file or directory'],
    ["/scripts/plain", 'exec: "/scripts/plain": permission denied'],
    ["/scripts/bin", 'exec: "/scripts/bin": is a directory: permission denied'],
  ])("%j is refused as runtimes refuse it", (name, message) => {
    expect(() => find(name)).toThrow(message);
  });

  it("has a working directory, of the host or in a volume", () => {
    const at = (workingDir: string) => () =>
      checkWorkingDir({ path: "", workingDir, mounts: [{ hostPath: volume, containerPath: "/scripts" }] });
    for (const there of ["/", "/scripts", "/scripts/bin", dir]) expect(at(there)).not.toThrow();
    expect(at("/scripts/none")).toThrow(
      'chdir to cwd ("/scripts/none") set in config failed: no such file or directory',
    );
    expect(at("/scripts/plain")).toThrow("not a directory");
    expect(at(join(dir, "none"))).toThrow("no such file or directory");
  });
});
