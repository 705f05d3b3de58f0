import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../base/clock.js";
import { type Logger, silentLog } from "../../../base/log.js";
import { eventually } from "../../eventually.test-kit.js";
import { PodCgroups } from "./cgroups.js";
import type { HeldMounts } from "./held-mounts.js";
import { PodPlaces } from "./pod-places.js";

describe("what two pods without a sandbox left behind", () => {
  let root: string;
  let places: PodPlaces;
  let warnings: string[];
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "navarch-places-"));
    warnings = [];
    mkdirSync(join(root, "records"));
    for (const uid of ["a", "b"]) {
      writeFileSync(
        join(root, "records", uid),
        JSON.stringify({ cgroup: `/pod${uid}`, logs: join(root, `logs-${uid}`) }),
      );
      mkdirSync(join(root, `logs-${uid}`));
    }
  });
  afterEach(async () => {
    await places.close();
    rmSync(root, { recursive: true });
  });

  const open = (parts: { releasePod?(uid: string): Promise<void>; sandboxed?(): Promise<ReadonlySet<string>> }) => {
    const { releasePod = async () => {}, sandboxed = async () => new Set<string>() } = parts;
    const log: Logger = { ...silentLog, warn: (_text, fields) => void warnings.push(JSON.stringify(fields)) };
    places = new PodPlaces({
      ...{ dir: join(root, "records"), cgroups: new PodCgroups(root, "v2"), clock: systemClock, log, sandboxed },
      held: { releasePod } as object as HeldMounts,
      sweepEveryMs: 5,
    });
  };
  const records = (): readonly string[] => readdirSync(join(root, "records"));

  it("is given back", async () => {
    mkdirSync(join(root, "poda"));
    open({});
    await eventually(() => expect(records()).toEqual([]));
    expect(["poda", "logs-a", "logs-b"].filter((name) => existsSync(join(root, name)))).toEqual([]);
  });

  it("stays with the one that is tried again while the other's is given back", async () => {
    mkdirSync(join(root, "podb"));
    writeFileSync(join(root, "podb/cgroup.kill"), "");
    const releasePod = async (uid: string): Promise<void> => {
      if (uid === "a") places.take("b", { cgroup: "/podb", logs: join(root, "logs-b") });
    };
    open({ releasePod });
    await eventually(() => expect(records()).toEqual(["b"]));
    expect(readFileSync(join(root, "podb/cgroup.kill"), "utf8")).toBe("");
    expect(existsSync(join(root, "logs-b"))).toBe(true);
  });

  it("is given back of the one where the other's cannot be, of which is told once", async () => {
    writeFileSync(join(root, "poda"), "no folder");
    let looks = 0;
    open({
      async sandboxed() {
        looks++;
        return new Set();
      },
    });
    await eventually(() => expect(records()).toEqual(["a"]));
    await eventually(() => expect(looks).toBeGreaterThan(3));
    expect(warnings).toEqual([expect.stringMatching(/"a".*ENOTDIR/)]);
  });

  it("is told of once where a cgroup's processes do not end", async () => {
    mkdirSync(join(root, "poda"));
    writeFileSync(join(root, "poda/cgroup.kill"), "");
    let looks = 0;
    open({
      async sandboxed() {
        looks++;
        return new Set();
      },
    });
    await eventually(() => expect(looks).toBeGreaterThan(3));
    expect(warnings).toEqual([expect.stringMatching(/"a".*processes/)]);
  });

  it("is not looked for while the runtime is away, which is told once", async () => {
    let looks = 0;
    open({
      async sandboxed() {
        looks++;
        throw new Error("away");
      },
    });
    await eventually(() => expect(looks).toBeGreaterThan(3));
    expect(warnings).toEqual([expect.stringContaining("away")]);
    expect(records()).toEqual(["a", "b"]);
  });

  it("and the record of a pod is whole or not there", () => {
    open({ sandboxed: async () => new Set(["a", "b"]) });
    writeFileSync(join(root, "records/.new"), "{");
    places.take("c", { logs: join(root, "logs-c") });
    expect(records()).toEqual(["a", "b", "c"]);
  });
});
