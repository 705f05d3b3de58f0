import { tmpdir } from "node:os";
import { cpuNanosecondsOf, interfacesOf, memoryOf, nodeUsage } from "./node-usage.js";

describe("what a node uses", () => {
  it("counts all that processors did but waiting, guests once", () => {
    expect(cpuNanosecondsOf("cpu  100 10 20 99999 88888 3 4 5 60 7\ncpu0 1 1 1 1 1 1 1 1 0 0\n")).toBe(1_420_000_000);
  });

  it("takes files that were not used of late out of the working set", () => {
    const meminfo = "MemTotal: 1000 kB\nMemFree: 200 kB\nInactive(file): 300 kB\nAnonPages: 100 kB\n";
    expect(memoryOf(meminfo, "pgfault 12\npgmajfault 3\n")).toEqual({
      usageBytes: 800 * 1024,
      workingSetBytes: 500 * 1024,
      availableBytes: 500 * 1024,
      rssBytes: 100 * 1024,
      pageFaults: 12,
      majorPageFaults: 3,
    });
  });

  it("leaves the loopback out of the network", () => {
    const dev = [
      "Inter-|   Receive                                                |  Transmit",
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
      "    lo: 5 5 5 0 0 0 0 0 5 5 5 0 0 0 0 0",
      "  eth0:100 2 3 0 0 0 0 0 200 4 5 0 0 0 0 0",
    ].join("\n");
    expect(interfacesOf(dev)).toEqual([{ name: "eth0", rxBytes: 100, rxErrors: 3, txBytes: 200, txErrors: 5 }]);
  });

  it("is read from this machine", async () => {
    const { cpuNanoseconds, memory, filesystem, processes, bootedAtMs } = await nodeUsage(tmpdir(), 1);
    expect(cpuNanoseconds).toBeGreaterThan(0);
    expect(memory.workingSetBytes).toBeGreaterThan(0);
    expect(filesystem.capacityBytes).toBeGreaterThan(filesystem.availableBytes);
    expect(processes.current).toBeGreaterThan(0);
    expect(bootedAtMs).toBeGreaterThan(0);
  });
});
