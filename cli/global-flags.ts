import { array, bool, type FlagValues, text, timeout } from "./flags.js";

/** Flags that every command takes. */
export const globalFlags = {
  as: text("User to impersonate; may be a service account."),
  "as-group": array("Group to impersonate; may be repeated."),
  "as-uid": text("UID to impersonate."),
  "cache-dir": text("Folder in which discovery answers are kept for a while."),
  "certificate-authority": text("File with the certificate of the authority that signed the server's."),
  "client-certificate": text("File with the client certificate."),
  "client-key": text("File with the key of the client certificate."),
  cluster: text("Entry of the kubeconfig's clusters to use."),
  context: text("Entry of the kubeconfig's contexts to use."),
  "insecure-skip-tls-verify": bool("Believe whatever certificate the server shows."),
  kubeconfig: text("Kubeconfig file to read."),
  namespace: text("Namespace to work in.", { short: "n" }),
  "request-timeout": timeout("How long to wait for one answer; 0 waits for ever."),
  server: text("Address of the API server.", { short: "s" }),
  "tls-server-name": text("Name to expect in the server's certificate."),
  token: text("Bearer token to show to the server."),
  user: text("Entry of the kubeconfig's users to use."),
  v: text("Accepted for scripts' sake; nothing more is logged.", { short: "v", hidden: true }),
  "warnings-as-errors": bool("Exit with code 1 when the server sent a warning."),
};
export type GlobalFlags = FlagValues<typeof globalFlags>;
