import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import type { Caller } from "./reviews.js";

/** Who a server's client is by its certificate: one that the authority signed for clients names its holder. */
export function certifiedCaller({ socket }: IncomingMessage): Caller | undefined {
  const tls = socket as TLSSocket;
  if (!tls.authorized) return undefined;
  const { CN: name, O: groups = [] } = tls.getPeerCertificate().subject ?? {};
  if (typeof name !== "string" || name === "") return undefined;
  const all = [...(typeof groups === "string" ? [groups] : groups), "system:authenticated"];
  return { name, uid: "", groups: all, extra: {} };
}

/** The token of `Authorization: Bearer TOKEN`. */
export const bearerToken = ({ headers }: IncomingMessage): string | undefined =>
  /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
