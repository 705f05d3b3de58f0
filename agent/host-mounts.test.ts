import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeWith } from "../e2e/harness/needs.js";
import { removeUnmounted } from "./host-mounts.js";

describeWith(["root", "mount"], "removing a folder with mounts below", () => {
  it("leaves what is mounted there whole", async () => {
    const dir = mkdtempSync(join(tmpdir(), "host-mounts-"));
    const [volume, others] = [join(dir, "volume"), join(dir, "others")];
    mkdirSync(join(volume, "below"), { recursive: true });
    mkdirSync(others);
    writeFileSync(join(others, "kept"), "whole");
    execFileSync("mount", ["--bind", others, join(volume, "below")]);
    await removeUnmounted(volume);
    expect(existsSync(volume)).toBe(false);
    expect(readFileSync(join(others, "kept"), "utf8")).toBe("whole");
    rmSync(dir, { recursive: true });
  });
});
