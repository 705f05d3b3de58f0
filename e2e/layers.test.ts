import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** Imports go down only; siblings never see each other. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  base: [],
  apimachinery: ["base"],
  api: ["apimachinery", "base"],
  client: ["api", "apimachinery", "base"],
  manifests: ["api", "apimachinery", "base"],
  apiserver: ["manifests", "api", "apimachinery", "base"],
  scheduler: ["client", "api", "apimachinery", "base"],
  controllers: ["client", "api", "apimachinery", "base"],
  agent: ["client", "api", "apimachinery", "base"],
  cli: ["client", "api", "apimachinery", "base"],
};
const unbound = new Set(["main.ts", "main", "e2e", "bench", "scripts"]);
/** Packages that one folder alone may speak to. */
const onlyIn: Readonly<Record<string, readonly string[]>> = {
  etcd3: ["apiserver/storage/etcd/"],
  lmdb: ["apiserver/storage/embedded/"],
  "@grpc/grpc-js": ["agent/runtime/cri/", "agent/probes/grpc.ts"],
};

const root = join(__dirname, "..");
const skipped = new Set(["node_modules", "dist", ".git", ".navarch", "coverage", ".test-tools"]);

function* sources(dir: string): Generator<string> {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (skipped.has(entry.name)) continue;
    const path = join(dir, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (entry.name.endsWith(".ts")) yield relative(root, path);
  }
}

function violations(file: string, text: string): string[] {
  const folder = file.split("/")[0] ?? "";
  const isTest = file.endsWith(".test.ts") || file.endsWith(".contract.ts");
  const found: string[] = [];
  for (const [, specifier = ""] of text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
    if (!specifier.startsWith(".")) {
      const homes = onlyIn[specifier];
      if (homes && !homes.some((home) => file.startsWith(home)) && !isTest && !unbound.has(folder))
        found.push(`${file}: imports ${specifier}`);
      continue;
    }
    const target = relative(root, join(root, dirname(file), specifier));
    const to = target.split("/")[0] ?? "";
    if (unbound.has(folder) || to === folder) continue;
    if (isTest && target.startsWith("e2e/harness/")) continue;
    if (!(mayImport[folder] ?? []).includes(to)) found.push(`${file}: imports ${target}`);
  }
  return found;
}

/** Time and dice of the world: whoever uses them cannot be replayed. */
const worldly =
  /\bDate\.now\b|\bnew Date\(\)|(?<!\.)\bset(?:Timeout|Interval)\(|\bMath\.random\b|\bperformance\.now\b|\bAbortSignal\.timeout\b|["']node:timers|\bsystem(?:Clock|Random)\b/g;
/** Where they may be used, and why. */
const mayBeWorldly: Readonly<Record<string, string>> = {
  "base/clock.ts": "the clock of the system",
  "base/random.ts": "the dice of the system",
  "agent/parts.ts": "a program's own dice, unless its caller brings some",
  "agent/runtime/cri/channel.ts": "gRPC takes deadlines as a time of day",
  "agent/runtime/process/my-app.ts": "an example that runs in containers",
  "agent/runtime/process/terminal.ts": "the host makes a device in real time",
  "agent/server/port-forward.ts": "a peer that is silent is a socket's matter",
  "agent/server/remote/spdy.ts": "a peer that is silent is a socket's matter",
  "agent/server/remote/web-socket.ts": "a peer that is silent is a socket's matter",
  "apiserver/connections.ts": "sockets end in real time whatever the cluster's clock says",
  "apiserver/fuzz/fuzz.ts": "a program of its own, seeded by the time of day",
  "apiserver/outbound/backend-dialer.ts": "a backend that does not answer is a socket's matter",
  "apiserver/stages/send.ts": "a reader that stops is a socket's matter",
  "apiserver/storage/embedded/embedded.ts": "a disk is slow in real time, and so is a start",
  "apiserver/storage/etcd/client.ts": "gRPC takes deadlines as a time of day",
  "base/spdy/session.ts": "a peer that is silent is a socket's matter",
  "cli/session.ts": "a program's own clock, unless its caller brings one",
  "cli/waiting.ts": "keeps the process alive and counts seconds on a terminal",
  "cli/api.ts": "gives up on a server that does not answer",
  "client/https-transport.ts": "sockets; a caller may bring a clock",
  "client/kubeconfig.ts": "a program's own clock, unless its caller brings one",
  "client/informer/informers.ts": "a program's own dice, unless its caller brings some",
};

const isForTests = (file: string): boolean => /\.test\.ts$|kit\.ts$|contract[^/]*\.ts$|storage\/crash\//.test(file);

function worldlyWords(file: string, text: string): readonly string[] {
  if (unbound.has(file.split("/")[0] ?? "") || isForTests(file)) return [];
  if (Object.keys(mayBeWorldly).some((home) => (home.endsWith("/") ? file.startsWith(home) : file === home))) return [];
  return [...text.matchAll(worldly)].map(([word]) => `${file}: ${word}`);
}

describe("clock and dice are parameters", () => {
  it("nobody else asks the world for them", () => {
    const read = (file: string): string => readFileSync(join(root, file), "utf8");
    expect([...sources(root)].flatMap((file) => worldlyWords(file, read(file)))).toEqual([]);
  });

  it("whoever does is found, and no exception is kept that nobody needs", () => {
    const text = "a = Date.now(); setTimeout(b); clock.setTimeout(c); await sleep(Math.random(), systemClock);";
    expect(worldlyWords("controllers/x.ts", text)).toEqual([
      "controllers/x.ts: Date.now",
      "controllers/x.ts: setTimeout(",
      "controllers/x.ts: Math.random",
      "controllers/x.ts: systemClock",
    ]);
    const files = [...sources(root)];
    const needed = Object.keys(mayBeWorldly).filter((home) =>
      files.some((file) => file.startsWith(home) && readFileSync(join(root, file), "utf8").match(worldly)),
    );
    expect(needed).toEqual(Object.keys(mayBeWorldly));
  });
});

describe("layers", () => {
  it("imports go down only", () => {
    expect([...sources(root)].flatMap((file) => violations(file, readFileSync(join(root, file), "utf8")))).toEqual([]);
  });

  it("an import upwards or sideways is found", () => {
    expect(violations("client/x.ts", 'import { a } from "../apiserver/b.js";')).toEqual([
      "client/x.ts: imports apiserver/b.js",
    ]);
    expect(violations("scheduler/x.ts", 'await import("../controllers/b.js")')).toHaveLength(1);
    expect(violations("apiserver/registry/x.ts", 'import etcd from "etcd3";')).toHaveLength(1);
  });
});
