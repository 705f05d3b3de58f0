import type { Clock } from "../../../base/clock.js";
import { signalProcess } from "../proc.js";
import type { MarkedProcesses } from "./marked-processes.js";

/**
 * Kills all that have `mark` in their environment, until none is left: one that forks while it is hunted is found in the
 * next round. A process that is just becoming another program shows no environment for a moment, so one look that finds
 * nothing is not enough. When process 1 of a namespace is gone (`isOver`), the kernel has ended the others.
 *
 * @returns false when some are still there
 */
export async function hunt(
  mark: string,
  {
    clock,
    marked,
    isOver,
  }: { readonly clock: Clock; readonly marked: MarkedProcesses; readonly isOver: () => boolean },
): Promise<boolean> {
  let clean = 0;
  for (let round = 0; round < maxRounds && clean < 2; round++) {
    if (isOver()) return true;
    // Nothing can be seen, say, while the agent has no file left to open: that is no clean look.
    const left = await marked.find(mark).catch(() => undefined);
    for (const identity of left ?? []) signalProcess(identity, "SIGKILL");
    clean = left?.length === 0 ? clean + 1 : 0;
    if (clean < 2) await clock.sleep(Math.min(round + 2, 20));
  }
  return clean === 2;
}

const maxRounds = 200;
