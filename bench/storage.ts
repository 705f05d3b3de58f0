import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { openEmbedded } from "../apiserver/storage/embedded/embedded.js";
import { openEtcd } from "../apiserver/storage/etcd/etcd.js";
import type { Storage } from "../apiserver/storage/storage.js";
import { systemClock } from "../base/clock.js";
import { silentLog } from "../base/log.js";
import { findEtcd, startEtcd } from "../e2e/harness/etcd.js";

const writerCounts = [1, 16, 64];
const runs = 3;
const runMs = 3_000;
const valueBytes = 2_000;
const listedKeys = 10_000;

/** Durable creates per second and their latency on both stores, without HTTP in front; then one large list. */
export async function run(): Promise<void> {
  console.log(`creates of ${valueBytes} bytes, median of ${runs} runs of ${runMs / 1_000} s`);
  const dir = mkdtempSync(join(tmpdir(), "navarch-bench-"));
  const embedded = await openEmbedded({
    dir,
    log: silentLog,
    clock: systemClock,
    onFatal: (error) => {
      throw error;
    },
  });
  await measure("embedded", embedded);
  await embedded.close();
  console.log(`embedded: file of ${Math.round(statSync(join(dir, "store.mdb")).size / 2 ** 20)} MB`);
  await measureStart(dir);
  rmSync(dir, { recursive: true });
  if (!findEtcd()) return console.log("etcd: no binary found, not measured");
  const etcd = await startEtcd();
  const storage = await openEtcd({ endpoints: etcd.endpoints, log: silentLog, clock: systemClock });
  await measure("etcd", storage);
  await storage.close();
  await etcd.stop();
}

async function measure(name: string, storage: Storage): Promise<void> {
  for (const writers of writerCounts) {
    const results: Result[] = [];
    for (let round = 0; round < runs; round++)
      results.push(await createFor(storage, writers, `${name}-${writers}-${round}`));
    const median = results.toSorted((a, b) => a.perSecond - b.perSecond)[runs >> 1];
    if (median) console.log(`${name}: ${String(writers).padStart(2)} writers: ${describe(median)}`);
  }
  for (let n = 0; n < listedKeys; n += 100)
    await Promise.all(
      Array.from({ length: 100 }, (_, k) =>
        storage.create(`/registry/listed/ns/${n + k}`, Buffer.alloc(valueBytes, 1)),
      ),
    );
  const started = performance.now();
  const { items } = await storage.list("/registry/listed/");
  console.log(`${name}: list of ${items.length} keys: ${(performance.now() - started).toFixed(1)} ms`);
}

interface Result {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly loopP99Ms: number;
}

async function createFor(storage: Storage, writers: number, name: string): Promise<Result> {
  const latencies: number[] = [];
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const started = performance.now();
  const writer = async (id: number): Promise<void> => {
    for (let n = 0; performance.now() - started < runMs; n++) {
      const before = performance.now();
      await storage.create(`/registry/${name}/ns-${id}/${n}`, Buffer.alloc(valueBytes, n));
      latencies.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, id) => writer(id)));
  const seconds = (performance.now() - started) / 1_000;
  loop.disable();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0;
  return {
    perSecond: latencies.length / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    loopP99Ms: loop.percentile(99) / 1e6,
  };
}

const describe = ({ perSecond, p50Ms, p99Ms, loopP99Ms }: Result): string =>
  `${Math.round(perSecond)} creates/s, p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms, loop delay p99 ${loopP99Ms.toFixed(1)} ms`;

async function measureStart(dir: string): Promise<void> {
  const started = performance.now();
  const storage = await openEmbedded({ dir, log: silentLog, clock: systemClock, onFatal: () => undefined });
  const keys = (await storage.list("/registry/")).items.length;
  console.log(`embedded: reopened with ${keys} keys in ${Math.round(performance.now() - started)} ms`);
  await storage.close();
}
