import { createAddressCheck } from "./addresses.js";

const check = createAddressCheck({
  loopbackCidrs: ["127.64.0.0/11"],
  forbidden: [{ address: "127.64.0.9", port: 6443 }],
});

describe("where the API server may dial on a node's word", () => {
  it.each([
    ["127.64.0.1", 10_250],
    ["127.64.0.9", 10_250],
    ["10.1.2.3", 10_250],
    ["fd00::1", 10_250],
  ])("%s:%d is fine", (address, port) => {
    expect(check(address, port)).toEqual({ ok: true });
  });

  it.each([
    ["127.0.0.1", 10_250],
    ["127.96.0.1", 10_250],
    ["127.64.0.9", 6443],
    ["169.254.169.254", 80],
    ["0.0.0.0", 10_250],
    ["224.0.0.1", 10_250],
    ["::1", 10_250],
    ["::ffff:127.64.0.1", 10_250],
    ["0:0:0:0:0:ffff:a01:203", 10_250],
    ["fe80::1", 10_250],
    ["10.1.2.3", 0],
    ["10.1.2.3", 70_000],
    ["example.com", 10_250],
  ])("%s:%d is refused", (address, port) => {
    expect(check(address, port).ok).toBe(false);
  });
});
