import { X509Certificate } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../base/clock.js";
import { ensurePki, type Pki } from "../../base/tls.js";
import { createCertificateAuthenticator } from "./client-certificate.js";

let dir: string;
let pki: Pki;
let other: Pki;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "certificates-"));
  pki = await ensurePki(join(dir, "a"), { clock: systemClock });
  other = await ensurePki(join(dir, "b"), { clock: systemClock });
});
afterAll(() => rm(dir, { recursive: true }));

const der = (pem: string): Uint8Array => new X509Certificate(pem).raw;
const now = (): number => Date.now();
const dayMs = 24 * 60 * 60 * 1000;

describe("a client certificate", () => {
  it("speaks for its common name and organizations", async () => {
    const authenticate = createCertificateAuthenticator(pki.caCertificate);
    const { certificate } = await pki.issueClient({ user: "alice", groups: ["a", "b"] });
    const bytes = der(certificate);
    const verdict = authenticate(bytes, now());
    expect(verdict).toMatchObject({ type: "authenticated", user: { name: "alice", groups: ["a", "b"], uid: "" } });
    expect(authenticate(bytes, now())).toEqual(verdict);
  });

  it("speaks for nobody before and after its time, even when it was known", async () => {
    const authenticate = createCertificateAuthenticator(pki.caCertificate);
    const bytes = der((await pki.issueClient({ user: "alice" })).certificate);
    expect(authenticate(bytes, now()).type).toBe("authenticated");
    expect(authenticate(bytes, now() + 366 * dayMs).type).toBe("refused");
    expect(authenticate(bytes, now() - dayMs).type).toBe("refused");
  });

  it("speaks for nobody when another authority signed it, unless that is trusted too", async () => {
    const bytes = der((await other.issueClient({ user: "alice" })).certificate);
    expect(createCertificateAuthenticator(pki.caCertificate)(bytes, now()).type).toBe("refused");
    const both = createCertificateAuthenticator(pki.caCertificate + other.caCertificate);
    expect(both(bytes, now()).type).toBe("authenticated");
    expect(both(der((await pki.issueClient({ user: "bob" })).certificate), now()).type).toBe("authenticated");
  });

  it("is not the authority's own, a server's, or rubbish", async () => {
    const authenticate = createCertificateAuthenticator(pki.caCertificate);
    for (const bytes of [der(pki.caCertificate), der(pki.server.certificate), new Uint8Array(), new Uint8Array(500)])
      expect(authenticate(bytes, now()).type).toBe("refused");
  });
});
