import { nodes } from "../api/core/node/node.js";
import { type Clock, toTime } from "../base/clock.js";
import type { Client } from "../client/client.js";

/**
 * Asks until the node says Ready, in words spoken since `startedMs` (by the clock of the day): what an earlier run left does
 * not count. When that takes long, tells once what it waits for.
 */
export async function nodeReady(
  client: Client,
  name: string,
  startedMs: number,
  clock: Clock,
  tell: (line: string) => void,
): Promise<void> {
  const sinceMs = clock.monotonic();
  const since = toTime(startedMs);
  for (let told = false; ; ) {
    const node = await client.get(nodes, { name }).catch(() => undefined);
    const ready = node?.status?.conditions?.find(({ type }) => type === "Ready");
    if (ready?.status === "True" && (ready.lastHeartbeatTime ?? "") >= since) return;
    if (!told && ready?.message && clock.monotonic() - sinceMs >= patienceMs) {
      told = true;
      tell(`waiting for ${name}: ${ready.message}`);
    }
    await clock.sleep(pollMs);
  }
}

const pollMs = 10;
const patienceMs = 3_000;
