import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, copyFileSync, mkdirSync, openSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { assert } from "../../../base/assert.js";
import { systemClock } from "../../../base/clock.js";
import { silentLog } from "../../../base/log.js";
import type { Random } from "../../../base/random.js";
import { storeFileName } from "../embedded/disk.js";
import { openEmbedded } from "../embedded/embedded.js";
import type { Storage, StorageEvent } from "../storage.js";
import { bundleWriter } from "./bundle.js";
import { type Step, stepOf, writers } from "./script.js";

export interface CrashOptions {
  /** For the store, the bundle and the journals. */
  readonly dir: string;
  readonly rounds: number;
  readonly random: Random;
  readonly onRound?: (round: number, report: CrashReport) => void;
}
export interface CrashReport {
  rounds: number;
  acknowledged: number;
  /** Writes that were in flight when the process was killed and turned out to be on disk. */
  unacknowledgedKept: number;
}

/** The kill comes this long after the first acknowledgement, at random. */
const killWithinMs = 60;
const startTimeoutMs = 30_000;
const fillTimeoutMs = 30_000;

interface WriterState {
  readonly steps: number;
  readonly values: ReadonlyMap<string, string>;
}

/**
 * Kills a writing process again and again, opens what it left, and compares with what it had been told: every
 * acknowledged write is there, of those in flight at most one a writer, and nothing seen by a watcher is gone.
 * Throws at the first difference.
 */
export async function crashRounds({ dir, rounds, random, onRound }: CrashOptions): Promise<CrashReport> {
  const bundle = bundleWriter(dir);
  const store = join(dir, "store");
  const report: CrashReport = { rounds: 0, acknowledged: 0, unacknowledgedKept: 0 };
  let states = noSteps;
  let revision = 1;
  for (let round = 0; round < rounds; round++) {
    const journal = await killedRun({ bundle, store, journalFile: join(dir, "journal"), states, random });
    ({ states, revision } = await verify(store, { states, revision }, journal, report));
    report.rounds++;
    onRound?.(round, report);
  }
  return report;
}

export interface FullDiskOptions {
  /** For the bundle, the journal and a copy of the store. */
  readonly dir: string;
  /** On a disk that a few thousand writes fill. */
  readonly store: string;
}

/**
 * Lets the writing process run until its disk is full, and compares what it left with what it had been told, as
 * `crashRounds` does. Throws at the first difference.
 */
export async function fillDisk({
  dir,
  store,
}: FullDiskOptions): Promise<CrashReport & { readonly exitCode: number | null }> {
  const journalFile = join(dir, "journal");
  const { child, exit } = startWriter({ bundle: bundleWriter(dir), store, journalFile, states: noSteps }, "ignore");
  const overdue = setTimeout(() => child.kill("SIGKILL"), fillTimeoutMs);
  await exit;
  clearTimeout(overdue);
  const journal = parseJournal(readFileSync(journalFile, "utf8"));
  const copy = join(dir, "copy");
  mkdirSync(copy);
  copyFileSync(join(store, storeFileName), join(copy, storeFileName));
  const report: CrashReport = { rounds: 1, acknowledged: 0, unacknowledgedKept: 0 };
  await verify(copy, { states: noSteps, revision: 1 }, journal, report);
  return { ...report, exitCode: child.exitCode };
}

interface Known {
  readonly states: readonly WriterState[];
  readonly revision: number;
}
const noSteps: readonly WriterState[] = Array.from({ length: writers }, () => ({ steps: 0, values: new Map() }));

async function verify(dir: string, before: Known, journal: Journal, report: CrashReport): Promise<Known> {
  const storage = await openEmbedded({ dir, log: silentLog, clock: systemClock, onFatal: () => undefined });
  try {
    const states: WriterState[] = [];
    for (const [writer, state] of before.states.entries())
      states.push(await verifyWriter(storage, writer, state, journal.acknowledged.get(writer) ?? [], report));
    return { states, revision: await verifyHistory(storage, before.revision, journal) };
  } finally {
    await storage.close();
  }
}

interface Journal {
  /** Steps and revisions acknowledged, by writer. */
  readonly acknowledged: ReadonlyMap<number, readonly { readonly step: number; readonly revision: number }[]>;
  readonly events: readonly { readonly revision: number; readonly key: string }[];
}

interface WriterOptions {
  readonly bundle: string;
  readonly store: string;
  readonly journalFile: string;
  readonly states: readonly WriterState[];
}

function startWriter(
  { bundle, store, journalFile, states }: WriterOptions,
  stderr: "inherit" | "ignore",
): {
  readonly child: ChildProcess;
  readonly exit: Promise<void>;
} {
  const output = openSync(journalFile, "w");
  const steps = JSON.stringify(states.map((state) => state.steps));
  const child = spawn(process.execPath, [bundle, store, steps], { stdio: ["ignore", output, stderr] });
  closeSync(output);
  return { child, exit: new Promise((resolve) => child.once("exit", () => resolve())) };
}

async function killedRun(options: WriterOptions & { readonly random: Random }): Promise<Journal> {
  const { child, exit } = startWriter(options, "inherit");
  const deadline = performance.now() + startTimeoutMs;
  while (statSync(options.journalFile).size === 0 && child.exitCode === null) {
    assert(performance.now() < deadline, "the writing process wrote nothing");
    await sleep(5);
  }
  await sleep(options.random.next() * killWithinMs);
  assert(child.exitCode === null, "the writing process ended by itself");
  child.kill("SIGKILL");
  await exit;
  return parseJournal(readFileSync(options.journalFile, "utf8"));
}

function parseJournal(text: string): Journal {
  const acknowledged = new Map<number, { step: number; revision: number }[]>();
  const events: { revision: number; key: string }[] = [];
  // The last line may be cut off.
  for (const line of text.slice(0, text.lastIndexOf("\n") + 1).split("\n")) {
    const [kind, first, second, third] = line.split(" ");
    if (kind === "e") events.push({ revision: Number(first), key: second ?? "" });
    if (kind !== "a") continue;
    const writer = Number(first);
    const list = acknowledged.get(writer) ?? [];
    list.push({ step: Number(second), revision: Number(third) });
    acknowledged.set(writer, list);
  }
  return { acknowledged, events };
}

/** The writer's keys hold what its acknowledged steps left, or those and the one step that was in flight. */
async function verifyWriter(
  storage: Storage,
  writer: number,
  before: WriterState,
  acknowledged: readonly { readonly step: number }[],
  report: CrashReport,
): Promise<WriterState> {
  let sure = before;
  for (const { step } of acknowledged) {
    assert(step === sure.steps, `writer ${writer}: step ${step} acknowledged after ${sure.steps} steps`);
    sure = advance(writer, sure);
  }
  report.acknowledged += acknowledged.length;
  const { items } = await storage.list(`/registry/crash/w${writer}/`);
  const found = new Map(items.map((item) => [item.key, Buffer.from(item.value).toString()]));
  if (sameValues(found, sure.values)) return sure;
  const perhaps = advance(writer, sure);
  assert(
    sameValues(found, perhaps.values),
    `writer ${writer}: after step ${sure.steps} the store holds something else`,
  );
  report.unacknowledgedKept++;
  return perhaps;
}

function advance(writer: number, { steps, values }: WriterState): WriterState {
  const next = new Map(values);
  const step: Step = stepOf(writer, steps, (key) => values.has(key));
  if (step.type === "put") next.set(step.key, step.value);
  else next.delete(step.key);
  return { steps: steps + 1, values: next };
}

const sameValues = (left: ReadonlyMap<string, string>, right: ReadonlyMap<string, string>): boolean =>
  left.size === right.size && [...left].every(([key, value]) => right.get(key) === value);

/** What a watcher of the killed process saw, and the revisions it acknowledged, are the history that is on disk. */
async function verifyHistory(storage: Storage, before: number, journal: Journal): Promise<number> {
  const current = await storage.currentRevision();
  const history = new Map((await changesSince(storage, before, current)).map((event) => [event.revision, event]));
  assert(history.size === current - before, `${history.size} events between revisions ${before} and ${current}`);
  for (const [index, { revision, key }] of journal.events.entries()) {
    assert(
      revision === before + 1 + index,
      `the watcher saw revision ${revision} as number ${index + 1} after ${before}`,
    );
    assert(history.get(revision)?.key === key, `the watcher saw ${key} at revision ${revision}`);
  }
  for (const [writer, list] of journal.acknowledged)
    for (const { step, revision } of list)
      assert(
        history.get(revision)?.key.startsWith(`/registry/crash/w${writer}/`),
        `step ${step} of writer ${writer} is not at its revision ${revision}`,
      );
  return current;
}

async function changesSince(storage: Storage, after: number, upTo: number): Promise<readonly StorageEvent[]> {
  if (after === upTo) return [];
  const controller = new AbortController();
  const events: StorageEvent[] = [];
  for await (const batch of storage.watch("/registry/", after, controller.signal)) {
    events.push(...batch);
    if ((batch.at(-1)?.revision ?? 0) >= upTo) break;
  }
  controller.abort();
  return events;
}
