import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeWith } from "../../../e2e/harness/needs.js";
import { fillDisk } from "./rounds.js";

describeWith(["root", "mount"], "embedded store on a disk that is full", () => {
  it("ends its process, and opens again with all that was acknowledged or seen", async () => {
    const dir = mkdtempSync(join(tmpdir(), "navarch-full-"));
    const disk = join(dir, "disk");
    mkdirSync(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]);
    try {
      const report = await fillDisk({ dir, store: join(disk, "store") });
      expect(report.acknowledged).toBeGreaterThan(500);
      expect(report.exitCode).toBeGreaterThan(0);
    } finally {
      execFileSync("umount", ["-l", disk]);
      rmSync(dir, { recursive: true });
    }
  });
});
