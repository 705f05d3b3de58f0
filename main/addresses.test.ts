import { firstAddress, loopbackRanges } from "./addresses.js";

describe("the ranges of a cluster on loopback", () => {
  it.each([
    ["127.64.0.0/10", "127.64.0.0/11", "127.96.0.0/11"],
    ["127.200.0.0/16", "127.200.0.0/17", "127.200.128.0/17"],
    ["127.65.1.2/10", "127.64.0.0/11", "127.96.0.0/11"],
  ])("%s gives pods %s and Services %s", (cidr, pods, services) => {
    expect(loopbackRanges(cidr)).toEqual({ pods, services });
  });

  it.each(["10.0.0.0/8", "127.0.0.0/8", "127.0.0.0/7", "127.64.0.0/24"])("refuses %s", (cidr) => {
    expect(() => loopbackRanges(cidr)).toThrow(/--loopback-cidr/);
  });

  it("knows the first address", () => expect(firstAddress("127.96.0.0/11")).toBe("127.96.0.1"));

  it("finds it whichever address names the range, as the Service does", () =>
    expect(firstAddress("10.96.7.9/16")).toBe("10.96.0.1"));
});
