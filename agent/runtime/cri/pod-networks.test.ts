import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Logger, silentLog } from "../../../base/log.js";
import { VirtualClock } from "../../../base/virtual-clock.js";
import { eventually } from "../../eventually.test-kit.js";
import { type RuntimeCondition, RuntimeError } from "../runtime.js";
import { networkFile } from "./cni.js";
import { PodNetworks, type PodNetworksOptions } from "./pod-networks.js";

type Service = PodNetworksOptions["service"];

const condition = (type: RuntimeCondition["type"], status = true, reason = ""): RuntimeCondition => ({
  ...{ type, status, reason, message: reason },
});
const ready = [condition("RuntimeReady"), condition("NetworkReady")];
const notReady = [condition("RuntimeReady"), condition("NetworkReady", false, "NetworkPluginNotReady")];

describe("the network of a node's pods", () => {
  let root: string;
  let clock: VirtualClock;
  let warnings: string[];
  /** Ranges that the runtime was told. */
  let told: string[];
  let networks: PodNetworks;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "navarch-networks-"));
    clock = new VirtualClock();
    warnings = [];
    told = [];
  });
  afterEach(async () => {
    await networks.close();
    rmSync(root, { recursive: true });
  });

  const confDir = (): string => join(root, "net.d");
  const open = (parts: Partial<Service> = {}): PodNetworks => {
    const log: Logger = {
      ...silentLog,
      warn: (text, fields) => void warnings.push(`${text} ${JSON.stringify(fields)}`),
    };
    const service: Service = {
      conditions: async () => ready,
      networkFolder: async () => confDir(),
      updateRuntimeConfig: async (cidr) => void told.push(cidr),
      listPodSandboxes: async () => [],
      ...parts,
    };
    networks = new PodNetworks({ service, owner: "abcdefghij", dataDir: join(root, "leases"), clock, log });
    return networks;
  };
  const subnet = (): string => {
    const { plugins } = JSON.parse(readFileSync(join(confDir(), networkFile), "utf8"));
    return plugins[0].ipam.ranges[0][0].subnet;
  };

  it("is not ready, whatever the runtime says, and takes no pod before the node has a range", async () => {
    open();
    expect(await networks.conditions()).toEqual([
      condition("RuntimeReady"),
      {
        ...{ type: "NetworkReady", status: false, reason: "NetworkPluginNotReady" },
        message: "the node has no podCIDR yet",
      },
    ]);
    expect(() => networks.checkRange()).toThrow(RuntimeError);
    expect([existsSync(confDir()), told]).toEqual([false, []]);
    await networks.setPodCidr("10.9.0.0/24");
    expect(await networks.conditions()).toEqual(ready);
    expect(() => networks.checkRange()).not.toThrow();
  });

  it("that the runtime calls not ready keeps the runtime's own reason", async () => {
    const broken = [condition("RuntimeReady", false, "Broken"), condition("NetworkReady", false, "NoPlugin")];
    open({ conditions: async () => broken });
    expect(await networks.conditions()).toEqual(broken);
  });

  it("is written down for the runtime, which is told the range", async () => {
    await open().setPodCidr("10.9.0.0/24");
    expect([subnet(), told]).toEqual(["10.9.0.0/24", ["10.9.0.0/24"]]);
    const text = readFileSync(join(confDir(), networkFile), "utf8");
    expect(JSON.parse(text).plugins[0].ipam.dataDir).toBe(join(root, "leases"));
  });

  it("of the machine's administrator stays the one that counts", async () => {
    mkdirSync(confDir());
    writeFileSync(join(confDir(), "10-own.conflist"), "{}");
    await open().setPodCidr("10.9.0.0/24");
    expect([readdirSync(confDir()), told]).toEqual([["10-own.conflist"], ["10.9.0.0/24"]]);
  });

  it("of a runtime that names no folder is left to it", async () => {
    await open({ networkFolder: async () => undefined }).setPodCidr("10.9.0.0/24");
    expect([existsSync(confDir()), told]).toEqual([false, ["10.9.0.0/24"]]);
  });

  it("is waited for until the runtime has seen it", async () => {
    let asked = 0;
    let isSet = false;
    open({ conditions: async () => (++asked < 4 ? notReady : ready) });
    void networks.setPodCidr("10.9.0.0/24").then(() => {
      isSet = true;
    });
    await clock.advance(100);
    expect([asked, isSet]).toEqual([3, false]);
    await clock.advance(50);
    expect([asked, isSet]).toEqual([4, true]);
  });

  it("is waited for a second at most", async () => {
    let isSet = false;
    open({ conditions: async () => notReady });
    void networks.setPodCidr("10.9.0.0/24").then(() => {
      isSet = true;
    });
    await clock.advance(949);
    expect(isSet).toBe(false);
    await clock.advance(51);
    expect(isSet).toBe(true);
    expect(await networks.conditions()).toEqual(notReady);
  });

  it("is set up as soon as a runtime that was away is asked again, and then no more", async () => {
    let away = true;
    open({
      async updateRuntimeConfig(cidr) {
        if (away) throw new Error("connection refused");
        told.push(cidr);
      },
    });
    await networks.setPodCidr("10.9.0.0/24");
    expect(warnings).toEqual([expect.stringMatching(/^pod network not set up .*connection refused/)]);
    await networks.conditions();
    expect([told, warnings.length]).toEqual([[], 2]);
    away = false;
    for (let times = 0; times < 3; times++) await networks.conditions();
    expect([told, warnings.length]).toEqual([["10.9.0.0/24"], 2]);
  });

  it("follows the node's last range, also where an earlier one is told late", async () => {
    let tellFirst = (): void => {};
    let away = true;
    open({
      async updateRuntimeConfig(cidr) {
        if (cidr === "10.9.1.0/24")
          await new Promise<void>((resolve) => {
            tellFirst = resolve;
          });
        else if (away) throw new Error("connection refused");
        told.push(cidr);
      },
    });
    const first = networks.setPodCidr("10.9.1.0/24");
    await clock.advance(0);
    await networks.setPodCidr("10.9.2.0/24");
    tellFirst();
    await first;
    away = false;
    await networks.conditions();
    expect([told.at(-1), subnet()]).toEqual(["10.9.2.0/24", "10.9.2.0/24"]);
  });

  it("gets back addresses of sandboxes that the runtime has forgotten", async () => {
    const leases = join(root, "leases/navarch-abcdefgh");
    mkdirSync(leases, { recursive: true });
    const old = new Date(clock.now() - 3_600_000);
    for (const [address, id] of [
      ["10.9.0.2", "gone"],
      ["10.9.0.3", "known"],
    ] as const) {
      writeFileSync(join(leases, address), `${id}\r\neth0`);
      utimesSync(join(leases, address), old, old);
    }
    const known = { id: "known" } as Awaited<ReturnType<Service["listPodSandboxes"]>>[number];
    open({ listPodSandboxes: async () => [known] });
    await eventually(async () => {
      await clock.advance(60_000);
      expect(readdirSync(leases)).toEqual(["10.9.0.3"]);
    });
  });
});
