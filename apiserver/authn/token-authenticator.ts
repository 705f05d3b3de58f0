import { nodes } from "../../api/core/node/node.js";
import { pods } from "../../api/core/pod/pod.js";
import { secrets } from "../../api/core/secret.js";
import { serviceAccounts } from "../../api/core/service-account.js";
import type { KubeObject } from "../../apimachinery/meta.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import type { Clock } from "../../base/clock.js";
import type { Reads } from "../registry/reads.js";
import type { User } from "../request.js";
import type { Verdict } from "./authenticator.js";
import type { BoundObject, TokenClaims, TokenKeys } from "./service-account-token.js";

export interface TokenAuthenticatorOptions {
  readonly keys: TokenKeys;
  readonly reads: Reads;
  readonly clock: Clock;
}

/** Whom a token speaks for, and for which of the audiences asked about. */
export type TokenVerdict =
  | { readonly type: "authenticated"; readonly user: User; readonly audiences: readonly string[] }
  | Extract<Verdict, { readonly type: "refused" }>;

export type AuthenticateToken = (token: string, audiences: readonly string[]) => Promise<TokenVerdict>;

/** Accepts tokens that we signed, while the service account and whatever the token is bound to exist unchanged. */
export function createTokenAuthenticator({ keys, reads, clock }: TokenAuthenticatorOptions): AuthenticateToken {
  const exists = async (definition: ResourceDefinition, namespace: string, bound: BoundObject | undefined) => {
    if (!bound) return true;
    const alive = (object: KubeObject | undefined): boolean =>
      object?.metadata.uid === bound.uid && !endedLongAgo(object, clock.now());
    // A cache that has not seen the object yet must not refuse it; one that still shows it catches up in a moment.
    return (
      alive(reads.get(definition, namespace, bound.name)) ||
      alive(await reads.getFresh(definition, namespace, bound.name))
    );
  };
  return async (token, audiences) => {
    const claims = keys.verify(token);
    if (!claims) return { type: "refused", why: "not a valid service account token" };
    const matching = claims.audiences.filter((audience) => audiences.includes(audience));
    if (matching.length === 0) return { type: "refused", why: "token audiences do not match" };
    const { namespace, serviceAccount, pod, secret, node } = claims;
    if (!(await exists(serviceAccounts, namespace, serviceAccount)))
      return { type: "refused", why: "the token's service account is gone" };
    if (!(await exists(pods, namespace, pod))) return { type: "refused", why: "the token's pod is gone" };
    if (!(await exists(secrets, namespace, secret))) return { type: "refused", why: "the token's secret is gone" };
    // A pod's token names the node for information; only a token bound to the node itself dies with it.
    if (!pod && !(await exists(nodes, "", node))) return { type: "refused", why: "the token's node is gone" };
    return { type: "authenticated", user: userOf(claims), audiences: matching };
  };
}

/** Pods that end may still use their token for a while. */
const deletedLeewayMs = 60_000;

function endedLongAgo({ metadata }: KubeObject, nowMs: number): boolean {
  return metadata.deletionTimestamp !== undefined && Date.parse(metadata.deletionTimestamp) + deletedLeewayMs < nowMs;
}

function userOf({ namespace, serviceAccount, pod, node, id }: TokenClaims): User {
  const extra: Record<string, readonly string[]> = {
    "authentication.kubernetes.io/credential-id": [`JTI=${id}`],
  };
  if (pod) {
    extra["authentication.kubernetes.io/pod-name"] = [pod.name];
    extra["authentication.kubernetes.io/pod-uid"] = [pod.uid];
  }
  if (node) {
    extra["authentication.kubernetes.io/node-name"] = [node.name];
    extra["authentication.kubernetes.io/node-uid"] = [node.uid];
  }
  return {
    name: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
    uid: serviceAccount.uid,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`],
    extra,
  };
}
