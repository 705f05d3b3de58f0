import type { Clock } from "../base/clock.js";
import type { TokenKeys } from "./authn/service-account-token.js";
import { type AuthenticateToken, createTokenAuthenticator } from "./authn/token-authenticator.js";
import { type Authorizer, anyOf, mastersAuthorizer } from "./authz/authorizer.js";
import { createNodeAuthorizer } from "./authz/node.js";
import { RbacAuthorizer } from "./authz/rbac.js";
import type { Reads } from "./registry/reads.js";

/** Who may what, as far as it depends on what is stored. */
export interface Access {
  readonly authenticateToken: AuthenticateToken;
  /** All ways of granting. */
  readonly authorizer: Authorizer;
  /** The one whose rules can be listed. */
  readonly rbac: RbacAuthorizer;
}

export interface AccessOptions {
  readonly reads: Reads;
  readonly keys: TokenKeys;
  readonly clock: Clock;
}

export function createAccess({ reads, keys, clock }: AccessOptions): Access {
  const rbac = new RbacAuthorizer(reads);
  return {
    authenticateToken: createTokenAuthenticator({ keys, reads, clock }),
    authorizer: anyOf([mastersAuthorizer, createNodeAuthorizer(reads), rbac]),
    rbac,
  };
}
