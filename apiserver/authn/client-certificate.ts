import { createHash, X509Certificate } from "node:crypto";
import { certificateSubject, isClientCertificate } from "../../base/tls.js";
import type { User } from "../request.js";
import type { Verdict } from "./authenticator.js";

/**
 * Tells whom a client certificate speaks for: common name is the user, organizations are the groups. The certificate
 * must be signed by one of the client authorities itself (no intermediates), be made for clients, and be in its time.
 */
export function createCertificateAuthenticator(authorities: string): (der: Uint8Array, nowMs: number) => Verdict {
  const trusted = certificatesOf(authorities);
  /** By the very array: a connection, or an in-process caller, presents the same one with each request. */
  const known = new WeakMap<Uint8Array, Examined>();
  return (der, nowMs) => {
    let examined = known.get(der);
    if (!examined) {
      examined = examine(der, trusted);
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

function examine(der: Uint8Array, trusted: readonly X509Certificate[]): Examined {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(der);
  } catch {
    return { user: undefined, why: "not a certificate" };
  }
  if (!trusted.some((authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey)))
    return { user: undefined, why: "certificate signed by unknown authority" };
  if (!isClientCertificate(certificate))
    return { user: undefined, why: "certificate is not for client authentication" };
  const subject = certificateSubject(certificate);
  if (!subject) return { user: undefined, why: "certificate has no single common name" };
  return {
    user: {
      name: subject.user,
      uid: "",
      groups: subject.groups,
      extra: { "authentication.kubernetes.io/credential-id": [`X509SHA256=${sha256(der)}`] },
    },
    fromMs: Date.parse(certificate.validFrom),
    toMs: Date.parse(certificate.validTo),
  };
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** All certificates of a PEM bundle. */
export function certificatesOf(pem: string): readonly X509Certificate[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return found.map((one) => new X509Certificate(one));
}
