import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../base/clock.js";
import { silentLog } from "../../../base/log.js";
import { busybox, type Containerd, containerTools, startContainerd } from "../../../e2e/harness/containerd.js";
import { describeWith } from "../../../e2e/harness/needs.js";
import { eventually } from "../../../e2e/harness/run.js";
import { describeRuntime } from "../runtime.contract.js";
import { openCriRuntime } from "./cri.js";

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
      hanging: ["sleep", "600"],
      podCidr: "10.201.7.0/24",
      async close() {
        await runtime.close();
        rmSync(dir, { recursive: true, force: true });
      },
    };
  });

  it("the end of a container that ends at once is told at once, and not only by the next list", async () => {
    const dir = mkdtempSync(join(tmpdir(), "runtime-"));
    const runtime = await openCriRuntime({ socket: containerd.socket, dir, clock: systemClock, log: silentLog });
    const ended = new Set<string>();
    runtime.onEvent(({ containerId }) => {
      if (containerId === undefined) return;
      void runtime.containers().then((all) => {
        for (const { id, state } of all) if (state === "exited") ended.add(id);
      });
    });
    try {
      await runtime.setPodCidr("10.201.8.0/24");
      const pod = { uid: "u-short", namespace: "default", name: "short" };
      const sandbox = await runtime.runSandbox({ pod, attempt: 0, hostname: "short", labels: {}, annotations: {} });
      for (let attempt = 0; attempt < 8; attempt++) {
        const config = { name: "main", attempt, image: busybox, command: ["true"], args: [], env: [], mounts: [] };
        const id = await runtime.createContainer(sandbox, { ...config, annotations: {} });
        await runtime.startContainer(id);
        await eventually("the end is told", () => ended.has(id), { timeoutMs: 8_000 });
      }
      await runtime.removeSandbox(sandbox);
    } finally {
      await runtime.close();
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
