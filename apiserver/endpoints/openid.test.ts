import { jwksUri } from "./openid.js";

const inside = "https://kubernetes.default.svc.cluster.local";

test.each<[string, string, string, string]>([
  ["a server that others reach is named itself", inside, "https://192.0.2.7:6443", "https://192.0.2.7:6443"],
  ["one at a loopback address by its name within the cluster", inside, "https://127.0.0.1:6443", inside],
  ["of either family", "https://issuer.example/", "https://[::1]:6443", "https://issuer.example"],
  ["unless its tokens bear no address", "my-cluster", "https://127.0.0.1:6443", "https://127.0.0.1:6443"],
])("%s", (_what, issuer, serverUrl, base) => {
  expect(jwksUri(issuer, serverUrl)).toBe(`${base}/openid/v1/jwks`);
});
