import fc from "fast-check";
import { formatIpv4, parseIpv4, parseIpv4Block } from "./ipv4.js";

describe("IPv4 addresses", () => {
  it("are written as they are read", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (address) => {
        expect(parseIpv4(formatIpv4(address))).toBe(address);
      }),
    );
  });

  it.each(["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.x", "::1", " 1.2.3.4", "1.2.3.4/8"])("are not %j", (text) => {
    expect(parseIpv4(text)).toBeUndefined();
  });
});

describe("blocks of IPv4 addresses", () => {
  it("begin where their prefix says, whatever address names them", () => {
    expect(parseIpv4Block("10.96.7.9/16")).toEqual({ first: parseIpv4("10.96.0.0"), bits: 16, size: 65_536 });
    expect(parseIpv4Block("255.255.255.255/32")).toEqual({ first: 2 ** 32 - 1, bits: 32, size: 1 });
    expect(parseIpv4Block("1.2.3.4/0")).toEqual({ first: 0, bits: 0, size: 2 ** 32 });
  });

  it.each(["", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/-1", "10.0.0.0/8/8", "fd00::/8"])(
    "are not %j",
    (text) => {
      expect(parseIpv4Block(text)).toBeUndefined();
    },
  );
});
