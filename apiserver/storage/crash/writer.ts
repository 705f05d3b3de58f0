import { writeSync } from "node:fs";
import { systemClock } from "../../../base/clock.js";
import { silentLog } from "../../../base/log.js";
import { openEmbedded } from "../embedded/embedded.js";
import type { Storage } from "../storage.js";
import { stepOf } from "./script.js";

/**
 * The process that is killed. Arguments: the store's directory, and the steps that each writer has done. It notes on
 * its standard output, a file, every acknowledgement (`a writer step revision`) and every event seen (`e revision key`).
 */
const [dir = "", done = "[]"] = process.argv.slice(2);
const stepsDone = JSON.parse(done) as readonly number[];

const storage = await openEmbedded({
  dir,
  log: silentLog,
  clock: systemClock,
  onFatal: (error) => {
    throw error;
  },
});
void watch(storage, await storage.currentRevision());
await Promise.all(stepsDone.map((from, writer) => write(storage, writer, from)));

async function write(store: Storage, writer: number, from: number): Promise<void> {
  for (let step = from; ; step++) {
    // What is unpublished is the writer's own, and it waits for that.
    const held = new Map<string, number>();
    for (const item of (await store.list(`/registry/crash/w${writer}/`)).items) held.set(item.key, item.revision);
    const action = stepOf(writer, step, (key) => held.has(key));
    const expected = held.get(action.key) ?? 0;
    const outcome =
      action.type === "put"
        ? await store.update(action.key, Buffer.from(action.value), expected)
        : await store.delete(action.key, expected);
    if (!outcome.ok) throw new Error(`writer ${writer} lost step ${step}`);
    writeSync(1, `a ${writer} ${step} ${outcome.revision}\n`);
  }
}

async function watch(store: Storage, after: number): Promise<void> {
  for await (const events of store.watch("/registry/", after, new AbortController().signal))
    writeSync(1, events.map((event) => `e ${event.revision} ${event.key}\n`).join(""));
}
