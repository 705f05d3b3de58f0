import { createAddressCheck, type Listener } from "./addresses.js";

describe("addresses that may be dialled", () => {
  const check = createAddressCheck({
    loopbackCidrs: ["127.64.0.0/10"],
    forbidden: [
      { address: "127.64.0.1", port: 6443 },
      { address: "10.0.0.9", port: 0 },
      { address: "0.0.0.0", port: 7443 },
      { address: "etcd-0.example", port: 2379 },
      { address: "2001:db8::9", port: 6443 },
    ],
  });
  it.each<[string, number, boolean]>([
    ["10.0.0.1", 10250, true],
    ["192.168.1.1", 10250, true],
    ["2001:db8::1", 10250, true],
    ["127.64.0.1", 10250, true],
    ["127.127.255.254", 1, true],
    ["127.64.0.1", 6443, false],
    ["10.0.0.9", 10250, false],
    ["10.0.0.1", 7443, false],
    ["2001:db8::1", 7443, false],
    ["10.0.0.1", 2379, false],
    ["2001:db8:0::9", 6443, false],
    ["2001:db8:0::9", 10250, true],
    ["64:ff9b::a9fe:a9fe", 80, false],
    ["2002:a9fe:a9fe::", 80, false],
    ["127.0.0.1", 10250, false],
    ["127.128.0.1", 10250, false],
    ["::1", 10250, false],
    ["::ffff:127.0.0.1", 10250, false],
    ["::ffff:10.0.0.1", 10250, false],
    ["0.0.0.0", 10250, false],
    ["::", 10250, false],
    ["169.254.169.254", 80, false],
    ["fe80::1", 10250, false],
    ["224.0.0.1", 10250, false],
    ["255.255.255.255", 10250, false],
    ["localhost", 10250, false],
    ["10.1", 10250, false],
    ["0x7f000001", 10250, false],
    ["", 10250, false],
    ["10.0.0.1", 0, false],
    ["10.0.0.1", 65_536, false],
    ["10.0.0.1", 1.5, false],
  ])("%s port %d: %s", (address, port, expected) => {
    expect(check(address, port).ok).toBe(expected);
  });

  it("are not the API server's own, from when it has one", () => {
    let own: Listener | undefined;
    const isOpen = createAddressCheck({ own: () => own });
    expect(isOpen("10.0.0.1", 6443).ok).toBe(true);
    own = { address: "0.0.0.0", port: 6443 };
    expect(isOpen("10.0.0.1", 6443).ok).toBe(false);
    expect(isOpen("10.0.0.1", 10250).ok).toBe(true);
  });

  it("leave loopback out unless a range is given", () => {
    expect(createAddressCheck({})("127.64.0.1", 10250).ok).toBe(false);
  });
});
