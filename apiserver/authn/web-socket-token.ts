/**
 * Browsers cannot set headers on a WebSocket: they may hand over a bearer token as one of the subprotocols that they offer.
 * It is never chosen, and not passed on.
 */

const prefix = "base64url.bearer.authorization.k8s.io.";

type Headers = Readonly<Record<string, string>>;

/** Undefined where none is offered; "" for one that cannot be read, or that stands alone: nothing would be left to speak. */
export function webSocketToken({ upgrade, "sec-websocket-protocol": offered }: Headers): string | undefined {
  if (upgrade?.toLowerCase() !== "websocket" || offered === undefined) return undefined;
  const protocols = protocolsOf(offered);
  const [token, ...more] = protocols.filter((protocol) => protocol.startsWith(prefix));
  if (token === undefined) return undefined;
  const encoded = token.slice(prefix.length);
  const isAlone = protocols.length === 1;
  if (more.length > 0 || isAlone || !/^[A-Za-z0-9_-]+$/.test(encoded)) return "";
  return Buffer.from(encoded, "base64url").toString("utf8");
}

/** What is offered beside the token. */
export const withoutToken = (offered: string): string =>
  protocolsOf(offered)
    .filter((protocol) => !protocol.startsWith(prefix))
    .join(", ");

const protocolsOf = (offered: string): readonly string[] => offered.split(",").map((protocol) => protocol.trim());
