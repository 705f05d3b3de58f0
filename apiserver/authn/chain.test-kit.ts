import { createPrivateKey, createPublicKey, webcrypto } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import "reflect-metadata";
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { type Identity, newKey } from "../../base/tls.js";

/** Certificates that no part of ours issues: intermediate authorities, and what they sign. */

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const dayMs = 24 * 60 * 60 * 1000;

export interface Issue {
  readonly name: string;
  readonly groups?: readonly string[];
  readonly authority?: { readonly pathLength?: number };
  readonly uses?: readonly ("clientAuth" | "serverAuth")[];
  readonly endsInMs?: number;
  readonly uids?: readonly string[];
}

/** The authority of a directory that a Pki keeps. */
export async function authorityIn(dir: string): Promise<Identity> {
  const [certificate, key] = await Promise.all(["ca.crt", "ca.key"].map((file) => readFile(join(dir, file), "utf8")));
  return { certificate: certificate ?? "", key: key ?? "" };
}

/** The certificate alone; what it is signed by is not part of it. */
export async function issueBy(issuer: Identity, issue: Issue): Promise<Identity> {
  cryptoProvider.set(webcrypto as never);
  const { name, groups = [], authority, uses, endsInMs = dayMs, uids = [] } = issue;
  const key = newKey();
  const signer = new X509Certificate(issuer.certificate);
  const extensions: Extension[] = [
    new BasicConstraintsExtension(authority !== undefined, authority?.pathLength, true),
    new KeyUsagesExtension(authority ? KeyUsageFlags.keyCertSign : KeyUsageFlags.digitalSignature, true),
    ...(uses ? [new ExtendedKeyUsageExtension(uses.map((use) => ExtendedKeyUsage[use]))] : []),
  ];
  const certificate = await X509CertificateGenerator.create({
    subject: [
      ...groups.map((group) => ({ O: [group] })),
      { CN: [name] },
      ...uids.map((uid) => ({ "1.3.6.1.4.1.57683.2": [uid] })),
    ],
    issuer: signer.subjectName,
    publicKey: (await imported(key, "verify")) as never,
    signingKey: (await imported(issuer.key, "sign")) as never,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + endsInMs),
    extensions,
  });
  return { certificate: `${certificate.toString("pem").trimEnd()}\n`, key };
}

/** The identity with the certificates by which it is believed, as a client sends them. */
export const chained = ({ certificate, key }: Identity, ...by: readonly Identity[]): Identity => ({
  certificate: [certificate, ...by.map((one) => one.certificate)].join(""),
  key,
});

function imported(key: string, use: "sign" | "verify"): Promise<webcrypto.CryptoKey> {
  const form = use === "sign" ? ("pkcs8" as const) : ("spki" as const);
  const der =
    form === "pkcs8"
      ? createPrivateKey(key).export({ type: form, format: "der" })
      : createPublicKey(key).export({ type: form, format: "der" });
  return webcrypto.subtle.importKey(form, der, algorithm, true, [use]);
}
