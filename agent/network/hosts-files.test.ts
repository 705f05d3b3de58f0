import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { refreshHostsFile, withServices, writeHostsFile } from "./hosts-files.js";

describe("a hosts file", () => {
  let dir: string;
  let path: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "hosts-"));
    path = join(dir, "hosts");
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const read = (): string => readFileSync(path, "utf8");
  const own = "127.0.0.1\tlocalhost\n";

  it("follows the Services, in the same inode, and keeps what the pod has added above", () => {
    writeHostsFile(path, withServices(own, ["127.96.0.1\tone", "127.96.0.2\ttwo"]));
    const { ino } = statSync(path);
    writeFileSync(path, read().replace(own, `${own}192.0.2.1\tmine\n`));
    refreshHostsFile(path, ["127.96.0.3\tthree"]);
    expect(read()).toBe(withServices(`${own}192.0.2.1\tmine\n`, ["127.96.0.3\tthree"]));
    refreshHostsFile(path, []);
    expect(read()).toBe(`${own}192.0.2.1\tmine\n`);
    refreshHostsFile(path, ["127.96.0.4\tfour"]);
    expect(read()).toContain("four");
    expect(statSync(path).ino).toBe(ino);
  });

  it("that is not there is not made, and a link is not followed", () => {
    refreshHostsFile(path, ["127.96.0.3\tthree"]);
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
    writeFileSync(join(dir, "other"), "untouched");
    symlinkSync(join(dir, "other"), path);
    refreshHostsFile(path, ["127.96.0.3\tthree"]);
    expect(() => writeHostsFile(path, "text")).toThrow();
    expect(read()).toBe("untouched");
  });
});
