import { claimRange, claimsIn, overlapping } from "./range-claim.js";

describe("a claim on loopback addresses", () => {
  const table = [
    "Num       RefCount Protocol Flags    Type St Inode Path",
    "000000002fc1ec0c: 00000002 00000000 00010000 0001 01 1925054 @navarch loopback 127.64.0.0/10 12@@@@@@@@@@",
    "000000002fc1ec0d: 00000002 00000000 00010000 0001 01 1925055 /run/navarch loopback 127.64.0.0/10 13",
    "000000002fc1ec0e: 00000003 00000000 00000000 0001 03 1925056",
  ].join("\n");

  it("is read from the host's sockets", () => {
    expect(claimsIn(table)).toEqual([{ cidr: "127.64.0.0/10", pid: 12 }]);
  });

  it("stands against every range that shares an address, but not against its own process", () => {
    const claims = claimsIn(table);
    expect(overlapping("127.65.0.0/16", claims)?.pid).toBe(12);
    expect(overlapping("127.0.0.0/8", claims)?.pid).toBe(12);
    expect(overlapping("127.64.0.0/10", claims)?.pid).toBe(12);
    expect(overlapping("127.128.0.0/10", claims)).toBeUndefined();
    expect(overlapping("127.64.0.0/10", claims, 12)).toBeUndefined();
  });

  it("lasts until it is given back", async () => {
    const give = await claimRange("127.3.8.0/21");
    await expect(claimRange("127.3.0.0/16")).rejects.toThrow(
      `the addresses 127.3.8.0/21 are another cluster's on this host (process ${process.pid})`,
    );
    give();
    (await claimRange("127.3.0.0/16"))();
  });
});
