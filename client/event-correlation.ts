import type { ObjectReference } from "../api/core/reference.js";
import type { Clock } from "../base/clock.js";
import type { Notice } from "./events.js";

/** What to write for a notice: a new event, or a higher count on one that is there. */
export interface Correlated {
  readonly key: string;
  readonly message: string;
  readonly count: number;
  /** The event to count up; absent: write a new one. */
  readonly known: { readonly namespace: string; readonly name: string } | undefined;
}

/** Remembers what was said lately, so that repetition becomes a count and chatter is cut off. */
export class Correlator {
  readonly #clock: Clock;
  readonly #budgets = new Recent<{ tokens: number; atMs: number }>();
  readonly #similar = new Recent<{ readonly messages: Set<string>; readonly sinceMs: number }>();
  readonly #written = new Recent<{ readonly namespace: string; readonly name: string; readonly count: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes one notice off the object's budget; false when it is used up. */
  allows(about: ObjectReference): boolean {
    const key = aboutKey(about);
    const nowMs = this.#clock.monotonic();
    const before = this.#budgets.get(key) ?? { tokens: budgetNotices, atMs: nowMs };
    const tokens = Math.min(budgetNotices, before.tokens + (nowMs - before.atMs) / refillMs);
    this.#budgets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs: nowMs });
    return tokens >= 1;
  }

  correlate(about: ObjectReference, { type, reason, message }: Notice): Correlated {
    const family = JSON.stringify([aboutKey(about), about.fieldPath, type, reason]);
    const nowMs = this.#clock.monotonic();
    const known = this.#similar.get(family);
    const similar =
      known && nowMs - known.sinceMs <= similarWindowMs ? known : { messages: new Set<string>(), sinceMs: nowMs };
    similar.messages.add(message);
    this.#similar.set(family, similar);
    const combined = similar.messages.size >= similarMessages;
    if (similar.messages.size > similarMessages) similar.messages.delete(message);
    const key = combined ? family : `${family}${message}`;
    const written = this.#written.get(key);
    return {
      key,
      message: combined ? `(combined from similar events): ${message}` : message,
      count: (written?.count ?? 0) + 1,
      known: written,
    };
  }

  remember(key: string, namespace: string, name: string, count: number): void {
    this.#written.set(key, { namespace, name, count });
  }

  forget(key: string): void {
    this.#written.delete(key);
  }
}

/** A map that forgets what was not used for longest. */
class Recent<V> {
  readonly #entries = new Map<string, V>();

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    const oldest = this.#entries.keys().next().value;
    if (this.#entries.size > recentMaxEntries && oldest !== undefined) this.#entries.delete(oldest);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}

const aboutKey = ({ apiVersion, kind, namespace, name, uid }: ObjectReference): string =>
  JSON.stringify([apiVersion, kind, namespace, name, uid]);

const budgetNotices = 25;
const refillMs = 300_000;
const similarMessages = 10;
const similarWindowMs = 600_000;
const recentMaxEntries = 4096;
