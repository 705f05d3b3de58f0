import { createHash, X509Certificate } from "node:crypto";
import { certificateSubject, isClientCertificate } from "../../base/tls.js";
import type { User } from "../request.js";
import type { Verdict } from "./authenticator.js";

/**
 * Tells whom a client certificate speaks for: common name is the user, organizations are the groups, and a uid may be in
 * it. It must be made for clients, and signed by one of the client authorities or by what leads to one through the
 * certificates sent along; all of them must be in their time.
 */
export function createCertificateAuthenticator(
  authorities: string,
): (der: Uint8Array, nowMs: number, chain?: () => readonly Uint8Array[]) => Verdict {
  const trusted = certificatesOf(authorities);
  /** By the very array: a connection, or an in-process caller, presents the same one with each request. */
  const known = new WeakMap<Uint8Array, Examined>();
  return (der, nowMs, chain = () => []) => {
    let examined = known.get(der);
    if (!examined) {
      examined = examine(der, trusted, chain);
      known.set(der, examined);
    }
    if (examined.user === undefined) return { type: "refused", why: examined.why };
    if (nowMs < examined.fromMs || nowMs >= examined.toMs)
      return { type: "refused", why: "certificate has expired or is not yet valid" };
    return { type: "authenticated", user: examined.user };
  };
}

type Examined =
  | { readonly user: User; readonly fromMs: number; readonly toMs: number }
  | { readonly user: undefined; readonly why: string };

function examine(der: Uint8Array, trusted: readonly X509Certificate[], chain: () => readonly Uint8Array[]): Examined {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(der);
  } catch {
    return { user: undefined, why: "not a certificate" };
  }
  const path = pathFrom(certificate, trusted, chain);
  if (!path) return { user: undefined, why: "certificate signed by unknown authority" };
  if (!isClientCertificate(certificate))
    return { user: undefined, why: "certificate is not for client authentication" };
  const subject = certificateSubject(certificate);
  if (!subject) return { user: undefined, why: "certificate has no single common name" };
  return {
    user: {
      name: subject.user,
      uid: subject.uid,
      groups: subject.groups,
      extra: { "authentication.kubernetes.io/credential-id": [`X509SHA256=${sha256(der)}`] },
    },
    fromMs: Math.max(...path.map(({ validFrom }) => Date.parse(validFrom))),
    toMs: Math.min(...path.map(({ validTo }) => Date.parse(validTo))),
  };
}

/** The certificate and those through which it comes from an authority, whatever the order in which they were sent. */
function pathFrom(
  certificate: X509Certificate,
  trusted: readonly X509Certificate[],
  chain: () => readonly Uint8Array[],
): readonly X509Certificate[] | undefined {
  const isBy = (child: X509Certificate) => (issuer: X509Certificate) =>
    child.checkIssued(issuer) && child.verify(issuer.publicKey);
  if (trusted.some(isBy(certificate))) return [certificate];
  let unused = chain()
    .map((der) => new X509Certificate(der))
    .filter(({ ca }) => ca);
  const path = [certificate];
  let last = certificate;
  for (;;) {
    const issuer = unused.find(isBy(last));
    if (!issuer) return undefined;
    path.push(issuer);
    if (trusted.some(isBy(issuer))) return path;
    unused = unused.filter((other) => other !== issuer);
    last = issuer;
  }
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** All certificates of a PEM bundle. */
export function certificatesOf(pem: string): readonly X509Certificate[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return found.map((one) => new X509Certificate(one));
}
