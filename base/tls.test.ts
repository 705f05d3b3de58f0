import { X509Certificate } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock } from "./clock.js";
import { certificateSubject, ensurePki, isClientCertificate } from "./tls.js";

const dayMs = 24 * 60 * 60 * 1000;
const later = (days: number): Clock => ({ ...systemClock, now: () => Date.now() + days * dayMs });

let dir: string;
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), "pki-")), "pki");
});
afterEach(() => rm(join(dir, ".."), { recursive: true }));

const names = { serverNames: ["localhost", "kubernetes.default.svc"], addresses: ["127.0.0.1", "::1"] };

describe("certificates of a cluster", () => {
  it("are made at first start: files 0600 in a directory 0700", async () => {
    const pki = await ensurePki(dir, { clock: systemClock, ...names });
    await pki.client("admin", { user: "kubernetes-admin", groups: ["system:masters"] });
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
    const files = (await readdir(dir)).sort();
    expect(files).toEqual([
      "admin.crt",
      "admin.key",
      "ca.crt",
      "ca.key",
      "server.crt",
      "server.key",
      "service-account.key",
    ]);
    for (const file of files) expect((await stat(join(dir, file))).mode & 0o777).toBe(0o600);
  });

  it("are found again by the next start", async () => {
    const first = await ensurePki(dir, { clock: systemClock, ...names });
    const admin = await first.client("admin", { user: "a", groups: ["g", "h"] });
    const second = await ensurePki(dir, { clock: systemClock, ...names });
    expect(second.caCertificate).toBe(first.caCertificate);
    expect(second.server).toEqual(first.server);
    expect(second.serviceAccountKey).toBe(first.serviceAccountKey);
    expect(await second.client("admin", { user: "a", groups: ["g", "h"] })).toEqual(admin);
  });

  it("name the user, the groups and nothing but a client's use", async () => {
    const pki = await ensurePki(dir, { clock: systemClock, ...names });
    const issued = new X509Certificate(
      (await pki.issueClient({ user: "system:node:a, CN=admin", groups: ["system:nodes", "x"] })).certificate,
    );
    expect(certificateSubject(issued)).toEqual({
      user: "system:node:a, CN=admin",
      groups: ["system:nodes", "x"],
      uid: "",
    });
    expect(isClientCertificate(issued)).toBe(true);
    expect(isClientCertificate(new X509Certificate(pki.server.certificate))).toBe(false);
    expect(issued.ca).toBe(false);
    expect(issued.verify(new X509Certificate(pki.caCertificate).publicKey)).toBe(true);
  });

  it("can be read before the first connection is made", async () => {
    const pki = await ensurePki(dir, { clock: systemClock, ...names });
    expect(certificateSubject(new X509Certificate(pki.server.certificate))?.user).toBe("localhost");
    const { createSecureContext } = await import("node:tls");
    expect(() => createSecureContext({ cert: pki.server.certificate, key: pki.server.key })).not.toThrow();
  });

  it("cover the names and addresses asked for, and are made anew for more", async () => {
    const first = await ensurePki(dir, { clock: systemClock, ...names });
    const certificate = new X509Certificate(first.server.certificate);
    expect(certificate.checkHost("kubernetes.default.svc")).toBeDefined();
    expect(certificate.checkIP("127.0.0.1")).toBeDefined();
    expect(certificate.checkIP("::1")).toBeDefined();
    expect(certificate.checkIP("10.0.0.1")).toBeUndefined();
    const second = await ensurePki(dir, { clock: systemClock, ...names, addresses: ["10.0.0.1"] });
    expect(new X509Certificate(second.server.certificate).checkIP("10.0.0.1")).toBeDefined();
  });

  it("are made anew for another subject", async () => {
    const pki = await ensurePki(dir, { clock: systemClock, ...names });
    const first = await pki.client("admin", { user: "a", groups: ["g"] });
    expect(await pki.client("admin", { user: "a", groups: ["g", "h"] })).not.toEqual(first);
  });

  it("are renewed near their end, and the authority keeps its key", async () => {
    const first = await ensurePki(dir, { clock: systemClock, ...names });
    expect((await ensurePki(dir, { clock: later(300), ...names })).server).toEqual(first.server);
    expect((await ensurePki(dir, { clock: later(340), ...names })).server).not.toEqual(first.server);
    const keyBefore = await readFile(join(dir, "ca.key"), "utf8");
    const aged = await ensurePki(dir, { clock: later(3300), ...names });
    expect(aged.caCertificate).not.toBe(first.caCertificate);
    expect(await readFile(join(dir, "ca.key"), "utf8")).toBe(keyBefore);
    expect(
      new X509Certificate(first.server.certificate).verify(new X509Certificate(aged.caCertificate).publicKey),
    ).toBe(true);
  });

  it("are made anew where a crash left half a file", async () => {
    const pki = await ensurePki(dir, { clock: systemClock, ...names });
    await writeFile(join(dir, "server.crt"), pki.server.certificate.slice(0, 100));
    const again = await ensurePki(dir, { clock: systemClock, ...names });
    expect(new X509Certificate(again.server.certificate).checkHost("localhost")).toBeDefined();
  });

  it("never replace an authority that cannot be read", async () => {
    await ensurePki(dir, { clock: systemClock, ...names });
    await writeFile(join(dir, "ca.crt"), "garbage");
    await expect(ensurePki(dir, { clock: systemClock, ...names })).rejects.toThrow(/ca\.crt is not a certificate/);
  });

  it("say so when the authority's key is kept elsewhere and something must be issued", async () => {
    const pki = await ensurePki(dir, { clock: systemClock, ...names });
    await rm(join(dir, "ca.key"));
    const again = await ensurePki(dir, { clock: systemClock, ...names });
    expect(again.server).toEqual(pki.server);
    await expect(again.issueClient({ user: "a" })).rejects.toThrow(/ca\.key is missing/);
  });

  it("take no path for a file name", async () => {
    const pki = await ensurePki(dir, { clock: systemClock, ...names });
    for (const file of ["../x", "a/b", "", ".x", "A", "a\0"])
      await expect(pki.client(file, { user: "a" })).rejects.toThrow(/not a file name/);
  });
});
