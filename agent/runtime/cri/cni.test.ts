import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureNetwork, networkFile } from "./cni.js";

describe("the pod network", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "cni-"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const network = { owner: "0123456789", podCidr: "10.1.2.0/24", dataDir: "/data" };

  it("is ours where there is none, with the node's range, and follows it", () => {
    expect(ensureNetwork(dir, network)).toBe(true);
    expect(readFileSync(join(dir, networkFile), "utf8")).toContain('"subnet": "10.1.2.0/24"');
    expect(ensureNetwork(dir, { ...network, podCidr: "10.1.3.0/24" })).toBe(true);
    expect(readFileSync(join(dir, networkFile), "utf8")).toContain('"subnet": "10.1.3.0/24"');
    expect(readdirSync(dir)).toEqual([networkFile]);
  });

  it("is the administrator's where there is one, also later", () => {
    ensureNetwork(dir, network);
    writeFileSync(join(dir, "10-own.conflist"), "{}");
    expect(ensureNetwork(dir, network)).toBe(false);
    expect(readdirSync(dir)).toEqual(["10-own.conflist"]);
  });
});
