import { getMaxListeners, once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { catalogue } from "./catalogue.js";
import { runCli } from "./cli.test-kit.js";
import { describeFailure } from "./errors.js";
import type { Session } from "./session.js";
import { withProgress } from "./waiting.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "navctl-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const config = (server: string, user: object = { token: "t" }, current = "one"): string =>
  JSON.stringify({
    clusters: [{ name: "c", cluster: { server, "certificate-authority-data": "Q0E=" } }],
    users: [{ name: "u", user }],
    contexts: [
      { name: "one", context: { cluster: "c", user: "u", namespace: "ns1" } },
      { name: "two", context: { cluster: "c", user: "u" } },
    ],
    "current-context": current,
  });
const writeLocal = (content: string, mode = 0o600): string => {
  mkdirSync(join(dir, ".navarch"));
  const file = join(dir, ".navarch", "kubeconfig");
  writeFileSync(file, content, { mode });
  return file;
};

describe("commands", () => {
  it("have one name each, a summary and a module that loads", async () => {
    expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length);
    for (const entry of catalogue) {
      const command = await entry.load();
      expect(command.name).toBe(entry.name);
      expect(command.run !== undefined || command.subcommands !== undefined).toBe(true);
    }
  });
  it("show their help", async () => {
    for (const { name } of catalogue) {
      const { code, stdout } = await runCli([name, "--help"]);
      expect([name, code]).toEqual([name, 0]);
      expect(stdout).toContain(`Usage: navctl ${name}`);
    }
    expect((await runCli(["help", "create", "secret"])).stdout).toContain("navctl create secret");
    expect((await runCli([])).stdout).toContain("Usage:\n  navctl COMMAND [flags]");
    expect((await runCli(["exec", "--help"])).stdout).toContain(
      "Usage: navctl exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]\n",
    );
    expect((await runCli(["debug", "--help"])).stdout).toContain("[--image=image] [flags] [-- COMMAND [args...]]\n");
    expect((await runCli(["apply", "--help"])).stdout).toContain("Usage: navctl apply (-f FILE | COMMAND) [flags]\n");
    expect((await runCli(["set"])).code).toBe(1);
    expect((await runCli(["options"])).stdout).toContain("--kubeconfig");
  });
  it.each([
    [["gett"], 'error: unknown command "gett" for "navctl"\n\nDid you mean this?\n\tget\n\tset\n'],
    [["foo"], 'error: unknown command "foo" for "navctl"\n\nDid you mean this?\n\ttop\n'],
    [["create", "deploy"], 'error: required flag(s) "image" not set\n'],
    [
      ["create", "deploy", "--image=x"],
      "error: exactly one NAME is required, got 0\nSee 'navctl create deployment -h' for help and examples\n",
    ],
    [["kuberc", "view"], 'error: navctl has no "kuberc": use kubectl\n'],
    [["--foo"], "error: unknown flag: --foo\nSee 'navctl --help' for usage.\n"],
    [["get", "--foo"], "error: unknown flag: --foo\nSee 'navctl get --help' for usage.\n"],
    [["rollout", "foo"], "error: unknown command \"foo\"\nSee 'navctl rollout -h' for help and examples\n"],
    [["apply"], "error: must specify -f: the files to apply\n"],
    [["apply", "-f", "nope.yaml"], 'error: the path "nope.yaml" does not exist\n'],
    [["scale", "deploy", "x"], 'error: required flag(s) "replicas" not set\n'],
    [
      ["create", "namespace"],
      "error: exactly one NAME is required, got 0\nSee 'navctl create namespace -h' for help and examples\n",
    ],
    [["patch", "pod", "x"], "error: must specify --patch or --patch-file containing the contents of the patch\n"],
    [["wait", "pod/x"], 'error: unrecognized condition: ""\n'],
    [
      ["delete", "pod", "x", "--wait=maybe"],
      'error: invalid argument "maybe" for "--wait" flag: strconv.ParseBool: parsing "maybe": invalid syntax\nSee \'navctl delete --help\' for usage.\n',
    ],
    [["apply", "-f", "-", "--force-conflicts"], "error: --force-conflicts only works with --server-side\n"],
    [
      ["apply", "-f", "-", "--prune"],
      "error: all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector\n",
    ],
    [["exec", "x"], "error: you must specify at least one command for the container\n"],
    [["completion", "csh"], 'error: Unsupported shell type "csh".\n'],
  ])("%j fails with a clear message", async (argv, stderr) => {
    expect(await runCli(argv, { cwd: dir, env: { HOME: dir } })).toEqual({ code: 1, stdout: "", stderr });
  });
  it("complete commands, sub-commands and flags", async () => {
    expect((await runCli(["__complete", "ro"])).stdout).toBe("rollout\n");
    expect((await runCli(["__complete", "rollout", "re"])).stdout).toBe("restart\nresume\n");
    expect((await runCli(["__complete", "get", "--watch"])).stdout).toBe("--watch\n--watch-only\n");
  });
});

describe("kubeconfig", () => {
  const contexts = (argv: string[], env: Record<string, string> = {}) =>
    runCli(["config", "current-context", ...argv], { cwd: dir, env: { HOME: dir, ...env } });

  it("comes from --kubeconfig, then $KUBECONFIG, then ./.navarch, then ~/.kube", async () => {
    mkdirSync(join(dir, ".kube"));
    writeFileSync(join(dir, ".kube", "config"), config("https://h", {}, "home"));
    expect((await contexts([])).stdout).toBe("home\n");
    writeLocal(config("https://h", {}, "local"));
    expect((await contexts([])).stdout).toBe("local\n");
    writeFileSync(join(dir, "a"), config("https://h", {}, "listed"));
    writeFileSync(join(dir, "b"), config("https://h", {}, "second"));
    expect((await contexts([], { KUBECONFIG: `${dir}/missing:${dir}/a:${dir}/b` })).stdout).toBe("listed\n");
    expect((await contexts(["--kubeconfig", "b"], { KUBECONFIG: `${dir}/a` })).stdout).toBe("second\n");
  });
  it.each([
    [{ exec: { command: "evil" } }, "runs a program (exec)"],
    [{ "auth-provider": { name: "x" } }, "has an auth-provider"],
    [{ tokenFile: "/etc/passwd" }, "refers to files"],
    [{ "client-key": "key.pem" }, "refers to files"],
  ])("is not taken from the working directory with %j", async (user, why) => {
    writeLocal(config("https://h", user));
    const { code, stderr } = await contexts([]);
    expect(code).toBe(1);
    expect(stderr).toContain(why);
  });
  it("is not taken from the working directory when others may read it", async () => {
    chmodSync(writeLocal(config("https://h")), 0o644);
    const { code, stderr } = await contexts([]);
    expect(code).toBe(1);
    expect(stderr).toContain("its mode must be 0600");
  });
  it("that is broken is named", async () => {
    for (const [content, why] of [
      ["clusters: 5\n", "clusters is not a list"],
      ["only text\n", "it is no kubeconfig, as it is not a map of fields"],
      [
        "{apiVersion: v1, kind: ConfigMap}",
        'it is no kubeconfig: kind "ConfigMap", version "v1", where "Config" and "v1" are expected',
      ],
    ] as const) {
      writeFileSync(join(dir, "bad"), content);
      expect((await contexts(["--kubeconfig", "bad"])).stderr).toBe(`error: error loading config file "bad": ${why}\n`);
    }
    expect((await contexts(["--kubeconfig", "."])).stderr).toBe(
      'error: error loading config file ".": read .: is a directory\n',
    );
    expect((await runCli(["get", "pods", "--kubeconfig", "none"], { cwd: dir })).stderr).toBe(
      "error: stat none: no such file or directory\n",
    );
  });
  it.each([
    [["--context=x"], "Error in configuration: context was not found for specified context: x"],
    [["--cluster=x"], 'error: no server found for cluster "x"'],
    [["--user=x"], 'error: auth info "x" does not exist'],
    [["--as-group=x"], "error: requesting uid, groups or user-extra for u without impersonating a user"],
    [["--as-uid=x"], "error: requesting uid, groups or user-extra for u without impersonating a user"],
    [
      ["--certificate-authority=x"],
      "error: unable to read certificate-authority x for c due to open x: no such file or directory",
    ],
    [
      ["--client-certificate=x", "--client-key=y"],
      "Error in configuration: \n* unable to read client-cert x for u due to open x: no such file or directory\n* unable to read client-key y for u due to open y: no such file or directory",
    ],
  ])("that flags do not fit is told: %j", async (flags, stderr) => {
    writeFileSync(join(dir, "some"), config("https://127.0.0.1:1"));
    const argv = ["get", "pods", "--kubeconfig=some", ...flags];
    expect(await runCli(argv, { cwd: dir, env: { HOME: dir } })).toEqual({
      code: 1,
      stdout: "",
      stderr: `${stderr}\n`,
    });
  });
  it("is changed in the file that holds the entry, mode 0600", async () => {
    const env = { HOME: dir, KUBECONFIG: `${dir}/a:${dir}/b` };
    const run = (...argv: string[]) => runCli(["config", ...argv], { cwd: dir, env });
    writeFileSync(join(dir, "a"), JSON.stringify({ "current-context": "one" }), { mode: 0o644 });
    writeFileSync(join(dir, "b"), config("https://h"));
    expect((await run("use-context", "two")).stdout).toBe('Switched to context "two".\n');
    expect((await run("use-context", "three")).stderr).toBe('error: no context exists with the name: "three"\n');
    expect((await run("set-context", "--current", "--namespace=x")).stdout).toBe('Context "two" modified.\n');
    expect((await run("set-cluster", "new", "--server=https://n:1/")).stdout).toBe('Cluster "new" set.\n');
    expect((await run("set-credentials", "me", "--token=secret")).stdout).toBe('User "me" set.\n');
    expect((await run("set", "contexts.two.user", "me")).stdout).toBe('Property "contexts.two.user" set.\n');
    expect((await run("rename-context", "one", "first")).stdout).toBe('Context "one" renamed to "first".\n');
    expect((await run("delete-context", "first")).stdout).toBe(`deleted context first from ${dir}/b\n`);
    expect((await run("get-contexts")).stdout).toBe(
      "CURRENT   NAME   CLUSTER   AUTHINFO   NAMESPACE\n*         two    c         me         x\n",
    );
    expect((await run("get-clusters")).stdout).toBe("NAME\nc\nnew\n");
    const view = (await run("view", "-o", "jsonpath={.users[?(@.name=='me')].user.token} {.clusters[*].name}")).stdout;
    expect(view).toBe("REDACTED c new");
    expect((await run("view", "--minify", "--raw", "-o", "jsonpath={.users[*].user.token}")).stdout).toBe("secret");
    expect((await run("unset", "current-context")).code).toBe(0);
    expect((await run("current-context")).stdout).toBe("first\n");
    expect(statSync(join(dir, "a")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(dir, "b"), "utf8")).not.toContain("secret");
  });
});

describe("failures", () => {
  it("say how to start the cluster when nothing answers", async () => {
    const port = await freePort();
    const { code, stderr } = await runCli(["get", "pods", "-s", `https://127.0.0.1:${port}`], {
      env: { HOME: dir },
      cwd: dir,
    });
    expect(code).toBe(1);
    expect(stderr).toBe(
      `The connection to the server 127.0.0.1:${port} was refused - did you specify the right host or port?\nis the cluster running? start it with: navarch up\n`,
    );
  });
  it("say what to do without a kubeconfig", () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:8080"), { name: "ConnectionError" });
    expect(describeFailure(refused, "http://localhost:8080", false)).toBe(
      "The connection to the server localhost:8080 was refused - did you specify the right host or port?\nno kubeconfig was found: name one with --kubeconfig or $KUBECONFIG, or start a cluster here with: navarch up",
    );
  });
  it.each([
    [
      {
        code: "ERR_TLS_CERT_ALTNAME_INVALID",
        host: "b.test",
        cert: { subjectaltname: "DNS:a.test, IP Address:1.2.3.4" },
      },
      "certificate is valid for a.test, 1.2.3.4, not b.test",
    ],
    [{ code: "DEPTH_ZERO_SELF_SIGNED_CERT" }, "certificate signed by unknown authority"],
    [{ code: "CERT_HAS_EXPIRED" }, "certificate has expired or is not yet valid"],
  ])("tell why a certificate is not believed: %j", (parts, why) => {
    const cause = Object.assign(new Error("m"), parts);
    const error = Object.assign(new Error("m", { cause }), { name: "ConnectionError" });
    expect(describeFailure(error, "https://b.test")).toBe(
      `Unable to connect to the server: tls: failed to verify certificate: x509: ${why}`,
    );
  });
  it("name a host that is not known without its port", () => {
    const error = Object.assign(new Error("getaddrinfo ENOTFOUND nothing"), { name: "ConnectionError" });
    expect(describeFailure(error, "https://nothing:8443")).toBe(
      "Unable to connect to the server: dial tcp: lookup nothing: no such host",
    );
  });
  it("say so when the server takes the connection and no more, in the time that was given", async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket.on("error", () => undefined).resume()));
    const port = await new Promise<number>((resolve) => {
      mute.listen(0, "127.0.0.1", () => resolve((mute.address() as AddressInfo).port));
    });
    const begun = Date.now();
    const { code, stderr } = await runCli(
      ["get", "pods", "-s", `https://127.0.0.1:${port}`, "--request-timeout=300ms"],
      { env: { HOME: dir }, cwd: dir },
    );
    expect([code, stderr]).toEqual([1, "Unable to connect to the server: no answer within 0.3 s\n"]);
    expect(Date.now() - begun).toBeLessThan(60_000);
    // The connection is given up, so that nothing keeps the process alive.
    await Promise.all(sockets.map((socket) => socket.destroyed || once(socket, "close")));
    await new Promise((resolve) => mute.close(resolve));
  });
  it("that wait for Ctrl-C may be many", async () => {
    const { signal } = new AbortController();
    await runCli(["options"], { signal });
    expect(getMaxListeners(signal)).toBe(Number.POSITIVE_INFINITY);
  });
  it("list several causes of an invalid object", () => {
    const error = Object.assign(new Error("m"), {
      reason: "Invalid",
      code: 422,
      details: {
        kind: "Pod",
        name: "x",
        causes: [
          { field: "a", message: "b" },
          { field: "c", message: "d" },
        ],
      },
    });
    error.name = "StatusError";
    expect(describeFailure(error, "")).toBe('The Pod "x" is invalid: \n* a: b\n* c: d');
  });
  it("show what went wrong in the server", () => {
    const error = Object.assign(new Error('pods "x" not found'), { reason: "NotFound", code: 404, details: undefined });
    error.name = "StatusError";
    expect(describeFailure(error, "")).toBe('Error from server (NotFound): pods "x" not found');
    error.reason = "Unauthorized";
    expect(describeFailure(error, "")).toBe("error: You must be logged in to the server (Unauthorized)");
  });
});

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });

describe("progress", () => {
  it("counts the seconds on a terminal alone, and clears its line", async () => {
    const written: string[] = [];
    const io = { stderr: { write: (text: string) => written.push(text) }, stderrIsTty: true };
    const clock = { monotonic: () => performance.now() };
    const session = { io, clock } as unknown as Session;
    const slow = () => new Promise<string>((resolve) => setTimeout(() => resolve("done"), 1_300));
    expect(await withProgress(session, "pods/x", slow)).toBe("done");
    expect(written).toEqual(["\r\u001b[Kwaiting for pods/x ... 1s", "\r\u001b[K"]);
    expect(await withProgress({ ...session, io: { ...io, stderrIsTty: false } } as unknown as Session, "x", slow)).toBe(
      "done",
    );
    expect(written).toHaveLength(2);
  });
});
