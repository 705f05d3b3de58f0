import { leases } from "../api/coordination/lease.js";
import { configMaps } from "../api/core/config-map.js";
import { namespaces } from "../api/core/namespace.js";
import { silentLog } from "../base/log.js";
import { seededRandom } from "../base/random.js";
import { VirtualClock } from "../base/virtual-clock.js";
import { FlakyDoor } from "../e2e/harness/flaky-door.js";
import { type MemoryApi, openMemoryApi } from "../e2e/harness/memory-api.js";
import type { Client } from "./client.js";
import { runLeaderElection } from "./leader-election.js";

const name = { namespace: "kube-system", name: "the-lease" };
let clock: VirtualClock;
let server: MemoryApi;
const running: { stop(): Promise<void> }[] = [];

beforeEach(async () => {
  clock = new VirtualClock();
  server = await openMemoryApi({ clock });
  await server.client.create(namespaces, { metadata: { name: "kube-system" } });
});
afterEach(async () => {
  for (const candidate of running.splice(0)) await candidate.stop();
  await server.close();
});

interface Contender {
  readonly door: FlakyDoor;
  readonly reigns: { readonly fromMs: number; toMs: number | undefined }[];
  readonly isLeading: () => boolean;
  guarded: Client | undefined;
  stop(): Promise<void>;
}

function contend(identity: string, seed: number): Contender {
  const door = new FlakyDoor(server.door);
  const abort = new AbortController();
  const contender: Contender = {
    door,
    reigns: [],
    isLeading: () => contender.reigns.at(-1)?.toMs === undefined && contender.reigns.length > 0,
    guarded: undefined,
    async stop() {
      abort.abort();
      await clock.advance(0);
      await ended;
    },
  };
  const ended = runLeaderElection(
    {
      client: door.client,
      clock,
      random: seededRandom(seed),
      log: silentLog,
      lease: name,
      identity,
      lead: async (signal, guarded) => {
        const reign: Contender["reigns"][number] = { fromMs: clock.monotonic(), toMs: undefined };
        contender.reigns.push(reign);
        contender.guarded = guarded;
        await new Promise<void>((resolve) => {
          if (signal.aborted) resolve();
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
        reign.toMs = clock.monotonic();
      },
    },
    abort.signal,
  );
  running.push(contender);
  return contender;
}

test("one of several leads, says so in the lease, and keeps it while it can renew", async () => {
  const [a, b] = [contend("a", 1), contend("b", 2)];
  await clock.advance(120_000);
  expect([a.reigns.length, b.reigns.length].sort()).toEqual([0, 1]);
  const { spec } = await server.client.get(leases, name);
  expect(spec).toMatchObject({
    holderIdentity: a.isLeading() ? "a" : "b",
    leaseDurationSeconds: 15,
    leaseTransitions: 0,
  });
  expect(Date.parse(spec.renewTime ?? "")).toBeGreaterThan(clock.now() - 5_000);
});

test("a leader that stops hands over at once", async () => {
  const a = contend("a", 1);
  await clock.advance(1_000);
  const b = contend("b", 2);
  await clock.advance(10_000);
  expect(a.isLeading()).toBe(true);
  await a.stop();
  await clock.advance(5_000);
  expect(b.isLeading()).toBe(true);
  expect((await server.client.get(leases, name)).spec.leaseTransitions).toBe(1);
});

test("a leader cut off stops before the lease runs out, and only then another begins", async () => {
  const a = contend("a", 1);
  await clock.advance(1_000);
  const b = contend("b", 2);
  await clock.advance(10_000);
  const cutMs = clock.monotonic();
  a.door.replace(undefined);
  await clock.advance(30_000);
  const [ended] = a.reigns;
  expect(ended?.toMs).toBeLessThanOrEqual(cutMs + 10_000);
  expect(b.isLeading()).toBe(true);
  expect((b.reigns[0]?.fromMs ?? 0) - (ended?.toMs ?? Number.POSITIVE_INFINITY)).toBeGreaterThan(0);
  a.door.replace(server.door);
  await clock.advance(60_000);
  expect(a.isLeading()).toBe(false);
});

test("an answer that never comes does not prolong a reign", async () => {
  const a = contend("a", 1);
  await clock.advance(1_000);
  const cutMs = clock.monotonic();
  a.door.replace(() => new Promise(() => {}));
  await clock.advance(10_001);
  expect(a.reigns[0]?.toMs ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(cutMs + 10_000);
});

test("once leadership is over the guarded client writes nothing", async () => {
  const a = contend("a", 1);
  await clock.advance(1_000);
  const write = () => a.guarded?.create(configMaps, { metadata: { generateName: "x-", namespace: "kube-system" } });
  await write();
  a.door.replace(undefined);
  await clock.advance(12_000);
  a.door.replace(server.door);
  await expect(write()).rejects.toThrow("leadership is lost");
  expect((await server.client.list(configMaps)).items).toHaveLength(1);
});

test("a lease taken by force ends the reign at the next renewal", async () => {
  const a = contend("a", 1);
  await clock.advance(1_000);
  const lease = await server.client.get(leases, name);
  await server.client.update(leases, { ...lease, spec: { ...lease.spec, holderIdentity: "someone" } });
  await clock.advance(3_000);
  expect(a.isLeading()).toBe(false);
  await clock.advance(60_000);
  expect(a.isLeading()).toBe(true);
});

test("over random outages of three candidates never two lead at a time", async () => {
  const random = seededRandom(11);
  const all = [contend("a", 1), contend("b", 2), contend("c", 3)];
  for (let round = 0; round < 120; round++) {
    const one = all[Math.floor(random.next() * all.length)];
    one?.door.replace(random.next() < 0.5 ? undefined : server.door);
    await clock.advance(random.next() * 8_000);
    expect(all.filter((each) => each.isLeading()).length).toBeLessThanOrEqual(1);
  }
  expect(all.flatMap(({ reigns }) => reigns).length).toBeGreaterThan(3);
});
