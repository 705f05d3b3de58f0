import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../base/clock.js";
import { silentLog } from "../base/log.js";
import { sealedStdio } from "../base/sealed-stdio.js";

const list = ["-c", 'for fd in /proc/self/fd/*; do readlink "$fd"; done; true'];

it("a child sees nothing of what native code has open", async () => {
  const { openEmbedded } = await import("../apiserver/storage/embedded/embedded.js");
  const dir = mkdtempSync(join(tmpdir(), "navarch-sealed-"));
  const store = await openEmbedded({ dir, log: silentLog, clock: systemClock, onFatal: () => {} });
  try {
    const seen = (stdio: ReturnType<typeof sealedStdio>): string =>
      execFileSync("/bin/sh", list, { stdio, encoding: "utf8" });
    expect(seen(["ignore", "pipe", "ignore"])).toContain(dir);
    expect(seen(sealedStdio("ignore", "pipe", "ignore"))).not.toContain(dir);
  } finally {
    await store.close();
    rmSync(dir, { recursive: true });
  }
});
