import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../base/clock.js";
import { silentLog } from "../../../base/log.js";
import { systemRandom } from "../../../base/random.js";
import type { Runtime } from "../runtime.js";
import { openProcessRuntime } from "./process.js";

describe.each(["auto", "off"] as const)("a container's terminal and input (namespaces %s)", (namespaces) => {
  it("outlive the agent: who comes after it attaches to the same shell", async () => {
    const dir = mkdtempSync(join(tmpdir(), "attach-"));
    const open = (): Promise<Runtime> =>
      openProcessRuntime({
        ...{ dir, imagesDir: dir, clock: systemClock, random: systemRandom, log: silentLog, namespaces },
      });
    let runtime = await open();
    await runtime.setPodCidr("127.64.208.0/24");
    const sandbox = await runtime.runSandbox({
      ...{ pod: { uid: "u", namespace: "default", name: "p" }, attempt: 0, hostname: "p", labels: {}, annotations: {} },
    });
    const id = await runtime.createContainer(sandbox, {
      ...{ name: "c", attempt: 0, image: "x", command: ["sh"], args: [], env: [], mounts: [], annotations: {} },
      ...{ tty: true, stdin: true },
    });
    await runtime.startContainer(id);
    const say = async (line: string, answer: string): Promise<void> => {
      const leave = new AbortController();
      const session = await runtime.attach(id, { stdin: true, signal: leave.signal });
      let seen = "";
      const reading = (async () => {
        for await (const chunk of session.stdout) {
          seen += Buffer.from(chunk).toString();
          if (seen.includes(answer)) leave.abort();
        }
      })();
      await session.write(Buffer.from(`${line}\n`));
      await reading;
      expect(seen).toContain(answer);
    };
    await say("kept=42; echo said-$kept", "said-42");
    await runtime.close();
    runtime = await open();
    await say("echo still-$kept", "still-42");
    expect((await runtime.containers()).find((run) => run.id === id)).toMatchObject({ state: "running" });
    await runtime.removeSandbox(sandbox);
    await runtime.close();
    rmSync(dir, { recursive: true, force: true });
  });
});
