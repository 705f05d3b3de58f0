import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { pods } from "../api/core/pod/pod.js";
import { encodeAnswer } from "../apiserver/encoding/encode.js";
import type { Api } from "../apiserver/endpoints/api.js";
import { openEmbedded } from "../apiserver/storage/embedded/embedded.js";
import { compileSelection } from "../apiserver/storage/watch-cache-selection.js";
import { systemClock } from "../base/clock.js";
import { silentLog } from "../base/log.js";
import { benchPod, openBareApi } from "./kit/bare-api.js";

const podCount = 10_000;
const watcherCount = 1_000;
const rounds = 7;
const user = { name: "bench", uid: "", groups: [], extra: {} };

/** The registry without HTTP in front: creates, LIST of many pods in every form, an event at many watchers, restart. */
export async function run(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "navarch-bench-"));
  const open = () =>
    openEmbedded({
      dir,
      log: silentLog,
      clock: systemClock,
      onFatal: (error) => {
        throw error;
      },
    });
  const storage = await open();
  const api = await openBareApi(storage);
  await measureCreates(api);
  await measureLists(api);
  await measureWatches(api, "spec.nodeName");
  await measureWatches(api, undefined);
  await api.close();
  await storage.close();
  const again = await open();
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const started = performance.now();
  const loaded = await openBareApi(again);
  loop.disable();
  console.log(`load of ${podCount} pods: ${ms(performance.now() - started)}, longest turn ${ms(loop.max / 1e6)}`);
  await loaded.close();
  await again.close();
  rmSync(dir, { recursive: true });
}

async function measureCreates({ registry }: Api): Promise<void> {
  let next = 0;
  const writer = async (): Promise<void> => {
    for (let n = next++; n < podCount; n = next++)
      await registry.create(pods, "default", benchPod(`pod-${n}`, `node-${n % watcherCount}`), { user });
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: 64 }, writer));
  const seconds = (performance.now() - started) / 1000;
  console.log(`creates by 64 writers: ${Math.round(podCount / seconds)}/s`);
}

async function measureLists({ registry }: Api): Promise<void> {
  const selection = compileSelection(pods, { namespace: "" });
  const forms = { JSON: "application/json", Table: "application/json;as=Table;v=v1;g=meta.k8s.io" };
  for (const [name, accept] of Object.entries(forms)) {
    const results: { readonly tookMs: number; readonly stallMs: number; readonly bytes: number }[] = [];
    for (let round = 0; round < rounds; round++) {
      const loop = monitorEventLoopDelay({ resolution: 1 });
      loop.enable();
      const started = performance.now();
      const listed = await registry.list(pods, { selection });
      const context = { request: { headers: { accept }, query: new URLSearchParams() }, now: () => Date.now() };
      const { body } = encodeAnswer({ type: "list", definition: pods, ...listed }, context);
      let bytes = 0;
      if (body instanceof Uint8Array) bytes = body.length;
      else for await (const slab of body) bytes += slab.length;
      const tookMs = performance.now() - started;
      await systemClock.sleep(5);
      loop.disable();
      results.push({ tookMs, stallMs: loop.max / 1e6, bytes });
    }
    const median = results.toSorted((a, b) => a.tookMs - b.tookMs)[rounds >> 1];
    if (median) {
      const size = `${(median.bytes / 2 ** 20).toFixed(1)} MB`;
      console.log(`LIST as ${name}, ${size}: ${ms(median.tookMs)}, longest turn ${ms(median.stallMs)}`);
    }
  }
}

/** Time from the call of a write to the last watcher's having the bytes. */
async function measureWatches({ registry }: Api, field: string | undefined): Promise<void> {
  const before = process.memoryUsage();
  const stops: (() => void)[] = [];
  let received = 0;
  for (let at = 0; at < watcherCount; at++) {
    const { parseFieldSelector } = await import("../apimachinery/selector/field.js");
    const fields = field === undefined ? undefined : parseFieldSelector(`${field}=node-${at}`);
    const selection = compileSelection(pods, { namespace: "", fields });
    const { metadata } = await registry.list(pods, { selection, limit: 1 });
    const watcher = await registry.watch(pods, { selection, resourceVersion: metadata.resourceVersion });
    stops.push(() => watcher.end());
    const context = { request: { headers: {}, query: new URLSearchParams() }, now: () => Date.now() };
    const { body } = encodeAnswer({ type: "watch", definition: pods, events: watcher }, context);
    void (async () => {
      for await (const _ of body as AsyncIterable<Uint8Array>) received++;
    })();
  }
  const each = Math.round((process.memoryUsage().heapUsed - before.heapUsed) / watcherCount);
  const expected = field === undefined ? watcherCount : 1;
  const times: number[] = [];
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  for (let n = 0; n < 200; n++) {
    received = 0;
    const started = performance.now();
    const next = (object: { readonly metadata: object }) =>
      ({ ...object, metadata: { ...object.metadata, annotations: { n: `${field}-${n}` } } }) as never;
    const change = { subresource: "", part: "main" as const, next };
    await registry.update(pods, { namespace: "default", name: `pod-${n}` }, change, { user });
    while (received < expected) await new Promise((resolve) => setImmediate(resolve));
    times.push(performance.now() - started);
  }
  loop.disable();
  for (const stop of stops) stop();
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): string => ms(sorted[Math.floor(sorted.length * share)] ?? 0);
  const who = field === undefined ? "that all see it" : `each with ${field}=`;
  console.log(
    `write to last of ${watcherCount} watchers ${who}: p50 ${at(0.5)}, p99 ${at(0.99)}, longest turn ${ms(loop.max / 1e6)}, about ${each} bytes a watch`,
  );
}

const ms = (value: number): string => `${value.toFixed(1)} ms`;
