import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../base/clock.js";
import { silentLog } from "../../../base/log.js";
import { type Containerd, containerTools, startContainerd } from "../../../e2e/harness/containerd.js";
import { describeWith } from "../../../e2e/harness/needs.js";
import { describeRuntime } from "../runtime.contract.js";
import { openCriRuntime } from "./cri.js";

jest.setTimeout(60_000);

const trap = 'trap "echo bye; exit 0" TERM; echo hello; while :; do sleep 0.02; done';

describeWith(containerTools, "containers of containerd", () => {
  let containerd: Containerd;
  beforeAll(async () => {
    containerd = await startContainerd();
  });
  afterAll(() => containerd.stop());

  describeRuntime("the CRI runtime", async () => {
    const dir = mkdtempSync(join(tmpdir(), "runtime-"));
    const runtime = await openCriRuntime({ socket: containerd.socket, dir, clock: systemClock, log: silentLog });
    return {
      runtime,
      lasting: { command: ["sh", "-c", trap] },
      ending: (code) => ({ command: ["sh", "-c", `exit ${code}`] }),
      podCidr: "10.201.7.0/24",
      async close() {
        await runtime.close();
        rmSync(dir, { recursive: true, force: true });
      },
    };
  });
});
