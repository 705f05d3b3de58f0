import type { TokenKeys } from "../authn/service-account-token.js";
import { type PathEndpoint, textAnswer } from "./paths.js";

/** Lets others check service-account tokens by themselves, as OpenID Connect providers do. */
export const openIdEndpoints = (keys: TokenKeys, serverUrl: () => string): readonly PathEndpoint[] => [
  {
    path: "/.well-known/openid-configuration",
    handle: () =>
      textAnswer(
        200,
        JSON.stringify({
          issuer: keys.issuer,
          jwks_uri: jwksUri(keys.issuer, serverUrl()),
          response_types_supported: ["id_token"],
          subject_types_supported: ["public"],
          id_token_signing_alg_values_supported: ["ES256"],
        }),
        "application/json",
      ),
  },
  { path: "/openid/v1/jwks", handle: () => textAnswer(200, JSON.stringify(keys.jwks()), "application/jwk-set+json") },
];

/** Nobody but its own host reaches a server at a loopback address: others find it by the name that its tokens bear. */
export function jwksUri(issuer: string, serverUrl: string): string {
  const isLocal = /^https:\/\/(127\.|\[::1\])/.test(serverUrl) && /^https:\/\//.test(issuer);
  return `${(isLocal ? issuer : serverUrl).replace(/\/$/, "")}/openid/v1/jwks`;
}
