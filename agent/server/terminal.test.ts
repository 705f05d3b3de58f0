import { readdirSync, readFileSync } from "node:fs";
import { eventually } from "../eventually.test-kit.js";
import { allPids, descendants } from "../runtime/proc.js";
import { type Conversation, commandQuery, openConversation, type ServedPod, servePod } from "./server.test-kit.js";

describe("terminals and attaching", () => {
  let served: ServedPod;
  beforeAll(async () => {
    served = await servePod("127.64.206.0/24", [
      { name: "main" },
      { name: "shell", tty: true, stdin: true },
      { name: "once", stdin: true, stdinOnce: true },
      { name: "open", stdin: true },
      { name: "last", tty: true, stdin: true, stdinOnce: true },
      { name: "idle", tty: true, stdin: true },
      { name: "quick" },
    ]);
    await served.start("main", "echo begun; exec sleep 1000");
  });
  afterAll(() => served.close());
  const open = (path: string, protocols?: readonly string[]): Promise<Conversation> =>
    openConversation(served, path, protocols);
  const resize = (conversation: Conversation, size: unknown): void =>
    conversation.socket.send(Buffer.concat([Buffer.of(4), Buffer.from(JSON.stringify(size))]));
  const exec = (...words: readonly string[]): string => `/exec/default/web/main?${commandQuery(...words)}`;
  const attach = (name: string): string => `/attach/default/web/${name}?stdin=1&stdout=1&stderr=1&tty=1`;

  it("runs a program in a terminal: one output, signals by key, the size asked for, the exit code", async () => {
    const shell = await open(`${exec("sh")}&stdin=1&stdout=1&stderr=1&tty=1`);
    resize(shell, { Width: 91, Height: 33 });
    await eventually(async () => {
      shell.type("stty size\n");
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(shell.streams[1]).toContain("33 91");
    });
    shell.type("echo to-$((1+1))-err >&2; tty; echo $TERM; echo shell=$SHELL\n");
    await shell.sees(1, /to-2-err\r\n\/dev\/pts\/\d+\r\nxterm\r\nshell=\r\n/);
    shell.type("sleep 1000\n");
    await new Promise((resolve) => setTimeout(resolve, 200));
    shell.type("\u0003");
    shell.type("exit 42\n");
    await shell.closed;
    expect(shell.streams[2]).toBeUndefined();
    expect(JSON.parse(shell.streams[3] ?? "")).toMatchObject({ details: { causes: [{ message: "42" }] } });
  });

  it("gives a program without input a terminal that stays open", async () => {
    const run = await open(`${exec("sh", "-c", "read -t 0.3 x </dev/tty; test -t 1 && echo tty")}&stdout=1&tty=1`);
    await run.closed;
    expect(run.streams[1]).toContain("tty\r\n");
  });

  it("loses nothing of what a program writes last", async () => {
    const run = await open(`${exec("sh", "-c", "seq 1 20000")}&stdout=1&tty=1`);
    await run.closed;
    expect(run.streams[1]?.trim().split("\r\n")).toHaveLength(20_000);
  });

  it("ends what runs in a terminal, the background too, when its caller vanishes", async () => {
    const before = readdirSync("/dev/pts").length;
    const shell = await open(`${exec("sh", "-i")}&stdin=1&stdout=1&tty=1`);
    const mark = 98_000 + (process.pid % 1000);
    shell.type(`sleep ${mark} & sleep ${mark}\n`);
    const sleepers = (): number => allPids().filter((pid) => commandOf(pid) === `sleep ${mark}`).length;
    await eventually(async () => expect(sleepers()).toBe(2));
    shell.socket.terminate();
    await eventually(async () => expect(sleepers()).toBe(0));
    await eventually(async () => expect(readdirSync("/dev/pts").length).toBeLessThanOrEqual(before));
  });

  it("ends a program that never reads its input when its caller vanishes in the middle of it", async () => {
    const mark = 97_000 + (process.pid % 1000);
    const run = await open(`${exec("sleep", String(mark))}&stdin=1&stdout=1`);
    const running = (): number => allPids().filter((pid) => commandOf(pid) === `sleep ${mark}`).length;
    await eventually(async () => expect(running()).toBe(1));
    for (let sent = 0; sent < 64; sent++) run.socket.send(Buffer.alloc(65_536));
    await new Promise((resolve) => setTimeout(resolve, 100));
    run.socket.terminate();
    for (let look = 0; look < 150 && running() > 0; look++) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(running()).toBe(0);
  });

  it("takes no size that is none", async () => {
    const shell = await open(`${exec("sh", "-c", "sleep 0.5; stty size")}&stdout=1&tty=1`);
    for (const size of [null, 7, {}, { Width: "x", Height: 1 }, { Width: -1, Height: 5 }, { Width: 1e9, Height: 1 }])
      resize(shell, size);
    await shell.closed;
    expect(shell.streams[1]).toContain("0 0");
  });

  it("attaches to a container's own terminal, again and again", async () => {
    const id = await served.start("shell", "echo ready; exec sh");
    for (const round of [1, 2]) {
      const shell = await open(attach("shell"));
      resize(shell, { Width: 70 + round, Height: 20 });
      await eventually(async () => {
        shell.type("stty size\n");
        await new Promise((resolve) => setTimeout(resolve, 100));
        expect(shell.streams[1]).toContain(`20 ${70 + round}`);
      });
      shell.socket.close();
      await shell.closed;
    }
    const runs = await served.runtime.containers();
    expect(runs.find((run) => run.id === id)?.state).toBe("running");
    const shell = await open(attach("shell"));
    shell.type("exit 3\n");
    await shell.closed;
    expect(JSON.parse(shell.streams[3] ?? "")).toEqual({ metadata: {}, status: "Success" });
    await eventually(async () =>
      expect((await served.runtime.containers()).find((run) => run.id === id)).toMatchObject({ exitCode: 3 }),
    );
    expect(shell.streams[1]).not.toContain("ready");
  });

  it("ends a container's input with its first caller's where the pod says so", async () => {
    const id = await served.start("once", "cat; echo over");
    const first = await open(attach("once"));
    first.type("hello\n");
    await first.sees(1, "hello\n");
    first.socket.send(Buffer.of(255, 0));
    await first.closed;
    expect(first.streams[1]).toBe("hello\nover\n");
    expect((await served.runtime.containers()).find((run) => run.id === id)).toMatchObject({ exitCode: 0 });
  });

  it("keeps a container's input open for the next caller where the pod does not", async () => {
    const id = await served.start("open", "cat; echo over");
    for (const word of ["one", "two"]) {
      const caller = await open(attach("open"));
      caller.type(`${word}\n`);
      await caller.sees(1, `${word}\n`);
      caller.socket.send(Buffer.of(255, 0));
      await caller.closed;
      expect(caller.streams[1]).toBe(`${word}\n`);
    }
    expect((await served.runtime.containers()).find((run) => run.id === id)?.state).toBe("running");
  });

  it("shows the first caller what a new container wrote before, and no other", async () => {
    await served.start("quick", "echo begun; sleep 0.2; echo more; sleep 1000");
    const attachQuick = "/attach/default/web/quick?stdout=1";
    const first = await open(attachQuick);
    await first.sees(1, "begun\nmore\n");
    const second = await open(attachQuick);
    for (const one of [first, second]) {
      one.socket.close();
      await one.closed;
    }
    expect(second.streams[1]).toBeUndefined();
  });

  it("leaves no process of a container with a terminal behind", async () => {
    const id = await served.start("last", "sleep 1000 & exec sleep 1000");
    const mark = (): number =>
      allPids().filter((pid) => environmentOf(pid).includes(`NAVARCH_CONTAINER_ID=${id}`)).length;
    await eventually(() => expect(mark()).toBeGreaterThan(0));
    const children = descendants(process.pid).length;
    await served.runtime.stopContainer(id, 100);
    expect(mark()).toBe(0);
    expect(descendants(process.pid).length).toBeLessThan(children);
  });

  it("refuses to attach where nothing runs", async () => {
    await expect(open(attach("idle"))).rejects.toThrow("500");
    await expect(open("/attach/default/web/nobody?stdout=1")).rejects.toThrow("404");
    await expect(open("/attach/default/web/main")).rejects.toThrow("400");
  });
});

const commandOf = (pid: number): string => textOf(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
const environmentOf = (pid: number): string => textOf(`/proc/${pid}/environ`);
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
