import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Renewals } from "../base/renewal.js";
import type { Identity } from "../base/tls.js";
import type { TlsMaterial, TlsSource } from "../client/http-connection.js";
import { loadConnection } from "../client/kubeconfig.js";
import { holdIdentity } from "./held-identity.js";

/** Certificate and key out of two files; whoever writes them may be half done. */
export async function readIdentity(certificateFile: string, keyFile: string): Promise<Identity> {
  const [certificate, key] = await Promise.all([readFile(certificateFile, "utf8"), readFile(keyFile, "utf8")]);
  return paired({ certificate, key }, `${certificateFile} and ${keyFile}`);
}

/** How a kubeconfig says the server is reached, with the client certificate that stands in it now. */
export async function followKubeconfig(path: string, first: TlsMaterial, renewals: Renewals): Promise<TlsSource> {
  if (first.certificate === undefined || first.key === undefined) return () => first;
  let tls = first;
  let read = first;
  await holdIdentity(renewals, {
    what: path,
    madeElsewhere: true,
    obtain: async () => {
      read = (await loadConnection(path)).tls;
      const { certificate, key } = read;
      if (certificate === undefined || key === undefined) throw new Error(`${path} holds no client certificate`);
      return paired({ certificate, key }, path);
    },
    use: () => {
      tls = read;
    },
  });
  return () => tls;
}

function paired(identity: Identity, where: string): Identity {
  if (!new X509Certificate(identity.certificate).checkPrivateKey(createPrivateKey(identity.key)))
    throw new Error(`certificate and key do not belong together: ${where}`);
  return identity;
}
