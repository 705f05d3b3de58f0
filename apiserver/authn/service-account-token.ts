import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import type { Clock } from "../../base/clock.js";
import type { Random } from "../../base/random.js";
import { isRecord } from "../../base/record.js";

/** An object that a token names: the token dies with it. */
export interface BoundObject {
  readonly name: string;
  readonly uid: string;
}

/** What a token says of its holder; read from a verified token or about to be signed. */
export interface TokenClaims {
  readonly namespace: string;
  readonly serviceAccount: BoundObject;
  readonly pod?: BoundObject;
  readonly secret?: BoundObject;
  readonly node?: BoundObject;
  readonly audiences: readonly string[];
  readonly id: string;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export interface TokenKeysOptions {
  readonly issuer: string;
  /** PEM private key (ECDSA P-256) that signs; absent: nothing is issued here. */
  readonly signingKey?: string;
  /** PEM keys (public or private) whose tokens are accepted beside the signing key's. */
  readonly verificationKeys?: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
}

/** Signs and verifies service-account tokens: JWTs by ES256, with Kubernetes' claims. */
export class TokenKeys {
  readonly issuer: string;
  readonly #signingKey: KeyObject | undefined;
  readonly #publicKeys: ReadonlyMap<string, KeyObject>;
  readonly #clock: Clock;
  readonly #random: Random;
  /** Claims of tokens whose signature was found good, by digest of the token; oldest first. */
  readonly #verified = new Map<string, TokenClaims>();

  constructor({ issuer, signingKey, verificationKeys = [], clock, random }: TokenKeysOptions) {
    this.issuer = issuer;
    this.#signingKey = signingKey === undefined ? undefined : createPrivateKey(signingKey);
    const pems = signingKey === undefined ? verificationKeys : [signingKey, ...verificationKeys];
    this.#publicKeys = new Map(
      pems.map((pem) => {
        const key = createPublicKey(pem);
        if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1")
          throw new Error("service-account keys must be ECDSA P-256");
        return [keyIdOf(key), key];
      }),
    );
    this.#clock = clock;
    this.#random = random;
  }

  /** Seconds until expiry count from now. */
  issue(
    claims: Omit<TokenClaims, "id" | "issuedAt" | "expiresAt">,
    expirationSeconds: number,
  ): { readonly token: string; readonly expiresAt: number } {
    if (!this.#signingKey) throw new Error("this API server has no key to sign service-account tokens with");
    const now = Math.floor(this.#clock.now() / 1000);
    const expiresAt = now + expirationSeconds;
    const { namespace, serviceAccount, pod, secret, node, audiences } = claims;
    const payload = {
      aud: audiences,
      exp: expiresAt,
      iat: now,
      iss: this.issuer,
      jti: this.#random.uuid(),
      "kubernetes.io": { namespace, node, pod, secret, serviceaccount: serviceAccount },
      nbf: now,
      sub: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
    };
    const signed = `${encode({ alg: "ES256", kid: keyIdOf(createPublicKey(this.#signingKey)) })}.${encode(payload)}`;
    const signature = sign("sha256", Buffer.from(signed), { key: this.#signingKey, dsaEncoding: "ieee-p1363" });
    return { token: `${signed}.${signature.toString("base64url")}`, expiresAt };
  }

  /** The claims of a token that we signed, for us to judge by audience and bound objects; undefined for any other. */
  verify(token: string): TokenClaims | undefined {
    if (token.length > tokenMaxLength) return undefined;
    const digest = createHash("sha256").update(token).digest("base64");
    let claims = this.#verified.get(digest);
    if (!claims) {
      claims = this.#read(token);
      if (!claims) return undefined;
      this.#remember(digest, claims);
    }
    const now = this.#clock.now() / 1000;
    return now < claims.expiresAt && now + clockSkewSeconds >= claims.issuedAt ? claims : undefined;
  }

  /** The public keys as a JSON Web Key Set. */
  jwks(): unknown {
    return {
      keys: [...this.#publicKeys].map(([kid, key]) => ({
        use: "sig",
        ...key.export({ format: "jwk" }),
        kid,
        alg: "ES256",
      })),
    };
  }

  #read(token: string): TokenClaims | undefined {
    const [head = "", body = "", signature = "", ...rest] = token.split(".");
    const header = decode(head);
    if (rest.length > 0 || header?.alg !== "ES256" || typeof header.kid !== "string") return undefined;
    const key = this.#publicKeys.get(header.kid);
    if (!key) return undefined;
    const good = verify(
      "sha256",
      Buffer.from(`${head}.${body}`),
      { key, dsaEncoding: "ieee-p1363" },
      Buffer.from(signature, "base64url"),
    );
    const payload = good ? decode(body) : undefined;
    return payload?.iss === this.issuer ? claimsOf(payload) : undefined;
  }

  #remember(digest: string, claims: TokenClaims): void {
    this.#verified.set(digest, claims);
    if (this.#verified.size <= verifiedMaxTokens) return;
    for (const oldest of this.#verified.keys()) {
      this.#verified.delete(oldest);
      break;
    }
  }
}

const tokenMaxLength = 8192;
const verifiedMaxTokens = 2048;
/** Tokens from an API server whose clock runs ahead. */
const clockSkewSeconds = 60;

const keyIdOf = (key: KeyObject): string =>
  createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("base64url");

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

type Json = Readonly<Record<string, unknown>>;

function decode(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined where a claim that every token of ours has is missing or of another type. */
function claimsOf(payload: Json): TokenClaims | undefined {
  const { aud, exp, iat, jti, "kubernetes.io": own } = payload;
  if (!isRecord(own) || typeof exp !== "number" || typeof iat !== "number") return undefined;
  const { namespace } = own;
  const serviceAccount = boundObject(own.serviceaccount);
  if (typeof namespace !== "string" || !serviceAccount) return undefined;
  if (payload.sub !== `system:serviceaccount:${namespace}:${serviceAccount.name}`) return undefined;
  const [pod, secret, node] = [boundObject(own.pod), boundObject(own.secret), boundObject(own.node)];
  return {
    namespace,
    serviceAccount,
    ...(pod ? { pod } : {}),
    ...(secret ? { secret } : {}),
    ...(node ? { node } : {}),
    audiences: (Array.isArray(aud) ? aud : [aud]).filter((audience) => typeof audience === "string"),
    id: typeof jti === "string" ? jti : "",
    issuedAt: iat,
    expiresAt: exp,
  };
}

const boundObject = (value: unknown): BoundObject | undefined =>
  isRecord(value) && typeof value.name === "string" && typeof value.uid === "string"
    ? { name: value.name, uid: value.uid }
    : undefined;
