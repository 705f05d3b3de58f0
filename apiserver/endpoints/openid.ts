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
          jwks_uri: `${serverUrl()}/openid/v1/jwks`,
          response_types_supported: ["id_token"],
          subject_types_supported: ["public"],
          id_token_signing_alg_values_supported: ["ES256"],
        }),
        "application/json",
      ),
  },
  { path: "/openid/v1/jwks", handle: () => textAnswer(200, JSON.stringify(keys.jwks()), "application/jwk-set+json") },
];
