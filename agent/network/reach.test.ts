import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { parseIpv4Block } from "../../base/ipv4.js";
import { describeWith } from "../../e2e/harness/needs.js";
import { eventually, exitOf, run } from "../../e2e/harness/run.js";
import { overlap, reachOf } from "./reach.js";

const block = (cidr: string) => {
  const parsed = parseIpv4Block(cidr);
  if (!parsed) throw new Error(cidr);
  return parsed;
};

describe("routes that share addresses with a range", () => {
  const table = [
    "default via 10.0.0.1 dev eth0",
    "10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.7",
    "blackhole 10.97.0.0/16",
    "192.0.2.9 dev tun0",
  ].join("\n");

  it("are found whichever is the larger", () => {
    expect(overlap(block("10.96.0.0/12"), table)).toBe("10.97.0.0/16");
    expect(overlap(block("10.0.0.128/25"), table)).toBe("10.0.0.0/24");
    expect(overlap(block("192.0.2.0/24"), table)).toBe("192.0.2.9");
  });

  it("are none where only the default route or a gateway is in it", () => {
    expect(overlap(block("172.16.0.0/12"), table)).toBeUndefined();
    expect(overlap(block("10.112.0.0/12"), table)).toBeUndefined();
  });
});

describeWith(["root", "unshare", "nsenter", "ip"], "cluster addresses beyond loopback", () => {
  let namespace: ChildProcess;
  const inside = (command: string, args: readonly string[]) =>
    run("nsenter", ["--target", String(namespace.pid), "--net", command, ...args]);
  const ip = async (args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await inside("ip", args);
    if (code !== 0) throw new Error(stderr);
    return stdout;
  };

  beforeAll(async () => {
    namespace = spawn("unshare", ["--net", "sh", "-c", "ip link set lo up && echo up && exec cat"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    if (namespace.stdout) await once(namespace.stdout, "data");
  });
  afterAll(async () => {
    namespace.stdin?.end();
    await exitOf(namespace);
  });

  it("can be listened on while the reach is open, and not after", async () => {
    const reach = reachOf("10.96.0.0/12", ip);
    const listen = () =>
      inside(process.execPath, [
        "-e",
        `const s = require("node:net").createServer().listen(80, "10.97.3.4", () => { console.log("listens"); s.close(); });
         s.on("error", (error) => console.log(error.code));`,
      ]);
    expect((await listen()).stdout).toBe("EADDRNOTAVAIL\n");
    await reach.open();
    await reach.open();
    expect((await listen()).stdout).toBe("listens\n");
    await reach.close();
    expect((await listen()).stdout).toBe("EADDRNOTAVAIL\n");
  });

  it("are refused where the host already has a way to some of them", async () => {
    await ip(["route", "add", "10.100.0.0/16", "dev", "lo"]);
    await expect(reachOf("10.96.0.0/12", ip).open()).rejects.toThrow(
      "10.100.0.0/16: choose another --service-cluster-ip-range",
    );
    await eventually(
      "nothing was changed",
      async () => !(await ip(["route", "show", "table", "local"])).includes("10.9"),
    );
  });
});
