import { createHash } from "node:crypto";
import { tokenReviews } from "../api/authentication/token-review.js";
import { type SubjectAccessReviewSpec, subjectAccessReviews } from "../api/authorization/subject-access-review.js";
import type { Clock } from "../base/clock.js";
import type { Client } from "./client.js";

/** Who asks, as the API server knows them. */
export interface Caller {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** What is asked for: a path, or something of a resource. */
export type Asked = Pick<SubjectAccessReviewSpec, "nonResourceAttributes" | "resourceAttributes">;

/**
 * What servers that are no API server ask it about their callers: whose a token is, and whether somebody may do something.
 * Answers are kept a while, as Kubernetes keeps them.
 */
export class Reviews {
  readonly #client: Client;
  readonly #tokens: Kept<Caller | undefined>;
  readonly #rights: Kept<boolean>;

  constructor(client: Client, clock: Clock) {
    this.#client = client;
    this.#tokens = new Kept(clock, (caller) => (caller ? tokenKeptMs : refusalKeptMs));
    this.#rights = new Kept(clock, (allowed) => (allowed ? rightKeptMs : refusalKeptMs));
  }

  /** Undefined for a token that is none. Rejects where the API server cannot be asked. */
  bearer(token: string): Promise<Caller | undefined> {
    const key = createHash("sha256").update(token).digest("base64");
    return this.#tokens.get(key, async () => {
      const { status } = await this.#client.create(tokenReviews, {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenReview",
        metadata: {},
        spec: { token },
      });
      const { username, uid = "", groups = [], extra = {} } = status?.user ?? {};
      return status?.authenticated && username ? { name: username, uid, groups, extra } : undefined;
    });
  }

  async may({ name: user, uid, groups, extra }: Caller, asked: Asked): Promise<boolean> {
    const subject = { user, uid, groups: [...groups], extra: copied(extra) };
    return this.#rights.get(JSON.stringify([subject, asked]), async () => {
      const { status } = await this.#client.create(subjectAccessReviews, {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SubjectAccessReview",
        metadata: {},
        spec: { ...subject, ...asked },
      });
      return status?.allowed ?? false;
    });
  }
}

const copied = (extra: Caller["extra"]): Record<string, string[]> =>
  Object.fromEntries(Object.entries(extra).map(([name, values]) => [name, [...values]]));

const tokenKeptMs = 2 * 60_000;
const rightKeptMs = 5 * 60_000;
const refusalKeptMs = 30_000;
const keptMaxCount = 1_000;

/** Answers by key for a while, the newest so many; who asks while an answer is on its way waits for it. */
class Kept<T> {
  readonly #clock: Clock;
  readonly #keepMs: (value: T) => number;
  readonly #entries = new Map<string, { readonly answer: Promise<T>; untilMs: number }>();

  constructor(clock: Clock, keepMs: (value: T) => number) {
    this.#clock = clock;
    this.#keepMs = keepMs;
  }

  async get(key: string, ask: () => Promise<T>): Promise<T> {
    const found = this.#entries.get(key);
    if (found && this.#clock.monotonic() < found.untilMs) return found.answer;
    const entry = { answer: ask(), untilMs: Number.POSITIVE_INFINITY };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const [oldest] of this.#entries) {
      if (this.#entries.size <= keptMaxCount) break;
      this.#entries.delete(oldest);
    }
    try {
      const value = await entry.answer;
      entry.untilMs = this.#clock.monotonic() + this.#keepMs(value);
      return value;
    } catch (error) {
      // What could not be asked is asked again, and refused meanwhile.
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
  }
}
