import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { chmod, mkdir, open, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
// Before any toLegacyObject(): in Node.js 20 that call leaves a TLS module that is loaded later without its functions.
import "node:tls";
import type { Clock } from "./clock.js";
import { renewAtMs } from "./renewal.js";

/** A certificate and the private key that belongs to it, both PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}
/** Who a client certificate speaks for: common name and organizations. */
export interface ClientSubject {
  readonly user: string;
  readonly groups?: readonly string[];
}
/** What a serving certificate may be reached by. */
export interface ServingSubject {
  readonly name: string;
  readonly names?: readonly string[];
  readonly addresses?: readonly string[];
}

/** The certificates of one cluster, kept in one directory (0700) as PEM files (0600). */
export interface Pki {
  readonly dir: string;
  /** What clients and servers trust. */
  readonly caCertificate: string;
  /** The API server's serving certificate, as it was at the start. */
  readonly server: Identity;
  /** Signs service-account tokens. */
  readonly serviceAccountKey: string;
  /** A new identity that is kept nowhere. */
  issueClient(subject: ClientSubject): Promise<Identity>;
  issueServing(subject: ServingSubject): Promise<Identity>;
  /** The identity kept under this file name; made anew when absent, for another subject, or near its end. */
  client(file: string, subject: ClientSubject): Promise<Identity>;
  serving(file: string, subject: ServingSubject): Promise<Identity>;
  /** `server`, made anew when near its end. */
  currentServer(): Promise<Identity>;
}

export interface PkiOptions {
  readonly clock: Clock;
  readonly serverNames?: readonly string[];
  readonly addresses?: readonly string[];
  /** How long certificates hold that are issued from now on: a year unless said. */
  readonly leafLifeMs?: number;
}

/** Loads what the directory holds and makes what is missing or near its end. The CA's key never changes by itself. */
export async function ensurePki(dir: string, options: PkiOptions): Promise<Pki> {
  const files = new PemDirectory(dir);
  await files.prepare();
  const { clock, leafLifeMs = yearMs } = options;
  const nowMs = clock.now();
  const [caKey, ca, serviceAccountKey] = await Promise.all([
    files.read("ca.key"),
    files.read("ca.crt"),
    files.read("service-account.key").then((found) => found ?? createKey(files, "service-account.key")),
  ]);
  assertPrivateKey(serviceAccountKey, join(dir, "service-account.key"));
  const authority = await ensureAuthority(files, { key: caKey, certificate: ca, nowMs });

  const issue = async (subject: LeafSubject): Promise<Identity> => {
    if (authority.key === undefined)
      throw new Error(
        `cannot issue a certificate for ${JSON.stringify(subject.name)}: ${join(dir, "ca.key")} is missing`,
      );
    const { issueLeaf } = await import("./tls-issue.js");
    return issueLeaf(
      { certificate: authority.certificate, key: authority.key },
      subject,
      leafValidity(clock.now(), leafLifeMs),
    );
  };
  const keep = async (file: string, subject: LeafSubject): Promise<Identity> => {
    if (!safeFileName.test(file)) throw new Error(`not a file name for a certificate: ${JSON.stringify(file)}`);
    // Another server that shares the directory may write at the same time: what stays is one pair.
    for (let attempt = 0; ; attempt++) {
      const kept = await files.readIdentity(file);
      if (kept && stillGood(kept, subject, authority.certificate, clock.now())) return kept;
      const made = await issue(subject);
      await files.write(`${file}.key`, made.key);
      await files.write(`${file}.crt`, made.certificate);
      const written = await files.readIdentity(file);
      if (written?.key === made.key && written.certificate === made.certificate) return made;
      if (attempt === keepAttempts) throw new Error(`${join(dir, `${file}.crt`)} is written by others all the time`);
    }
  };
  const currentServer = (): Promise<Identity> =>
    keep("server", {
      usage: "server",
      name: options.serverNames?.[0] ?? "localhost",
      groups: [],
      names: options.serverNames ?? ["localhost"],
      addresses: options.addresses ?? [],
    });
  return {
    dir,
    caCertificate: authority.certificate,
    serviceAccountKey,
    server: await currentServer(),
    currentServer,
    issueClient: (subject) => issue(clientLeaf(subject)),
    issueServing: (subject) => issue(servingLeaf(subject)),
    client: (file, subject) => keep(file, clientLeaf(subject)),
    serving: (file, subject) => keep(file, servingLeaf(subject)),
  };
}

/** A serving certificate that nobody can check, for a server that was given none; kept nowhere. */
export async function issueAlone(subject: ServingSubject, nowMs: number): Promise<Identity> {
  const { issueAuthority, issueLeaf } = await import("./tls-issue.js");
  const validity = leafValidity(nowMs, yearMs);
  const key = newKey();
  return issueLeaf({ certificate: await issueAuthority(key, validity), key }, servingLeaf(subject), validity);
}

/** What a leaf certificate says of its holder. */
export interface LeafSubject {
  readonly usage: "client" | "server";
  /** The common name. */
  readonly name: string;
  /** The organizations. */
  readonly groups: readonly string[];
  readonly names: readonly string[];
  readonly addresses: readonly string[];
}

const dayMs = 24 * 60 * 60 * 1000;
const keepAttempts = 5;
const yearMs = 365 * dayMs;
const authorityLifeMs = 3650 * dayMs;
const authorityRenewalMs = 365 * dayMs;
/** Clocks of other machines may run a little late. */
const backdateMs = 5 * 60 * 1000;
const leafValidity = (nowMs: number, lifeMs: number) => ({
  // A short life must not look over at its begin.
  notBeforeMs: nowMs - Math.min(backdateMs, lifeMs),
  notAfterMs: nowMs + lifeMs,
});
const safeFileName = /^[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?$/;
const serverAuthOid = "1.3.6.1.5.5.7.3.1";
/** Kubernetes' own attribute for the uid of the user. */
const userIdOid = "1.3.6.1.4.1.57683.2";
const anyUseOid = "2.5.29.37.0";
const clientAuthOid = "1.3.6.1.5.5.7.3.2";

const clientLeaf = ({ user, groups = [] }: ClientSubject): LeafSubject => ({
  usage: "client",
  name: user,
  groups,
  names: [],
  addresses: [],
});
const servingLeaf = ({ name, names = [], addresses = [] }: ServingSubject): LeafSubject => ({
  usage: "server",
  name,
  groups: [],
  names: names.includes(name) ? names : [name, ...names],
  addresses,
});

interface Authority {
  readonly certificate: string;
  /** Absent where the key is kept elsewhere: nothing can be issued then. */
  readonly key: string | undefined;
}

async function ensureAuthority(
  files: PemDirectory,
  found: { readonly key: string | undefined; readonly certificate: string | undefined; readonly nowMs: number },
): Promise<Authority> {
  const { nowMs } = found;
  if (found.certificate !== undefined) {
    const certificate = parseCertificate(found.certificate, join(files.dir, "ca.crt"));
    if (found.key === undefined) return { certificate: found.certificate, key: undefined };
    const key = assertPrivateKey(found.key, join(files.dir, "ca.key"));
    if (!certificate.checkPrivateKey(key))
      throw new Error(`${join(files.dir, "ca.crt")} and ca.key do not belong together`);
    if (Date.parse(certificate.validTo) - nowMs > authorityRenewalMs)
      return { certificate: found.certificate, key: found.key };
  } else if (found.key !== undefined) {
    assertPrivateKey(found.key, join(files.dir, "ca.key"));
  }
  const key = found.key ?? (await createKey(files, "ca.key"));
  const { issueAuthority } = await import("./tls-issue.js");
  const certificate = await issueAuthority(key, {
    notBeforeMs: nowMs - backdateMs,
    notAfterMs: nowMs + authorityLifeMs,
  });
  await files.write("ca.crt", certificate, { sync: true });
  return { certificate, key };
}

function stillGood(kept: Identity, wanted: LeafSubject, ca: string, nowMs: number): boolean {
  try {
    const certificate = new X509Certificate(kept.certificate);
    return (
      certificate.checkPrivateKey(createPrivateKey(kept.key)) &&
      certificate.verify(new X509Certificate(ca).publicKey) &&
      Date.parse(certificate.validFrom) <= nowMs &&
      nowMs < renewAtMs(certificate) &&
      says(certificate, wanted)
    );
  } catch {
    return false; // unreadable: issued anew
  }
}

function says(certificate: X509Certificate, wanted: LeafSubject): boolean {
  const subject = certificateSubject(certificate);
  const usage = wanted.usage === "client" ? clientAuthOid : serverAuthOid;
  return (
    subject?.user === wanted.name &&
    sameSet(subject.groups, wanted.groups) &&
    (certificate.keyUsage ?? []).includes(usage) &&
    wanted.names.every((name) => certificate.checkHost(name, { subject: "never" }) !== undefined) &&
    wanted.addresses.every((address) => certificate.checkIP(address) !== undefined)
  );
}

const sameSet = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((value) => right.includes(value));

/**
 * Common name, organizations and user id of a certificate; undefined unless it has exactly one common name, and one user id
 * at most.
 */
export function certificateSubject(
  certificate: X509Certificate,
): { readonly user: string; readonly groups: readonly string[]; readonly uid: string } | undefined {
  const {
    CN,
    O,
    [userIdOid]: uid = "",
  } = certificate.toLegacyObject().subject as Readonly<Record<string, string | readonly string[] | undefined>>;
  if (typeof CN !== "string" || CN === "" || typeof uid !== "string") return undefined;
  return { user: CN, groups: O === undefined ? [] : typeof O === "string" ? [O] : O, uid };
}

/** True when the certificate may be used to prove a client's identity: one that names no uses may be used for all. */
export function isClientCertificate({ ca, keyUsage: uses = [] }: X509Certificate): boolean {
  return !ca && (uses.length === 0 || uses.includes(clientAuthOid) || uses.includes(anyUseOid));
}

function parseCertificate(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new Error(`${path} is not a certificate in PEM form; restore it, or remove the directory to start anew`);
  }
}

function assertPrivateKey(pem: string, path: string): ReturnType<typeof createPrivateKey> {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Error(`${path} is not a private key in PEM form; restore it, or remove the directory to start anew`);
  }
}

async function createKey(files: PemDirectory, name: string): Promise<string> {
  const key = newKey();
  await files.write(name, key, { sync: true });
  return key;
}

/** A new ECDSA P-256 private key as PKCS #8 PEM. */
export const newKey = (): string =>
  generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();

/** PEM of the public half of a private key. */
export const publicKeyOf = (privateKey: string): string =>
  createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();

/** Files that are there whole or not at all, readable by their owner alone. */
class PemDirectory {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
  }

  async prepare(): Promise<void> {
    await mkdir(this.dir, { recursive: true, mode: 0o700 });
    if (((await stat(this.dir)).mode & 0o077) !== 0) await chmod(this.dir, 0o700);
  }

  async read(name: string): Promise<string | undefined> {
    const path = join(this.dir, name);
    try {
      if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600);
      return await readFile(path, "utf8");
    } catch (error) {
      if (typeof error === "object" && error !== null && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    }
  }

  async write(name: string, content: string, options: { readonly sync?: boolean } = {}): Promise<void> {
    const path = join(this.dir, name);
    const unfinished = `${path}.${process.pid}.new`;
    const file = await open(unfinished, "w", 0o600);
    try {
      await file.writeFile(content);
      if (options.sync) await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  }

  async readIdentity(name: string): Promise<Identity | undefined> {
    const [certificate, key] = await Promise.all([this.read(`${name}.crt`), this.read(`${name}.key`)]);
    return certificate === undefined || key === undefined ? undefined : { certificate, key };
  }
}
