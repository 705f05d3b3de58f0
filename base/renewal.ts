import { X509Certificate } from "node:crypto";
import type { Clock, Timer } from "./clock.js";
import { messageOf } from "./error-text.js";
import type { Logger } from "./log.js";

/** When a certificate is made again: a month before its end, or when a third of its time is left where that is less. */
export function renewAtMs({ validFrom, validTo }: Pick<X509Certificate, "validFrom" | "validTo">): number {
  const endMs = Date.parse(validTo);
  return endMs - Math.min(marginMs, (endMs - Date.parse(validFrom)) / 3);
}

/**
 * When to ask again for the certificate that is held: one that is made here once it is due, one that others put into a file
 * every minute. Towards the end, which may be soon, more often.
 */
export function nextLookMs(pem: string, madeElsewhere: boolean, lastLookMs: number): number {
  const certificate = new X509Certificate(pem);
  const leftMs = Date.parse(certificate.validTo) - lastLookMs;
  const againMs = lastLookMs + Math.min(retryMaxMs, Math.max(retryMinMs, leftMs / 20));
  return madeElsewhere ? againMs : Math.max(againMs, renewAtMs(certificate));
}

const marginMs = 30 * 24 * 60 * 60 * 1000;
const retryMinMs = 1_000;
const retryMaxMs = 60_000;
/** Timers count no sleep of the machine: the wall clock is looked at this often. */
const lookMaxMs = 10 * 60_000;
/** The others wait for an attempt no longer than this, nor does the end of the process. */
const attemptTimeoutMs = 10_000;

export interface Renewed {
  /** For the log: whose certificate it is. */
  readonly what: string;
  /** PEM of the certificate in use. */
  readonly certificate: string;
  /** Files that someone else renews; else `renew` itself makes the new one. */
  readonly madeElsewhere?: boolean;
  /** Puts the new certificate into use, if there is one, and answers the one in use then. */
  renew(): Promise<string>;
}

interface Watched extends Renewed {
  held: string;
  nextMs: number;
  /** What was said last of why it failed: the same is not said again. */
  told: string | undefined;
  /** Under way; longer than others wait for it, perhaps. */
  attempt: Promise<void> | undefined;
}

/** Sees to it that no certificate in use comes to its end: one at a time, and again soon where that failed. */
export class Renewals {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #watched: Watched[] = [];
  #timer: Timer | undefined;
  #working: Promise<void> | undefined;
  #stopped = false;

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Logger }) {
    this.#clock = clock;
    this.#log = log;
  }

  add(renewed: Renewed): void {
    const nextMs = nextLookMs(renewed.certificate, renewed.madeElsewhere === true, this.#clock.now());
    this.#watched.push({ ...renewed, held: renewed.certificate, nextMs, told: undefined, attempt: undefined });
    if (!this.#working) this.#sleep();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#working;
  }

  #sleep(): void {
    this.#timer?.cancel();
    if (this.#stopped) return;
    const firstMs = Math.min(...this.#watched.map(({ nextMs }) => nextMs)) - this.#clock.now();
    this.#timer = this.#clock.after(Math.min(lookMaxMs, Math.max(0, firstMs)), () => {
      this.#working = this.#renewDue().finally(() => {
        this.#working = undefined;
        this.#sleep();
      });
    });
  }

  async #renewDue(): Promise<void> {
    for (const watched of this.#watched) {
      if (this.#stopped) return;
      if (watched.nextMs <= this.#clock.now()) await this.#renew(watched);
    }
  }

  /** Waits for the attempt no longer than the others can: one that hangs is neither doubled nor lost if it ends after all. */
  async #renew(watched: Watched): Promise<void> {
    watched.attempt ??= this.#attempt(watched).finally(() => {
      watched.attempt = undefined;
    });
    const { attempt } = watched;
    await new Promise<void>((resolve) => {
      const timer = this.#clock.after(attemptTimeoutMs, () => {
        this.#failed(watched, `it has not ended within ${attemptTimeoutMs / 1000} s`);
        resolve();
      });
      void attempt.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  async #attempt(watched: Watched): Promise<void> {
    try {
      const now = await watched.renew();
      if (now !== watched.held)
        this.#log.info("certificate renewed", { of: watched.what, until: new X509Certificate(now).validTo });
      watched.held = now;
      watched.told = undefined;
      this.#lookAgain(watched);
    } catch (error) {
      this.#failed(watched, messageOf(error));
    }
  }

  #failed(watched: Watched, why: string): void {
    const until = new X509Certificate(watched.held).validTo;
    if (why !== watched.told)
      this.#log.error("certificate not renewed; tried again until it is", { of: watched.what, until, error: why });
    watched.told = why;
    this.#lookAgain(watched);
  }

  #lookAgain(watched: Watched): void {
    watched.nextMs = nextLookMs(watched.held, watched.madeElsewhere === true, this.#clock.now());
  }
}
