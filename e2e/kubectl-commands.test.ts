import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCli } from "../cli/cli.test-kit.js";
import { type Cluster, startCluster, stopClusters, temporaryDir } from "./harness/cluster.js";
import {
  type CommandTable,
  forVersion,
  holdsFor,
  matches,
  readTables,
  type Step,
  words,
} from "./harness/kubectl-table.js";
import { describeWith, findKubectls } from "./harness/needs.js";
import { type RunResult, run } from "./harness/run.js";

interface Program {
  readonly name: string;
  readonly minor: number;
  run(args: readonly string[], place: Place, step: Step): Promise<RunResult>;
}
/** Where a table's steps run. */
interface Place {
  readonly dir: string;
  readonly namespace: string;
  readonly env: Readonly<Record<string, string>>;
}

const atOnce = 2;
const patienceMs = 20_000;
const retryMs = 150;
/** For one that does not say its version. */
const usualMinor = 33;
/** That of the API: what only newer versions of kubectl say is expected of navctl, too. */
const navctlMinor = 36;

const kubectls: readonly Program[] = findKubectls().map(({ version, path }) => ({
  name: `kubectl ${version}`,
  minor: Number(/^1\.(\d+)/.exec(version)?.[1] ?? usualMinor),
  async run(args, { dir, env }, { stdin, env: more }) {
    const result = await run(path, args, {
      cwd: dir,
      env: { ...env, ...more },
      ...(stdin === undefined ? {} : { input: stdin }),
    });
    return { ...result, stderr: result.stderr.replaceAll(/\bkubectl\.1\.\d+/g, "kubectl") };
  },
}));

/** In this process: the same words, without a program start a step. */
const navctl: Program = {
  name: "navctl",
  minor: navctlMinor,
  async run(args, { dir, env }, step) {
    const options = step.stdin === undefined ? {} : { stdin: step.stdin };
    const { code, stdout, stderr } = await runCli(args, {
      cwd: dir,
      env: { ...env, ...step.env },
      ...options,
      runEditor: async (command, file) =>
        spawnSync("/bin/sh", ["-c", `${command} "$1"`, "sh", file], { cwd: dir }).status ?? 1,
    });
    return { code, stdout: stdout.replaceAll("navctl", "kubectl"), stderr: stderr.replaceAll("navctl", "kubectl") };
  },
};

const byVersion = kubectls.toSorted((a, b) => b.minor - a.minor);
const tables = readTables();
/** A table meets the newest and, unless it says otherwise, one of the others in turn; `npm run kubectl-tables` lets it meet all. */
const [newest, ...others] = byVersion;
const meets = (table: CommandTable, program: Program): boolean =>
  program === newest ||
  process.env.NAVARCH_EVERY_KUBECTL !== undefined ||
  (!table.newest && others[tables.indexOf(table) % others.length] === program);
/** For who works on them: only cases with such a title. */
const only = new RegExp(process.env.NAVARCH_KUBECTL_CASES ?? "");

it("docs/kubectl.md says what the tables check", async () => {
  const script = join(__dirname, "..", "scripts", "kubectl-doc.mjs");
  expect(await run(process.execPath, [script, "--check"])).toEqual({ code: 0, stdout: "", stderr: "" });
  expect(readFileSync(join(__dirname, "..", "docs", "kubectl.md"), "utf8")).not.toContain("not tried");
});

/** Every command against every version's words; a file of expectations at a time. */
describeWith(["kubectl"], "kubectl's commands", () => {
  let cluster: Cluster;
  const outcomes = new Map<string, Promise<readonly string[]>>();
  const cases = [...byVersion, navctl].flatMap((program) =>
    tables
      .filter((table) => (program === navctl ? table.navctl === undefined : meets(table, program)))
      .map((table) => ({ program, table, title: `${program.name}: ${table.name}` }))
      .filter(({ title }) => only.test(title)),
  );

  beforeAll(async () => {
    cluster = await startCluster();
    const waiting = [...cases];
    const settled = new Map(
      cases.map(({ title }) => {
        let resolve: (failures: readonly string[]) => void = () => undefined;
        outcomes.set(title, new Promise((done) => (resolve = done)));
        return [title, resolve] as const;
      }),
    );
    for (let worker = 0; worker < atOnce; worker++) {
      void (async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          const failures = await runTable(cluster, next.program, next.table).catch((error: unknown) => [String(error)]);
          settled.get(next.title)?.(failures);
        }
      })();
    }
  });
  afterAll(stopClusters);

  it.each(cases.map(({ title }) => title))(
    "%s",
    async (title) => {
      const failures = (await outcomes.get(title)) ?? ["it never ran"];
      if (failures.length > 0) throw new Error(failures.join("\n\n"));
    },
    300_000,
  );
});

/** Runs the steps in order and answers what was not as written. */
async function runTable(cluster: Cluster, program: Program, table: CommandTable): Promise<readonly string[]> {
  const namespace = `${table.name}-${program === navctl ? "own" : program.name}`
    .toLowerCase()
    .replaceAll(/\W+/g, "-")
    .replace(/-$/, "");
  const dir = temporaryDir();
  try {
    await cluster.ok(["create", "namespace", namespace]);
    const kubeconfig = join(dir, "kubeconfig");
    const text = readFileSync(cluster.kubeconfig, "utf8");
    writeFileSync(kubeconfig, text.replace(/^(\s+)user: (.*)$/m, `$1user: $2\n$1namespace: ${namespace}`), {
      mode: 0o600,
    });
    mkdirSync(join(dir, "home"));
    const env = {
      KUBECONFIG: kubeconfig,
      HOME: join(dir, "home"),
      PATH: process.env.PATH ?? "",
      KUBECACHEDIR: join(cluster.dataDir, "kubectl-cache"),
    };
    for (const [name, content] of Object.entries(table.files)) {
      const written = content.replaceAll("<ns>", namespace).replaceAll("<csr>", await certificateRequest());
      writeFileSync(join(dir, name), written, { mode: 0o755 });
    }
    for (const [name, field] of [
      ["tls.crt", "certificate"],
      ["tls.key", "key"],
    ] as const) {
      const [, data = ""] = new RegExp(`client-${field}-data: (.*)`).exec(text) ?? [];
      writeFileSync(join(dir, name), Buffer.from(data, "base64"), { mode: 0o600 });
    }
    const failures: string[] = [];
    for (const step of table.steps) {
      if (!holdsFor(step.versions, program.minor) || (program === navctl && step.navctl !== undefined)) continue;
      const failure = await check(program, step, { dir, namespace, env });
      if (failure !== undefined) failures.push(failure);
    }
    return failures;
  } finally {
    rmSync(dir, { recursive: true, force: true });
    void cluster.navctl(["delete", "namespace", namespace, "--wait=false"]);
  }
}

/** What `<csr>` stands for in a file. */
async function certificateRequest(): Promise<string> {
  await import("reflect-metadata");
  const { Pkcs10CertificateRequestGenerator } = await import("@peculiar/x509");
  const signingAlgorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
  const keys = await crypto.subtle.generateKey(signingAlgorithm, true, ["sign", "verify"]);
  const request = await Pkcs10CertificateRequestGenerator.create({ name: "CN=ann", keys, signingAlgorithm });
  return Buffer.from(request.toString("pem")).toString("base64");
}

/** Undefined where all is as written. */
async function check(program: Program, written: Step, place: Place): Promise<string | undefined> {
  const here = (text: string): string => text.replaceAll("<ns>", place.namespace);
  const step: Step = written.stdin === undefined ? written : { ...written, stdin: here(written.stdin) };
  const stdout = forVersion(here(written.stdout ?? ""), program.minor);
  const stderr = forVersion(here(written.stderr ?? ""), program.minor);
  const endMs = Date.now() + patienceMs;
  for (;;) {
    const result = await program.run(words(here(written.run)), place, step);
    const actual = { ...result, stderr: withoutNotices(result.stderr) };
    if (actual.code === (written.exit ?? 0) && matches(stdout, actual.stdout) && matches(stderr, actual.stderr)) return;
    if (!written.eventually || Date.now() > endMs) {
      const show = (what: string, wanted: string, got: string): string =>
        matches(wanted, got) ? "" : `\n--- ${what}, expected\n${wanted}\n--- ${what}, printed\n${got}`;
      return `$ ${here(written.run)}\nexit code ${actual.code}, expected ${written.exit ?? 0}${show("stdout", stdout, actual.stdout)}${show("stderr", stderr, actual.stderr)}`;
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

/** What this server says of kinds that nothing acts on yet is no word of kubectl's. */
const withoutNotices = (stderr: string): string =>
  stderr.replaceAll(/^Warning: .* (?:runs|has no effect) in this cluster yet\n/gm, "");
