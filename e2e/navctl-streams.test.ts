import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Cluster, endInOrder, navctlBin, startCluster, stopClusters } from "./harness/cluster.js";
import { describeWith } from "./harness/needs.js";
import { eventually, exitOf } from "./harness/run.js";

/** What goes through connections of its own: copies, forwarded ports, the proxy, terminals. */
describeWith(["tar"], "navctl's streams", () => {
  let cluster: Cluster;
  let dir: string;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    cluster = await startCluster();
    dir = join(cluster.dataDir, "..", "files");
    mkdirSync(dir);
    await cluster.ok(["run", "web", "--image=my-app", "--port=80", "--labels=app=web"]);
    await cluster.ok(["run", "box", "--image=busybox", "--restart=Never", "--command", "--", "sleep", "600"]);
    await cluster.ok(["wait", "pod/web", "pod/box", "--for=condition=Ready", "--timeout=60s"]);
  });
  afterAll(async () => {
    for (const child of children) await endInOrder(child);
    await stopClusters();
  });

  /** Starts a command that stays, and answers the part of its first fitting line. */
  const started = (args: readonly string[], line: RegExp): Promise<string> => {
    const child = spawn(process.execPath, [navctlBin, "--kubeconfig", cluster.kubeconfig, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.push(child);
    const errors: string[] = [];
    createInterface({ input: child.stderr }).on("line", (text) => errors.push(text));
    return new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).on("line", (text) => {
        const found = line.exec(text)?.[1];
        if (found !== undefined) resolve(found);
      });
      child.once("exit", (code) => reject(new Error(`${args[0]} ended with ${code}: ${errors.join("\n")}`)));
    });
  };

  it("copies files and folders into a container and back", async () => {
    const content = Buffer.alloc(3_000_000, "0123456789abcdef\n");
    mkdirSync(join(dir, "tree", "deep"), { recursive: true });
    writeFileSync(join(dir, "tree", "deep", "big"), content);
    writeFileSync(join(dir, "tree", "small"), "small");
    symlinkSync("/etc/passwd", join(dir, "tree", "link"));
    const there = (await cluster.ok(["exec", "box", "--", "mktemp", "-d"])).trim();
    await cluster.ok(["cp", "tree", `box:${there}/copy`], { cwd: dir });
    expect(await cluster.ok(["exec", "box", "--", "cat", `${there}/copy/small`])).toBe("small");
    expect(await cluster.ok(["exec", "box", "--", "readlink", `${there}/copy/link`])).toBe("/etc/passwd\n");
    const { code, stderr } = await cluster.navctl(["cp", `default/box:${there}/copy`, "back"], { cwd: dir });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("skipping symlink") });
    expect(readFileSync(join(dir, "back", "deep", "big")).equals(content)).toBe(true);
    expect(await cluster.navctl(["cp", "nothing", "box:/tmp/x"], { cwd: dir })).toMatchObject({
      code: 1,
      stderr: "error: nothing doesn't exist in local filesystem\n",
    });
    await cluster.ok(["exec", "box", "--", "rm", "-r", there]);
  });

  it("ends with the command, though its input stays open", async () => {
    const args = [navctlBin, "--kubeconfig", cluster.kubeconfig, "exec", "-i", "box", "--", "sh", "-c", "exit 3"];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "ignore", "ignore"] });
    children.push(child);
    expect(await exitOf(child)).toBe(3);
  });

  it("gives a command our terminal", async () => {
    const { spawn: spawnTerminal } = await import("@lydell/node-pty");
    const args = [navctlBin, "--kubeconfig", cluster.kubeconfig, "exec", "-it", "box", "--", "sh"];
    const terminal = spawnTerminal(process.execPath, args, { cols: 93, rows: 31 });
    let shown = "";
    terminal.onData((text) => {
      shown += text;
    });
    const ended = new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
    await eventually("a prompt", () => /[#$] $/.test(shown));
    terminal.write("stty size; echo is$((1 + 1))terminal\r");
    await eventually("the size of our terminal", () => shown.includes("31 93") && shown.includes("is2terminal"));
    terminal.resize(70, 20);
    await eventually("the new size", () => {
      terminal.write("stty size\r");
      return shown.includes("20 70");
    });
    terminal.write("exit 5\r");
    expect(await ended).toBe(5);
  });

  it("forwards ports to a pod", async () => {
    const port = await started(["port-forward", "pod/web", ":80"], /^Forwarding from 127\.0\.0\.1:(\d+) -> 80$/);
    const asked = await Promise.all(
      [1, 2, 3].map(async () =>
        (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } })).text(),
      ),
    );
    for (const answer of asked) expect(answer).toContain("web");
    expect(await cluster.navctl(["port-forward", "pod/web", "8080:nothing"])).toMatchObject({
      code: 1,
      stderr: "error: Pod 'web' does not have a named port 'nothing'\n",
    });
  });

  it("serves the API to programs of this machine, and to no others", async () => {
    writeFileSync(join(dir, "page.html"), "a page");
    const address = await started(
      ["proxy", "--port=0", `--www=${dir}`, "--api-prefix=/k8s"],
      /^Starting to serve on (127\.0\.0\.1:\d+)$/,
    );
    expect(JSON.parse(await get(address, "/k8s/api/v1/namespaces/default/pods/web"))).toMatchObject({ kind: "Pod" });
    expect(await get(address, "/static/page.html")).toBe("a page");
    expect(await get(address, "/static/%2e%2e/data/kubeconfig")).toBe("404 page not found\n");
    expect(await get(address, "/k8s/api", { host: "evil.test" })).toBe("Forbidden");
    expect(await get(address, "/k8s/api/v1/namespaces/default/pods/web/exec?command=id")).toBe("Forbidden");
    expect(
      JSON.parse(await get(address, "/k8s/apis/authentication.k8s.io", { "impersonate-user": "ann" })),
    ).toMatchObject({
      kind: "APIGroup",
    });
  });
});

/** With the path as it is written, and a host of one's own. */
function get(address: string, path: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const [host = "", port = ""] = address.split(":");
  return new Promise((resolve, reject) => {
    const asked = request({ host, port, path, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve(text));
    });
    asked.on("error", reject);
    asked.end();
  });
}
