import { randomUUID } from "node:crypto";
import { eventually } from "../eventually.test-kit.js";
import type { ContainerConfig, ContainerRecord, LogOptions, Runtime, RuntimeEvent } from "./runtime.js";

export interface ContractSubject {
  readonly runtime: Runtime;
  /** A container that runs until it is stopped, and heeds SIGTERM. */
  readonly lasting: Partial<ContainerConfig>;
  /** One that ends by itself with this code. */
  ending(code: number): Partial<ContainerConfig>;
  /** A program beside a container's own that never ends; absent: all end at once. */
  readonly hanging?: readonly string[];
  /** A /24 from which it gives out addresses; 127.64.202.0/24 unless said. */
  readonly podCidr?: string;
  close(): Promise<void>;
}

/** What the agent relies on, whatever runs the containers. */
export function describeRuntime(title: string, open: () => Promise<ContractSubject>): void {
  describe(`${title} keeps the runtime contract`, () => {
    let subject: ContractSubject;
    let runtime: Runtime;
    let podCidr: string;
    beforeEach(async () => {
      subject = await open();
      runtime = subject.runtime;
      podCidr = subject.podCidr ?? "127.64.202.0/24";
      await runtime.setPodCidr(podCidr);
    });
    afterEach(async () => {
      for (const { id } of await runtime.sandboxes()) await runtime.removeSandbox(id);
      await subject.close();
    });

    /** The host's cgroups are everybody's: pods have uids like no others. */
    const uids = [randomUUID(), randomUUID()] as const;
    const sandbox = (uid: string = uids[0], attempt = 0): Promise<string> =>
      runtime.runSandbox({
        pod: { uid, namespace: "default", name: `pod-${uid}` },
        attempt,
        hostname: "host",
        labels: {},
        annotations: { a: "b" },
      });
    const config = (parts: Partial<ContainerConfig>): ContainerConfig => ({
      name: "main",
      attempt: 0,
      image: "busybox",
      command: [],
      args: [],
      env: [],
      mounts: [],
      annotations: { kept: "yes" },
      ...parts,
      ...(parts.annotations ? { annotations: { kept: "yes", ...parts.annotations } } : {}),
    });
    const find = async (id: string): Promise<ContainerRecord | undefined> =>
      (await runtime.containers()).find((container) => container.id === id);
    const ended = (id: string): Promise<ContainerRecord> =>
      eventually(async () => {
        const found = await find(id);
        if (found?.state !== "exited") throw new Error(`it is ${found?.state}`);
        return found;
      });
    const linesOf = async (id: string, options: Partial<LogOptions> = {}): Promise<readonly string[]> => {
      const lines: string[] = [];
      for await (const { line } of runtime.logs(id, {
        follow: false,
        signal: new AbortController().signal,
        ...options,
      }))
        lines.push(Buffer.from(line).toString());
      return lines;
    };

    it("is NetworkReady once it has a range", async () => {
      expect((await runtime.conditions()).filter(({ status }) => !status)).toEqual([]);
    });

    it("gives each sandbox an address of its own from the range, none to those that stopped", async () => {
      const first = await sandbox(uids[0]);
      await sandbox(uids[1]);
      const ips = (await runtime.sandboxes()).flatMap((found) => found.ips);
      const prefix = podCidr.replace("0/24", "");
      expect(new Set(ips).size).toBe(2);
      expect(ips.every((ip) => ip.startsWith(prefix) && ip !== `${prefix}1`)).toBe(true);
      await runtime.stopSandbox(first);
      expect((await runtime.sandboxes({ podUid: uids[0] }))[0]).toMatchObject({
        state: "notReady",
        annotations: { a: "b" },
      });
    });

    it("takes a container from created to running to exited and tells each change", async () => {
      const events: RuntimeEvent[] = [];
      runtime.onEvent((event) => void events.push(event));
      const id = await runtime.createContainer(await sandbox(), config(subject.lasting));
      expect(await find(id)).toMatchObject({
        state: "created",
        name: "main",
        attempt: 0,
        annotations: expect.objectContaining({ kept: "yes" }),
      });
      await runtime.startContainer(id);
      expect(await find(id)).toMatchObject({ state: "running", startedAtMs: expect.any(Number) });
      await runtime.stopContainer(id, 5_000);
      expect(await find(id)).toMatchObject({
        state: "exited",
        finishedAtMs: expect.any(Number),
        exitCode: expect.any(Number),
      });
      expect(
        events.filter(({ containerId, podUid }) => containerId === id && podUid === uids[0]).length,
      ).toBeGreaterThanOrEqual(2);
    });

    it("keeps the exit code of a program that ends by itself", async () => {
      const in_ = await sandbox();
      const good = await runtime.createContainer(in_, config({ ...subject.ending(0), name: "good" }));
      const bad = await runtime.createContainer(in_, config({ ...subject.ending(7), name: "bad" }));
      await runtime.startContainer(good);
      await runtime.startContainer(bad);
      expect(await ended(good)).toMatchObject({ exitCode: 0, reason: "Completed" });
      expect(await ended(bad)).toMatchObject({ exitCode: 7, reason: "Error" });
    });

    it("starts no container twice", async () => {
      const id = await runtime.createContainer(await sandbox(), config(subject.lasting));
      await runtime.startContainer(id);
      await expect(runtime.startContainer(id)).rejects.toMatchObject({ reason: "RunContainerError" });
    });

    it("stops, removes and forgets as often as it is asked", async () => {
      const in_ = await sandbox();
      const id = await runtime.createContainer(in_, config(subject.lasting));
      await runtime.startContainer(id);
      await Promise.all([runtime.stopContainer(id, 5_000), runtime.stopContainer(id, 0)]);
      await runtime.stopContainer(id, 0);
      await runtime.removeContainer(id);
      await runtime.removeContainer(id);
      expect(await find(id)).toBeUndefined();
      await runtime.stopSandbox(in_);
      await runtime.removeSandbox(in_);
      await runtime.removeSandbox(in_);
      await runtime.stopContainer("unknown", 0);
      await runtime.stopSandbox("unknown");
      expect(await runtime.sandboxes()).toEqual([]);
    });

    it("ends the containers of a sandbox with it", async () => {
      const in_ = await sandbox();
      const id = await runtime.createContainer(in_, config(subject.lasting));
      await runtime.startContainer(id);
      await runtime.stopSandbox(in_);
      expect((await find(id))?.state).toBe("exited");
      await expect(runtime.createContainer(in_, config(subject.lasting))).rejects.toMatchObject({
        reason: "CreateContainerError",
      });
    });

    it("lists by pod and by sandbox", async () => {
      const one = await runtime.createContainer(await sandbox(uids[0]), config(subject.lasting));
      const in_ = await sandbox(uids[1]);
      const two = await runtime.createContainer(in_, config(subject.lasting));
      expect((await runtime.containers({ podUid: uids[0] })).map(({ id }) => id)).toEqual([one]);
      expect((await runtime.containers({ sandboxId: in_ })).map(({ id }) => id)).toEqual([two]);
    });

    it("runs a program in a running container, and none in one that has ended", async () => {
      const id = await runtime.createContainer(await sandbox(), config(subject.lasting));
      await runtime.startContainer(id);
      const session = await runtime.exec(id, {
        command: ["echo", "hello"],
        stdin: false,
        tty: false,
        signal: new AbortController().signal,
      });
      const chunks: Uint8Array[] = [];
      for await (const chunk of session.stdout) chunks.push(chunk);
      expect(Buffer.concat(chunks).toString()).toContain("hello");
      expect(await session.exitCode).toBe(0);
      await runtime.stopContainer(id, 0);
      await expect(
        runtime.exec(id, { command: ["echo"], stdin: false, tty: false, signal: new AbortController().signal }),
      ).rejects.toMatchObject({ reason: "NotRunning" });
    });

    it("ends a brief program that hangs at the abort", async () => {
      const id = await runtime.createContainer(await sandbox(), config(subject.lasting));
      await runtime.startContainer(id);
      const abort = new AbortController();
      const asked = { command: subject.hanging ?? [], stdin: false, tty: false, brief: true, signal: abort.signal };
      const ended = runtime.exec(id, asked).then(({ exitCode }) => exitCode);
      if (subject.hanging) setTimeout(() => abort.abort(), 300);
      expect(await ended).toBe(subject.hanging ? 137 : 0);
    });

    it("tells what running containers use, and of ended ones nothing", async () => {
      const in_ = await sandbox();
      const id = await runtime.createContainer(in_, config(subject.lasting));
      expect(await runtime.stats()).toEqual([]);
      await runtime.startContainer(id);
      const [first] = await eventually(async () => {
        const found = await runtime.stats({ podUid: uids[0] });
        expect(found).toHaveLength(1);
        return found;
      });
      expect(first).toMatchObject({ id, atMs: expect.any(Number), cpuNanoseconds: expect.any(Number) });
      const [second] = await runtime.stats({ sandboxId: in_ });
      expect(second?.cpuNanoseconds).toBeGreaterThanOrEqual(first?.cpuNanoseconds ?? Number.NaN);
      expect(await runtime.stats({ podUid: uids[1] })).toEqual([]);
      await runtime.stopContainer(id, 0);
      expect(await runtime.stats()).toEqual([]);
    });

    it("gives the log out in order, the last lines alone, and follows it to the end", async () => {
      const id = await runtime.createContainer(await sandbox(), config(subject.lasting));
      await runtime.startContainer(id);
      const following = linesOf(id, { follow: true });
      await runtime.stopContainer(id, 5_000);
      const all = await linesOf(id);
      expect(await following).toEqual(all);
      expect(await linesOf(id, { tailLines: 1 })).toEqual(all.slice(-1));
      expect(await linesOf(id, { tailLines: 0 })).toEqual([]);
    });

    it("stops following when the reader goes away", async () => {
      const id = await runtime.createContainer(await sandbox(), config(subject.lasting));
      await runtime.startContainer(id);
      const reader = new AbortController();
      const following = linesOf(id, { follow: true, signal: reader.signal });
      reader.abort();
      await following;
    });
  });
}
