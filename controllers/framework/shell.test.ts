import { type ConfigMap, configMaps } from "../../api/core/config-map.js";
import { namespaces } from "../../api/core/namespace.js";
import { pods } from "../../api/core/pod/pod.js";
import { assert } from "../../base/assert.js";
import { VirtualClock } from "../../base/virtual-clock.js";
import { openWorkshop, type Workshop } from "../../e2e/harness/controllers.js";
import { type Controller, type ControllerOutcome, defineController, defineSweep } from "./controller.js";
import { create, nothing, remove, update } from "./plan.js";

let workshop: Workshop;
const outcomes: [string, ControllerOutcome][] = [];
async function open(...controllers: readonly Controller[]): Promise<void> {
  outcomes.length = 0;
  workshop = await openWorkshop(new VirtualClock(), controllers, {
    onOutcome: (name, outcome) => outcomes.push([name, outcome]),
  });
  await workshop.client.create(namespaces, { metadata: { name: "default" } });
}
afterEach(() => workshop.stop());

const put = (name: string, data: Record<string, string> = {}) =>
  workshop.client.create(configMaps, { metadata: { name, namespace: "default" }, data });
const get = (name: string) => workshop.client.get(configMaps, { namespace: "default", name });

/** Makes `data.wanted` further ConfigMaps of each. */
const copier = (observed: (owned: number) => void = () => {}): Controller =>
  defineController({
    name: "copier",
    reconciles: configMaps,
    owns: [configMaps],
    observe: (object, cache) => cache.owned(configMaps, object),
    reconcile: (object, owned) => {
      observed(owned.length);
      const missing = Number(object.data?.wanted ?? 0) - owned.length;
      const { uid, name } = object.metadata;
      return {
        actions: Array.from({ length: Math.max(0, missing) }, () =>
          create(configMaps, {
            metadata: {
              generateName: `${name}-`,
              namespace: "default",
              ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name, uid, controller: true }],
            },
          }),
        ),
      };
    },
  });

test("a key is not decided again before the cache shows what was written for it", async () => {
  const seen: number[] = [];
  await open(copier((count) => seen.push(count)));
  await put("a", { wanted: "5" });
  await workshop.until("five copies", async () => (await workshop.client.list(configMaps)).items.length === 6);
  await workshop.clock.advance(5_000);
  expect((await workshop.client.list(configMaps)).items).toHaveLength(6);
  // Decided on nothing or on everything, never on a part of its own writes.
  expect([...new Set(seen)].sort()).toEqual([0, 5]);
});

test("an assertion stalls its own key with growing pauses, and no other", async () => {
  const attempts = new Map<string, number>();
  await open(
    defineController({
      name: "marker",
      reconciles: configMaps,
      observe: () => undefined,
      reconcile: (object) => {
        const { name } = object.metadata;
        attempts.set(name, (attempts.get(name) ?? 0) + 1);
        assert(name !== "poison", "cannot be");
        return object.data?.seen ? nothing : { actions: [update(configMaps, { ...object, data: { seen: "yes" } })] };
      },
    }),
  );
  await put("poison");
  for (let at = 0; at < 20; at++) await put(`fine-${at}`);
  await workshop.clock.advance(10_000);
  for (let at = 0; at < 20; at++) expect((await get(`fine-${at}`)).data).toEqual({ seen: "yes" });
  expect(attempts.get("poison")).toBeGreaterThan(5);
  expect(attempts.get("poison")).toBeLessThan(20);
  expect(outcomes.filter(([, outcome]) => outcome === "assertion").length).toBe(attempts.get("poison"));
});

test("a plan that fails stops at the first failing batch and is tried again", async () => {
  let allowed = false;
  const made: string[] = [];
  await open(
    defineController({
      name: "maker",
      reconciles: namespaces,
      reads: [configMaps],
      observe: (namespace, cache) => cache.list(configMaps, namespace.metadata.name).length,
      reconcile: ({ metadata }, count) => ({
        actions:
          count > 0
            ? []
            : Array.from({ length: 7 }, (_, at) => {
                made.push(`${at}`);
                return create(configMaps, {
                  metadata: { name: allowed || at !== 1 ? `m-${at}` : "Not A Name", namespace: metadata.name },
                });
              }),
      }),
    }),
  );
  await workshop.clock.advance(1);
  // One, then two of which one fails: the other four were not tried.
  expect((await workshop.client.list(configMaps)).items.map(({ metadata }) => metadata.name).sort()).toEqual([
    "m-0",
    "m-2",
  ]);
  allowed = true;
  expect(outcomes[0]).toEqual(["maker", "failed"]);
});

test("only a status that differs is written", async () => {
  let decided = 0;
  await open(
    defineController({
      name: "reporter",
      reconciles: pods,
      observe: () => undefined,
      reconcile: () => {
        decided += 1;
        return { actions: [], status: { phase: "Running" as const, message: "fine" } };
      },
    }),
  );
  await workshop.client.create(pods, {
    metadata: { name: "a", namespace: "default" },
    spec: { containers: [{ name: "x", image: "x" }] },
  });
  await workshop.clock.advance(1_000);
  const { status, metadata } = await workshop.client.get(pods, { namespace: "default", name: "a" });
  expect(status).toMatchObject({ phase: "Running", message: "fine" });
  await workshop.client.patch(
    pods,
    { namespace: "default", name: "a" },
    { type: "merge", body: { metadata: { labels: { x: "y" } } } },
  );
  await workshop.clock.advance(1_000);
  const after = await workshop.client.get(pods, { namespace: "default", name: "a" });
  expect(Number(after.metadata.resourceVersion)).toBeGreaterThan(Number(metadata.resourceVersion));
  expect(decided).toBeLessThanOrEqual(4);
  expect(outcomes.every(([, outcome]) => outcome === "done")).toBe(true);
});

test("a sweep runs at changes and at its interval, and what it deletes is what it saw", async () => {
  const sweeps: number[] = [];
  await open(
    defineSweep({
      name: "sweeper",
      watches: [configMaps],
      everyMs: 10_000,
      observe: (cache) => cache.list(configMaps).filter(({ data }) => data?.rubbish === "yes"),
      reconcile: (rubbish: readonly ConfigMap[], { nowMs }) => {
        sweeps.push(nowMs);
        return { actions: rubbish.map((object) => remove(configMaps, object)) };
      },
    }),
  );
  await workshop.clock.advance(30_000);
  const idle = sweeps.length;
  expect(idle).toBeGreaterThanOrEqual(3);
  expect(idle).toBeLessThanOrEqual(5);
  await put("a", { rubbish: "yes" });
  await put("b", { rubbish: "no" });
  await workshop.clock.advance(100);
  expect((await workshop.client.list(configMaps)).items.map(({ metadata }) => metadata.name)).toEqual(["b"]);
});

test("a key whose decision is costly rests in proportion, however many events come", async () => {
  /** Time that passes while code runs. */
  class BusyClock extends VirtualClock {
    spentMs = 0;
    override monotonic(): number {
      return super.monotonic() + this.spentMs;
    }
  }
  const clock = new BusyClock();
  let decided = 0;
  workshop = await openWorkshop(clock, [
    defineController({
      name: "costly",
      reconciles: configMaps,
      observe: () => undefined,
      reconcile: () => {
        decided += 1;
        clock.spentMs += 20;
        return nothing;
      },
    }),
  ]);
  await workshop.client.create(namespaces, { metadata: { name: "default" } });
  await put("busy");
  const name = { namespace: "default", name: "busy" };
  for (let at = 0; at < 100; at++) {
    await workshop.client.patch(configMaps, name, { type: "merge", body: { data: { at: `${at}` } } });
    await clock.advance(10);
  }
  expect(decided).toBeGreaterThan(3);
  expect(decided).toBeLessThan(12);
  await clock.advance(1_000);
  const before = decided;
  await clock.advance(10_000);
  expect(decided).toBe(before);
});
