import { type Event, events } from "../api/core/event.js";
import type { ObjectReference } from "../api/core/reference.js";
import type { KubeObject } from "../apimachinery/meta.js";
import type { DraftOf } from "../apimachinery/resource.js";
import { StatusError } from "../apimachinery/status.js";
import { type Clock, toTime } from "../base/clock.js";
import type { Lifecycle } from "../base/lifecycle.js";
import type { Logger } from "../base/log.js";
import type { Random } from "../base/random.js";
import type { Client } from "./client.js";
import { type Correlated, Correlator } from "./event-correlation.js";

/** Something worth telling the people who look after an object. */
export interface Notice {
  readonly about: KubeObject | ObjectReference;
  readonly type: "Normal" | "Warning";
  /** One word in CamelCase, for machines. */
  readonly reason: string;
  readonly message: string;
  readonly action?: string;
  readonly related?: ObjectReference;
}

export interface Recorder {
  /** Never fails and never waits; under pressure notices are dropped, the newest first. */
  record(notice: Notice): void;
  /** Resolves when everything recorded so far was sent or given up. */
  flushed(): Promise<void>;
}

export interface RecorderOptions {
  readonly client: Client;
  /** Reported as the event's source. */
  readonly component: string;
  /** The node, where the component belongs to one. */
  readonly host?: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Ends the recorder; what is still queued then is dropped. */
  readonly lifecycle: Lifecycle;
}

/**
 * Writes Events. The same notice again counts up the one that is there; many that differ in the message alone become
 * one; and what one component says of one object is limited in rate.
 */
export function createRecorder(options: RecorderOptions): Recorder {
  const { clock, log, lifecycle } = options;
  const correlator = new Correlator(clock);
  const queue: Notice[] = [];
  const waiting = new Set<() => void>();
  let wake = (): void => {};
  let busy = false;
  const settle = (): void => {
    if (busy || queue.length > 0) return;
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  lifecycle.run(`events of ${options.component}`, async (signal) => {
    signal.addEventListener("abort", () => wake(), { once: true });
    while (!signal.aborted) {
      const notice = queue.shift();
      if (notice) {
        busy = true;
        await send(options, correlator, notice, signal).catch((error: unknown) =>
          log.debug("event not recorded", { reason: notice.reason, error: String(error) }),
        );
        busy = false;
      } else {
        settle();
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
    queue.length = 0;
    settle();
  });
  return {
    record(notice) {
      if (lifecycle.signal.aborted || queue.length >= queueMaxNotices) return;
      if (!correlator.allows(referenceOf(notice.about))) return;
      queue.push(notice);
      wake();
    },
    flushed: () =>
      new Promise((resolve) => {
        waiting.add(resolve);
        settle();
      }),
  };
}

/** How events name an object. */
export function referenceOf(about: KubeObject | ObjectReference): ObjectReference {
  if (!("metadata" in about)) return about;
  const { apiVersion, kind, metadata } = about;
  return {
    kind,
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    name: metadata.name,
    uid: metadata.uid,
    apiVersion,
    resourceVersion: metadata.resourceVersion,
  };
}

const queueMaxNotices = 1000;
const sendAttempts = 4;
const sendRetryMs = 500;
const messageMaxCharacters = 1024;
const nameMaxCharacters = 230;

async function send(
  options: RecorderOptions,
  correlator: Correlator,
  notice: Notice,
  signal: AbortSignal,
): Promise<void> {
  const about = referenceOf(notice.about);
  for (let attempt = 1; attempt <= sendAttempts && !signal.aborted; attempt++) {
    const correlated = correlator.correlate(about, notice);
    try {
      const { metadata } = await write(options, about, notice, correlated, signal);
      correlator.remember(correlated.key, metadata.namespace ?? "default", metadata.name, correlated.count);
      return;
    } catch (error) {
      if (error instanceof StatusError) {
        // Gone with its time to live: begin anew. Any other refusal stays one.
        if (error.reason !== "NotFound" || !correlated.known) throw error;
        correlator.forget(correlated.key);
      } else {
        await options.clock.sleep(sendRetryMs * attempt, signal);
      }
    }
  }
}

function write(
  { client, component, host, clock, random }: RecorderOptions,
  about: ObjectReference,
  notice: Notice,
  { message: whole, count, known }: Correlated,
  signal: AbortSignal,
): Promise<Event> {
  const nowMs = clock.now();
  const message = whole.slice(0, messageMaxCharacters);
  if (known) {
    const body = { count, lastTimestamp: toTime(nowMs), message };
    return client.patch(events, known, { type: "merge", body }, { signal });
  }
  const unique = BigInt(Math.floor(nowMs)) * 1_000_000n + BigInt(Math.floor(random.next() * 1_000_000));
  const draft: DraftOf<Event> = {
    metadata: {
      name: `${(about.name ?? "").slice(0, nameMaxCharacters)}.${unique.toString(16)}`,
      namespace: about.namespace ?? "default",
    },
    involvedObject: about,
    reason: notice.reason,
    message,
    type: notice.type,
    source: { component, ...(host === undefined ? {} : { host }) },
    firstTimestamp: toTime(nowMs),
    lastTimestamp: toTime(nowMs),
    count: 1,
    reportingComponent: component,
    reportingInstance: host ?? "",
    ...(notice.action === undefined ? {} : { action: notice.action }),
    ...(notice.related === undefined ? {} : { related: notice.related }),
  };
  return client.create(events, draft, { signal });
}
