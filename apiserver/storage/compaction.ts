import type { Clock } from "../../base/clock.js";
import type { Storage } from "./storage.js";

export interface CompactionOptions {
  readonly clock: Clock;
  /** History younger than this stays. */
  readonly keepMs: number;
  /** How often to look; a tenth of `keepMs` where absent. */
  readonly intervalMs?: number;
  readonly signal: AbortSignal;
  /** A round that failed; the next one tries again. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Forgets history that is older than `keepMs`, as far as this process has seen it pass: it notes the revision now and
 * compacts to it later, so no clock is compared with another machine's. Several may run against one store.
 */
export function startCompaction(
  storage: Pick<Storage, "currentRevision" | "compact">,
  options: CompactionOptions,
): void {
  const { clock, keepMs, signal } = options;
  const intervalMs = Math.max(1, options.intervalMs ?? keepMs / 10);
  const seen: { readonly atMs: number; readonly revision: number }[] = [];
  let lastCompacted = 0;

  const round = async (): Promise<void> => {
    seen.push({ atMs: clock.monotonic(), revision: await storage.currentRevision() });
    let target = 0;
    while (seen[0] && seen[0].atMs <= clock.monotonic() - keepMs) target = seen.shift()?.revision ?? target;
    if (target <= lastCompacted || signal.aborted) return;
    await storage.compact(target);
    lastCompacted = target;
  };
  const next = (): void => {
    if (signal.aborted) return;
    const timer = clock.after(intervalMs, () => {
      signal.removeEventListener("abort", timer.cancel);
      void round()
        .catch((error: unknown) => {
          if (!signal.aborted) options.onError?.(error);
        })
        .then(next);
    });
    signal.addEventListener("abort", timer.cancel, { once: true });
  };
  next();
}
