import { createHmac, createPublicKey, generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { seededRandom } from "../../base/random.js";
import { newKey, publicKeyOf } from "../../base/tls.js";
import { VirtualClock } from "../../base/virtual-clock.js";
import { TokenKeys } from "./service-account-token.js";

const clock = new VirtualClock();
const random = seededRandom(1);
const signingKey = newKey();
const keys = new TokenKeys({ issuer: "https://issuer", signingKey, clock, random });
const holder = {
  namespace: "ns",
  serviceAccount: { name: "sa", uid: "u1" },
  pod: { name: "p", uid: "u2" },
  audiences: ["https://issuer"],
};
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const parts = (token: string): readonly [string, string, string] => {
  const [head = "", body = "", signature = ""] = token.split(".");
  return [head, body, signature];
};
const read = (text: string) => JSON.parse(Buffer.from(text, "base64url").toString());

describe("service-account tokens", () => {
  it("carry Kubernetes' claims", () => {
    const { token, expiresAt } = keys.issue(holder, 3600);
    const now = clock.now() / 1000;
    expect(expiresAt).toBe(now + 3600);
    expect(read(parts(token)[1])).toEqual({
      aud: ["https://issuer"],
      exp: now + 3600,
      iat: now,
      nbf: now,
      iss: "https://issuer",
      jti: expect.any(String),
      sub: "system:serviceaccount:ns:sa",
      "kubernetes.io": { namespace: "ns", pod: { name: "p", uid: "u2" }, serviceaccount: { name: "sa", uid: "u1" } },
    });
    expect(keys.verify(token)).toMatchObject(holder);
  });

  it("end with their time, cached or not", async () => {
    const { token } = keys.issue(holder, 600);
    expect(keys.verify(token)).toBeDefined();
    await clock.advance(599_000);
    expect(keys.verify(token)).toBeDefined();
    await clock.advance(1_000);
    expect(keys.verify(token)).toBeUndefined();
  });

  it("are checked by another server that has the public key, and by nobody without", () => {
    const { token } = keys.issue(holder, 600);
    const reader = new TokenKeys({
      issuer: "https://issuer",
      verificationKeys: [publicKeyOf(signingKey)],
      clock,
      random,
    });
    expect(reader.verify(token)).toBeDefined();
    expect(() => reader.issue(holder, 600)).toThrow(/no key to sign/);
    const stranger = new TokenKeys({ issuer: "https://issuer", signingKey: newKey(), clock, random });
    expect(stranger.verify(token)).toBeUndefined();
    const elsewhere = new TokenKeys({ issuer: "https://other", signingKey, clock, random });
    expect(elsewhere.verify(token)).toBeUndefined();
  });

  it("cannot be forged by another algorithm", () => {
    const [head, body] = parts(keys.issue(holder, 600).token);
    const { kid } = read(head);
    const publicPem = createPublicKey(signingKey).export({ type: "spki", format: "pem" });
    const hmac = part({ alg: "HS256", kid });
    const forged = [
      `${part({ alg: "none", kid })}.${body}.`,
      `${part({ alg: "none" })}.${body}.`,
      `${hmac}.${body}.${createHmac("sha256", publicPem).update(`${hmac}.${body}`).digest("base64url")}`,
      `${part({ alg: "ES256" })}.${body}.${"A".repeat(86)}`,
      `${part({ alg: "ES256", kid })}.${body}.${Buffer.alloc(64).toString("base64url")}`,
      `${part({ alg: "ES256", kid: "__proto__" })}.${body}.x`,
    ];
    for (const token of forged) expect(keys.verify(token)).toBeUndefined();
  });

  it("do not survive the change of a single character", () => {
    const { token } = keys.issue(holder, 600);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...alphabet), (at, character) => {
        const changed = token.slice(0, at) + character + token.slice(at + 1);
        // The last character of a signature has bits that mean nothing.
        if (changed === token || at === token.length - 1) return;
        expect(keys.verify(changed)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  it("are never found in any other text", () => {
    fc.assert(fc.property(fc.string(), (text) => expect(keys.verify(text)).toBeUndefined()));
    expect(keys.verify("a.".repeat(10_000))).toBeUndefined();
  });

  it("want a key on the right curve", () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" });
    expect(() => new TokenKeys({ issuer: "x", signingKey: rsa.toString(), clock, random })).toThrow(/P-256/);
  });
});
