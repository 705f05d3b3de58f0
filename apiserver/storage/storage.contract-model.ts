import fc from "fast-check";
import type { Backend } from "./storage.contract.js";
import type { Storage, StoredList, StoredValue, WriteOutcome } from "./storage.js";
import { bytes, collectCount, freshPrefix, shown, shownEvent } from "./storage.test-kit.js";

type Operation =
  | { readonly type: "create" | "update" | "delete"; readonly key: string; readonly stale: boolean }
  | {
      readonly type: "list";
      readonly prefix: string;
      readonly back: number;
      readonly limit: number;
      readonly after: string;
    };

const key = fc.constantFrom("a", "a/b", "ab", "b", "b/c/d", "c");
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ type: fc.constantFrom("create", "update", "delete"), key, stale: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("list"),
      prefix: fc.constantFrom("", "a", "a/", "b"),
      back: fc.nat(6),
      limit: fc.nat(4),
      after: fc.oneof(fc.constant(""), key),
    }),
  },
) as fc.Arbitrary<Operation>;

/** Any history of writes and reads ends as a map with a log says. */
export function describeModel({ name, open, modelRuns }: Backend): void {
  describe(`${name}: against a model`, () => {
    let storage: Storage;
    beforeAll(async () => {
      storage = await open();
    });
    afterAll(() => storage.close());

    it("does what a map with a log would do", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(operation, { maxLength: 40 }), async (operations) => {
          const prefix = freshPrefix();
          const before = await storage.currentRevision();
          const model = new Model(before);
          for (const step of operations) await perform(storage, model, prefix, step);
          expect((await storage.list(prefix)).items.map(shown)).toEqual(model.at(model.revision).map(shown));
          if (model.log.length === 0) return;
          const events = await collectCount(storage, prefix, before, model.log.length);
          expect(events.map(shownEvent)).toEqual(model.log.map(({ event }) => event));
        }),
        { numRuns: modelRuns },
      );
    });
  });
}

/** Performs one step on both and compares the answers. */
async function perform(storage: Storage, model: Model, prefix: string, step: Operation): Promise<void> {
  if (step.type === "list") {
    const revision = Math.max(model.first, model.revision - step.back);
    const after = step.after === "" ? undefined : prefix + step.after;
    const options = { revision, limit: step.limit, ...(after === undefined ? {} : { after }) };
    const list = await storage.list(prefix + step.prefix, options);
    expect(shownList(list)).toEqual(shownList(model.list(prefix + step.prefix, revision, step.limit, after)));
    return;
  }
  const full = prefix + step.key;
  const current = model.current(full);
  const expected = step.type === "create" ? 0 : (current?.revision ?? 1) - (step.stale ? 1 : 0);
  const value = bytes(`${step.key}@${model.revision}`);
  const outcome = await {
    create: () => storage.create(full, value),
    update: () => storage.update(full, value, expected),
    delete: () => storage.delete(full, expected),
  }[step.type]();
  const wins = expected === (current?.revision ?? 0) && (expected > 0 || step.type !== "delete");
  if (wins) model.write(full, step.type === "delete" ? undefined : value);
  expect(shownOutcome(outcome)).toEqual(wins ? model.revision : ["lost", shown(current)]);
}

const shownOutcome = (outcome: WriteOutcome): unknown =>
  outcome.ok ? outcome.revision : ["lost", shown(outcome.current)];
const shownList = ({ items, revision, remaining }: StoredList): unknown => [items.map(shown), revision, remaining];

/** The specification: a log of writes, replayed for every question. */
class Model {
  readonly first: number;
  revision: number;
  readonly log: {
    readonly key: string;
    readonly stored: StoredValue | undefined;
    readonly revision: number;
    readonly event: unknown;
  }[] = [];

  constructor(first: number) {
    this.first = first;
    this.revision = first;
  }

  current(key: string): StoredValue | undefined {
    return this.log.findLast((entry) => entry.key === key)?.stored;
  }

  write(key: string, value: Uint8Array | undefined): void {
    const previous = this.current(key);
    const revision = ++this.revision;
    const stored = value && { key, value, revision };
    const event = value
      ? [previous ? "update" : "create", key, Buffer.from(value).toString(), revision, shown(previous)]
      : ["delete", key, revision, shown(previous)];
    this.log.push({ key, stored, revision, event });
  }

  at(revision: number): readonly StoredValue[] {
    const state = new Map<string, StoredValue | undefined>();
    for (const entry of this.log) if (entry.revision <= revision) state.set(entry.key, entry.stored);
    return [...state.values()]
      .flatMap((stored) => stored ?? [])
      .toSorted((left, right) => Buffer.compare(Buffer.from(left.key), Buffer.from(right.key)));
  }

  list(prefix: string, revision: number, limit: number, after: string | undefined): StoredList {
    const all = this.at(revision).filter(
      (item) => item.key.startsWith(prefix) && (after === undefined || item.key > after),
    );
    const items = limit === 0 ? all : all.slice(0, limit);
    return { items, revision, remaining: all.length - items.length };
  }
}
