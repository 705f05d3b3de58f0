import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pods } from "../api/core/pod/pod.js";
import type { Api } from "../apiserver/endpoints/api.js";
import { openEmbedded } from "../apiserver/storage/embedded/embedded.js";
import { systemClock } from "../base/clock.js";
import { silentLog } from "../base/log.js";
import { benchPod, openBareApi } from "./kit/bare-api.js";

const podCount = 5_000;
const writers = 64;
const rounds = 3;
const user = { name: "bench", uid: "", groups: [], extra: {} };

/** What keeping metadata.managedFields costs: creates and status updates with it and without, turn by turn. */
export async function run(): Promise<void> {
  const rates = new Map<string, number[]>();
  for (let round = 0; round <= rounds; round++) {
    for (const tracked of [true, false]) {
      const dir = mkdtempSync(join(tmpdir(), "navarch-bench-"));
      const storage = await openEmbedded({
        dir,
        log: silentLog,
        clock: systemClock,
        onFatal: (error) => {
          throw error;
        },
      });
      const api = await openBareApi(storage);
      const name = tracked ? "with managedFields" : "without";
      const creates = await measure((n) => create(api, n, tracked));
      const updates = await measure((n) => update(api, n, tracked, "a"));
      const again = await measure((n) => update(api, n, tracked, "b"));
      await api.close();
      await storage.close();
      rmSync(dir, { recursive: true });
      if (round === 0) continue;
      for (const [what, rate] of Object.entries({
        creates,
        "first status updates": updates,
        "later status updates": again,
      }))
        rates.set(`${what} ${name}`, [...(rates.get(`${what} ${name}`) ?? []), rate]);
    }
  }
  for (const [what, each] of rates)
    console.log(`${what}: ${Math.round(each.toSorted((a, b) => a - b)[rounds >> 1] ?? 0)} us of CPU each`);
}

async function measure(write: (n: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const writer = async (): Promise<void> => {
    for (let n = next++; n < podCount; n = next++) await write(n);
  };
  const started = process.cpuUsage();
  await Promise.all(Array.from({ length: writers }, writer));
  const { user, system } = process.cpuUsage(started);
  return (user + system) / podCount;
}

const create = ({ registry }: Api, n: number, tracked: boolean): Promise<unknown> =>
  registry.create(pods, "default", benchPod(`pod-${n}`, `node-${n % 100}`), {
    user,
    manager: "creator",
    isApplied: !tracked,
  });

function update({ registry }: Api, n: number, tracked: boolean, word: string): Promise<unknown> {
  const next = (object: object) =>
    ({
      ...object,
      status: {
        phase: "Running",
        podIP: "127.64.0.1",
        message: word,
        conditions: ["Ready", "Initialized", "ContainersReady", "PodScheduled"].map((type) => ({
          type,
          status: "True",
          reason: word,
          lastTransitionTime: "2026-01-01T00:00:00Z",
        })),
      },
    }) as never;
  const change = { subresource: "status", part: "status" as const, next };
  return registry.update(pods, { namespace: "default", name: `pod-${n}` }, change, {
    user,
    manager: "agent",
    isApplied: !tracked,
  });
}
