import { StatusError } from "../../apimachinery/status.js";
import type { Clock } from "../../base/clock.js";
import type { ApiRequest, User } from "../request.js";
import { webSocketToken } from "./web-socket-token.js";

/** What one way of proving an identity says to what was presented. */
export type Verdict =
  | { readonly type: "authenticated"; readonly user: User }
  /** Something was presented that proves nothing. `why` is for the log, never for the caller. */
  | { readonly type: "refused"; readonly why: string };

export interface AuthenticatorOptions {
  readonly clock: Clock;
  readonly certificate: (der: Uint8Array, nowMs: number, chain?: () => readonly Uint8Array[]) => Verdict;
  /** Bearer tokens for this API server's own audience. */
  readonly token: (token: string) => Promise<Verdict>;
  readonly onRefused?: (why: string) => void;
}

export type Authenticate = (
  request: Pick<ApiRequest, "headers" | "clientCertificate" | "clientChain">,
) => Promise<User>;

/**
 * Who asks: by client certificate, else by bearer token, else anonymous. A certificate or token that proves nothing is
 * refused everywhere, even where anonymous would do; other kinds of authorization are nothing. Throws 401 Unauthorized.
 */
export function createAuthenticator({ clock, certificate, token, onRefused }: AuthenticatorOptions): Authenticate {
  return async ({ headers, clientCertificate, clientChain }) => {
    const refusals: string[] = [];
    const attempt = (verdict: Verdict): User | undefined => {
      if (verdict.type === "authenticated") return withGroup(verdict.user);
      refusals.push(verdict.why);
      return undefined;
    };
    const byCertificate = clientCertificate && attempt(certificate(clientCertificate, clock.now(), clientChain));
    if (byCertificate) return byCertificate;
    const bearer = headers.authorization === undefined ? webSocketToken(headers) : bearerOf(headers.authorization);
    const byToken = bearer === undefined ? undefined : attempt(await token(bearer));
    if (byToken) return byToken;
    if (refusals.length === 0) return anonymous;
    onRefused?.(refusals.join("; "));
    throw unauthorized();
  };
}

export const unauthorized = (): StatusError => new StatusError("Unauthorized", "Unauthorized");

export const anonymous: User = {
  name: "system:anonymous",
  uid: "",
  groups: ["system:unauthenticated"],
  extra: {},
};

const authenticatedGroup = "system:authenticated";

const withGroup = (user: User): User =>
  user.groups.includes(authenticatedGroup) ? user : { ...user, groups: [...user.groups, authenticatedGroup] };

function bearerOf(header: string | undefined): string | undefined {
  const match = header === undefined ? null : /^bearer +(\S+)/i.exec(header);
  return match?.[1];
}
