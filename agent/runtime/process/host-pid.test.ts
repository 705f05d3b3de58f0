import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../base/clock.js";
import { silentLog } from "../../../base/log.js";
import { systemRandom } from "../../../base/random.js";
import { eventually } from "../../eventually.test-kit.js";
import { withEnvironment } from "../proc.js";
import type { ContainerRecord, Runtime } from "../runtime.js";
import { openProcessRuntime } from "./process.js";

describe.each(["auto", "off"] as const)("containers that see the host's processes (namespaces %s)", (namespaces) => {
  let dir: string;
  let runtime: Runtime;
  let sandbox: string;
  const open = async (): Promise<void> => {
    const tools = { clock: systemClock, random: systemRandom, log: silentLog };
    runtime = await openProcessRuntime({ dir, imagesDir: dir, ...tools, namespaces });
    await runtime.setPodCidr("127.64.204.0/24");
  };
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "runtime-"));
    await open();
    sandbox = await runtime.runSandbox({
      pod: { uid: "u", namespace: "default", name: "p" },
      ...{ attempt: 0, hostname: "the-host", labels: {}, annotations: {}, hostNamespaces: { pid: true } },
    });
  });
  afterAll(async () => {
    await runtime.removeSandbox(sandbox);
    await runtime.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const start = async (script: string): Promise<string> => {
    const id = await runtime.createContainer(sandbox, {
      ...{ name: "main", attempt: 0, image: "busybox", command: ["sh", "-c", script], args: [] },
      ...{ env: [], mounts: [], annotations: {} },
    });
    await runtime.startContainer(id);
    return id;
  };
  const record = async (id: string): Promise<ContainerRecord | undefined> =>
    (await runtime.containers()).find((found) => found.id === id);
  const ended = (id: string): Promise<void> => eventually(async () => expect((await record(id))?.state).toBe("exited"));
  const textOf = async (id: string): Promise<string> => {
    const lines: string[] = [];
    for await (const { line } of runtime.logs(id, { follow: false, signal: new AbortController().signal }))
      lines.push(Buffer.from(line).toString());
    return lines.join("\n");
  };

  it("find them by their pids, and so do programs beside them", async () => {
    const script = `cat /proc/${process.pid}/comm`;
    const id = await start(`${script}; trap 'exit 0' TERM; sleep 1000 & wait`);
    const comm = readFileSync(`/proc/${process.pid}/comm`, "utf8").trim();
    await eventually(async () => expect(await textOf(id)).toBe(comm));
    const session = await runtime.exec(id, {
      ...{ command: ["sh", "-c", script], stdin: false, tty: false, signal: new AbortController().signal },
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of session.stdout) chunks.push(chunk);
    expect([Buffer.concat(chunks).toString().trim(), await session.exitCode]).toEqual([comm, 0]);
    await runtime.stopContainer(id, 60_000);
    expect(await record(id)).toMatchObject({ state: "exited", exitCode: 0 });
  });

  it("take with them what they started, are taken up by the next agent, and killed when the grace is over", async () => {
    const forking = await start("(setsid sleep 1000 &); (setsid sh -c 'sleep 1000' &); sleep 0.1; exit 3");
    await ended(forking);
    expect(await record(forking)).toMatchObject({ exitCode: 3 });
    expect(withEnvironment(`NAVARCH_CONTAINER_ID=${forking}`)).toEqual([]);
    const deaf = await start("trap '' TERM; echo ready; while :; do sleep 0.05; done");
    await eventually(async () => expect(await textOf(deaf)).toBe("ready"));
    await runtime.close();
    await open();
    expect((await record(deaf))?.state).toBe("running");
    await runtime.stopContainer(deaf, 50);
    expect(await record(deaf)).toMatchObject({ state: "exited", exitCode: 137 });
    expect(withEnvironment(`NAVARCH_CONTAINER_ID=${deaf}`)).toEqual([]);
  });
});
