import { createPrivateKey, createPublicKey, randomBytes, webcrypto } from "node:crypto";
import "reflect-metadata";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonName,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { type Identity, type LeafSubject, newKey } from "./tls.js";

/** Signs certificates. Loaded only when there is something to sign: its library takes 60 ms to load. */

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

interface Validity {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** A self-signed certificate for the authority's key. Made again for the same key, it replaces the old one. */
export async function issueAuthority(key: string, validity: Validity): Promise<string> {
  cryptoProvider.set(webcrypto as never);
  const keys = { privateKey: await importPrivate(key), publicKey: await importPublic(key) };
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: ["navarch-ca"] }],
    keys: keys as never,
    signingAlgorithm: algorithm,
    serialNumber: newSerial(),
    notBefore: new Date(validity.notBeforeMs),
    notAfter: new Date(validity.notAfterMs),
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign | KeyUsageFlags.digitalSignature, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey as never),
    ],
  });
  return pem(certificate);
}

/** A certificate for a new key, signed by the authority. */
export async function issueLeaf(authority: Identity, subject: LeafSubject, validity: Validity): Promise<Identity> {
  cryptoProvider.set(webcrypto as never);
  const issuer = new X509Certificate(authority.certificate);
  const key = newKey();
  const certificate = await X509CertificateGenerator.create({
    subject: subjectName(subject),
    issuer: issuer.subjectName,
    publicKey: (await importPublic(key)) as never,
    signingKey: (await importPrivate(authority.key)) as never,
    signingAlgorithm: algorithm,
    serialNumber: newSerial(),
    notBefore: new Date(validity.notBeforeMs),
    notAfter: new Date(Math.min(validity.notAfterMs, issuer.notAfter.getTime())),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([
        subject.usage === "client" ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth,
      ]),
      await AuthorityKeyIdentifierExtension.create((await importPublic(authority.key)) as never),
      ...alternativeNames(subject),
    ],
  });
  return { certificate: pem(certificate), key };
}

const pem = (certificate: X509Certificate): string => `${certificate.toString("pem").trimEnd()}\n`;

const subjectName = ({ name, groups }: LeafSubject): JsonName => [
  ...groups.map((group) => ({ O: [group] })),
  { CN: [name] },
];

const alternativeNames = ({ names, addresses }: LeafSubject): SubjectAlternativeNameExtension[] =>
  names.length + addresses.length === 0
    ? []
    : [
        new SubjectAlternativeNameExtension([
          ...names.map((value) => ({ type: "dns" as const, value })),
          ...addresses.map((value) => ({ type: "ip" as const, value })),
        ]),
      ];

/** 127 random bits: positive, and never the same twice. */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0);
  return bytes.toString("hex");
}

const importPrivate = (key: string): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey("pkcs8", createPrivateKey(key).export({ type: "pkcs8", format: "der" }), algorithm, true, [
    "sign",
  ]);

const importPublic = (privateKey: string): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey(
    "spki",
    createPublicKey(privateKey).export({ type: "spki", format: "der" }),
    algorithm,
    true,
    ["verify"],
  );
