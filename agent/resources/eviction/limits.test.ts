import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { container, pod } from "../../pod/pod.test-kit.js";
import { brokenLimit, hasDiskLimits } from "./limits.js";
import { scanTree } from "./scan.js";

const mi = 1024 * 1024;

describe("limits of what a pod has on disk", () => {
  const limited = pod({
    containers: [
      container("a", { resources: { limits: { "ephemeral-storage": "10Mi" } } }),
      container("b", { resources: { limits: { "ephemeral-storage": "10Mi" } } }),
    ],
    volumes: [
      { name: "cache", emptyDir: { sizeLimit: "5Mi" } },
      { name: "free", emptyDir: {} },
    ],
  });
  const use = (a: number, b: number, cache: number, free: number) => ({
    containers: new Map([
      ["a", a * mi],
      ["b", b * mi],
    ]),
    volumes: new Map([
      ["cache", cache * mi],
      ["free", free * mi],
    ]),
  });

  it.each([
    [use(10, 5, 5, 0), undefined],
    [use(0, 0, 6, 0), 'Usage of EmptyDir volume "cache" exceeds the limit "5Mi". '],
    [use(9, 9, 1, 2), "Pod ephemeral local storage usage exceeds the total limit of containers 20Mi. "],
    [use(11, 0, 0, 0), 'Container a exceeded its local ephemeral storage limit "10Mi". '],
  ])("%#", (used, message) => {
    expect(brokenLimit(limited, used)).toBe(message);
  });

  it("bind no container that has none, nor the pod as a whole where one has none", () => {
    const half = pod({
      containers: [container("a", { resources: { limits: { "ephemeral-storage": "10Mi" } } }), container("b")],
    });
    expect(brokenLimit(half, use(1, 500, 0, 0))).toBeUndefined();
    expect(hasDiskLimits(half)).toBe(true);
    expect(hasDiskLimits(pod())).toBe(false);
  });
});

describe("a tree on disk", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "scan-"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const options = { entriesMax: 1000, signal: new AbortController().signal };

  it("is counted without following links, files of several names once", async () => {
    mkdirSync(join(dir, "below"));
    writeFileSync(join(dir, "below", "file"), Buffer.alloc(mi, 1));
    linkSync(join(dir, "below", "file"), join(dir, "again"));
    symlinkSync("/usr", join(dir, "away"));
    symlinkSync(dir, join(dir, "round"));
    const { bytes, inodes, complete } = await scanTree(dir, options);
    expect(bytes).toBeGreaterThanOrEqual(mi);
    expect(bytes).toBeLessThan(1.5 * mi);
    expect({ inodes, complete }).toEqual({ inodes: 4, complete: true });
  });

  it("is left alone beyond a bound, and counts for nothing where it is not there", async () => {
    for (let at = 0; at < 20; at++) writeFileSync(join(dir, String(at)), "");
    expect(await scanTree(dir, { ...options, entriesMax: 5 })).toMatchObject({ inodes: 5, complete: false });
    expect(await scanTree(join(dir, "none"), options)).toEqual({ bytes: 0, inodes: 0, complete: true });
  });
});
