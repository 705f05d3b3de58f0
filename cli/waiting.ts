import type { Resource } from "./discovery/discovery.js";
import { CliError } from "./errors.js";
import type { Session } from "./session.js";

export const pollIntervalMs = 250;

const quietMs = 1000;

/** A line on a terminal that counts the seconds while something is waited for; nothing elsewhere. */
export async function withProgress<T>(session: Session, what: string, task: () => Promise<T>): Promise<T> {
  if (!session.io.stderrIsTty) return task();
  const startMs = session.clock.monotonic();
  let shown = false;
  const timer = setInterval(() => {
    shown = true;
    const seconds = Math.round((session.clock.monotonic() - startMs) / 1000);
    session.io.stderr.write(`\r${clearLine}waiting for ${what} ... ${seconds}s`);
  }, quietMs);
  try {
    return await task();
  } finally {
    clearInterval(timer);
    if (shown) session.io.stderr.write(`\r${clearLine}`);
  }
}

const clearLine = "\u001b[K";

/** Asks again and again until there is an answer; undefined when the time is over or the caller gave up. */
export async function poll<T>(
  session: Session,
  timeoutMs: number,
  ask: () => Promise<T | undefined>,
  intervalMs = pollIntervalMs,
): Promise<T | undefined> {
  const endMs = session.clock.monotonic() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    const leftMs = endMs - session.clock.monotonic();
    if (leftMs <= 0 || session.io.signal?.aborted) return undefined;
    // A referenced timer: nothing else may keep the process alive meanwhile.
    await pause(session, Math.min(intervalMs, leftMs));
  }
}

/** Sleeps on the session's clock and keeps the process alive while it does. */
export async function pause(session: Session, delayMs: number): Promise<void> {
  const alive = setInterval(() => undefined, 60_000);
  try {
    await session.clock.sleep(delayMs, session.io.signal);
  } finally {
    clearInterval(alive);
  }
}

export interface Going {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string | undefined;
}

const goneDefaultTimeoutMs = 7 * 24 * 3600 * 1000;

/** Waits until each object is gone, or another of the same name has taken its place. */
export async function waitUntilGone(
  session: Session,
  going: readonly Going[],
  timeoutMs: number | undefined,
): Promise<void> {
  const api = await session.api();
  const limitMs = timeoutMs ? timeoutMs : goneDefaultTimeoutMs;
  const started = session.clock.monotonic();
  for (const { resource, namespace, name, uid } of going) {
    const leftMs = Math.max(0, limitMs - (session.clock.monotonic() - started));
    const gone = await withProgress(session, `${resource.plural}/${name} to be gone`, () =>
      poll(session, leftMs, async () => {
        const live = await api.find(resource, name, namespace);
        return !live || (uid !== undefined && live.metadata.uid !== uid) ? true : undefined;
      }),
    );
    if (!gone) throw new CliError(`timed out waiting for the condition on ${resource.plural}/${name}`);
  }
}
