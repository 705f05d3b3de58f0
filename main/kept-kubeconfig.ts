import type { Renewals } from "../base/renewal.js";
import type { ClientSubject, Identity, Pki } from "../base/tls.js";
import { writeKubeconfig } from "../client/kubeconfig.js";
import { identities } from "./api-server.js";
import { holdIdentity } from "./held-identity.js";

export interface Issuer {
  readonly url: string;
  readonly pki: Pki;
  readonly renewals: Renewals;
}

/** Writes a kubeconfig, and writes it again whenever its certificate is renewed. */
export async function keepKubeconfig(
  path: string,
  file: string,
  { url, pki, renewals }: Issuer,
  subject: ClientSubject = identities.admin,
): Promise<void> {
  const write = (identity: Identity): Promise<void> =>
    writeKubeconfig(path, { server: url, caCertificate: pki.caCertificate, identity, userName: subject.user });
  await holdIdentity(renewals, {
    what: `${subject.user} (${path})`,
    obtain: () => pki.client(file, subject),
    use: write,
  });
}
