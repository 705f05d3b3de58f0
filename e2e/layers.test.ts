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
