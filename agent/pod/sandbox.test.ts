import { pod, sandbox } from "./pod.test-kit.js";
import { withAddresses } from "./sandbox.js";

describe("the addresses of a pod", () => {
  const node = ["192.0.2.7"];
  const ipsOf = (spec: object, ips: readonly string[]) =>
    withAddresses([sandbox({ ips })], pod({ containers: [], ...spec }), node).map((found) => found.ips);

  it.each([
    ["its own", {}, ["10.1.0.2"], ["10.1.0.2"]],
    ["none until it has one", {}, [], []],
    ["the node's, in the host's network", { hostNetwork: true }, [], node],
    ["its own all the same, where the runtime gives it one", { hostNetwork: true }, ["127.64.0.9"], ["127.64.0.9"]],
  ])("are %s", (_, spec, ips, expected) => {
    expect(ipsOf(spec, ips)).toEqual([expected]);
  });
});
