import { setMaxListeners } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { type ConfigMap, configMaps } from "../../api/core/config-map.js";
import type { KubeObject } from "../../apimachinery/meta.js";
import { parseLabelSelector } from "../../apimachinery/selector/label.js";
import { systemClock } from "../../base/clock.js";
import { silentLog } from "../../base/log.js";
import { type Etcd, startEtcd } from "../../e2e/harness/etcd.js";
import { describeWith } from "../../e2e/harness/needs.js";
import { type ApiKit, configMap, openApiKit, tester } from "../endpoints/api.test-kit.js";
import type { WatchFrame } from "../request.js";
import { openEmbedded } from "../storage/embedded/embedded.js";
import { openEtcd } from "../storage/etcd/etcd.js";
import { openMemory } from "../storage/memory/memory.js";
import type { Storage } from "../storage/storage.js";
import { compileSelection, type Selection } from "../storage/watch-cache-selection.js";

const maps = "/api/v1/namespaces/default/configmaps";
const names = ["a", "b", "c", "d"];

type Step =
  | { readonly do: "put" | "create" | "delete"; readonly name: string; readonly label: string }
  | { readonly do: "watch"; readonly labelled: boolean; readonly from: "now" | "list" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom("put" as const, "create" as const, "delete" as const),
      name: fc.constantFrom(...names),
      label: fc.constantFrom("x", "y"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("watch" as const),
      labelled: fc.boolean(),
      from: fc.constantFrom("now" as const, "list" as const),
    }),
  },
);

/** What one watcher has seen, and what that makes of the collection. */
class Seen {
  readonly objects = new Map<string, KubeObject>();
  readonly done: Promise<void>;
  failure: unknown;
  #last = 0;

  constructor(start: readonly KubeObject[], since: number, events: AsyncIterable<readonly WatchFrame[]>) {
    for (const object of start) this.objects.set(object.metadata.name, object);
    this.#last = since;
    this.done = this.#read(events).catch((error: unknown) => {
      this.failure = error;
    });
  }

  async #read(events: AsyncIterable<readonly WatchFrame[]>): Promise<void> {
    let initial = this.#last === 0;
    for await (const frames of events) {
      for (const frame of frames) {
        if (frame.type === "ERROR") throw frame.error;
        if (frame.type === "BOOKMARK") {
          initial = false;
          continue;
        }
        this.#take(frame, initial);
      }
    }
  }

  #take(
    { type, revision: { object, json } }: WatchFrame & { readonly type: "ADDED" | "MODIFIED" | "DELETED" },
    initial: boolean,
  ): void {
    const { name, resourceVersion } = object.metadata;
    expect(JSON.parse(Buffer.from(json).toString())).toEqual(object);
    // Initial objects come in order of names; what follows comes in order of revisions, each one once.
    if (!initial) expect(Number(resourceVersion)).toBeGreaterThan(this.#last);
    this.#last = Math.max(this.#last, Number(resourceVersion));
    // No gap: an object is added only where none is, changed and deleted only where one is.
    expect(this.objects.has(name)).toBe(type !== "ADDED");
    if (type === "DELETED") this.objects.delete(name);
    else this.objects.set(name, object);
  }
}

const selectionOf = (labelled: boolean): Selection =>
  compileSelection(configMaps, {
    namespace: "default",
    ...(labelled ? { labels: parseLabelSelector("l=x") } : {}),
  });

async function startWatch({ api }: ApiKit, labelled: boolean, from: "now" | "list", stop: AbortSignal): Promise<Seen> {
  const selection = selectionOf(labelled);
  const follow = async (request: object): Promise<AsyncIterable<readonly WatchFrame[]>> => {
    const watcher = await api.registry.watch(configMaps, { selection, ...request });
    stop.addEventListener("abort", () => watcher.end(), { once: true });
    return watcher;
  };
  if (from === "now") return new Seen([], 0, await follow({ bookmarks: true, sendInitialEvents: true }));
  const { items, metadata } = await api.registry.list(configMaps, { selection });
  await new Promise((resolve) => setImmediate(resolve));
  const { resourceVersion } = metadata;
  return new Seen(
    items.map(({ object }) => object),
    Number(resourceVersion),
    await follow({ resourceVersion }),
  );
}

interface Watching {
  readonly labelled: boolean;
  readonly watcher: Seen;
}

async function run(storage: Storage, writers: readonly (readonly Step[])[]): Promise<void> {
  const kits = await Promise.all([openApiKit({ storage }), openApiKit({ storage })]);
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  try {
    const watching: Watching[] = [];
    let serial = 0;
    const write = async (kit: ApiKit, steps: readonly Step[]): Promise<void> => {
      for (const next of steps) {
        if (next.do === "watch") {
          const watcher = await startWatch(kit, next.labelled, next.from, stop.signal);
          watching.push({ labelled: next.labelled, watcher });
          continue;
        }
        const body = configMap(next.name, { serial: String(serial++) }, { labels: { l: next.label } });
        if (next.do === "create") await kit.json("POST", maps, { body });
        else if (next.do === "put") await kit.json("PUT", `${maps}/${next.name}`, { body });
        else await kit.json("DELETE", `${maps}/${next.name}`);
      }
    };
    await Promise.all(writers.map((steps, writer) => write(kits[writer % kits.length] ?? never(), steps)));
    await compare(kits, watching);
    stop.abort();
    await Promise.all(watching.map(({ watcher }) => watcher.done));
  } finally {
    stop.abort();
    for (const kit of kits) await kit.close();
  }
}

/** What each watcher has made of its events is what a list shows. */
async function compare(kits: readonly ApiKit[], watching: readonly Watching[]): Promise<void> {
  for (const labelled of [true, false]) {
    // A list without a version makes sure that the caches of both have got to the end.
    const request = { selection: selectionOf(labelled) };
    const lists = await Promise.all(kits.map(({ api }) => api.registry.list(configMaps, request)));
    const [end, other] = lists.map(({ items }) => items.map(({ object }) => object));
    expect(other).toEqual(end);
    await new Promise((resolve) => setImmediate(resolve));
    for (const { watcher } of watching.filter((each) => each.labelled === labelled)) {
      if (watcher.failure) throw watcher.failure;
      expect([...watcher.objects.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))).toEqual(end);
    }
  }
}

/** A failure is shown in a few seconds, shrunk or not. */
const bounds = { interruptAfterTimeLimit: 15_000, markInterruptAsFailure: true };

const writersOf = fc.array(fc.array(step, { minLength: 1, maxLength: 25 }), { minLength: 2, maxLength: 4 });

describe("every watcher sees an ordered, unique and complete history that ends in the list", () => {
  it("on the store in memory", () =>
    fc.assert(
      fc.asyncProperty(writersOf, async (writers) => {
        const storage = openMemory({ clock: systemClock });
        await run(storage, writers);
        await storage.close();
      }),
      { ...bounds, numRuns: 60 },
    ));

  it("on the embedded store", async () => {
    const dir = await mkdtemp(join(tmpdir(), "navarch-history-"));
    let round = 0;
    await fc.assert(
      fc.asyncProperty(writersOf, async (writers) => {
        const fail = (error: unknown): never => {
          throw error;
        };
        const path = join(dir, String(round++));
        const storage = await openEmbedded({ dir: path, log: silentLog, clock: systemClock, onFatal: fail });
        await run(storage, writers);
        await storage.close();
      }),
      { ...bounds, numRuns: 8 },
    );
    await rm(dir, { recursive: true });
  });
});

describeWith(["etcd"], "histories and counting on etcd", () => {
  let etcd: Etcd;
  let storage: Storage;
  beforeAll(async () => {
    etcd = await startEtcd();
    storage = await openEtcd({ endpoints: etcd.endpoints, log: silentLog, clock: systemClock });
  });
  afterAll(async () => {
    await storage.close();
    await etcd.stop();
  });

  it("gives every watcher an ordered, unique and complete history that ends in the list", () =>
    fc.assert(
      fc.asyncProperty(writersOf, (writers) => run(storage, writers)),
      { ...bounds, numRuns: 8 },
    ));

  it("gives a reader on one server what was written on another", async () => {
    const kits = [await openApiKit({ storage }), await openApiKit({ storage })];
    for (let round = 0; round < 50; round++) {
      const [writer, reader] = round % 2 ? kits : kits.toReversed();
      await writer?.json("POST", "/api/v1/namespaces/fresh/configmaps", { body: configMap(`m${round}`) });
      const listed = await reader?.json("GET", "/api/v1/namespaces/fresh/configmaps");
      expect(listed?.body.items).toHaveLength(round + 1);
      expect((await reader?.json("GET", `/api/v1/namespaces/fresh/configmaps/m${round}`))?.status).toBe(200);
    }
    for (const kit of kits) await kit.close();
  });
});

describe("64 clients that count in one object", () => {
  const count = async (increment: (kit: ApiKit) => Promise<void>): Promise<string | undefined> => {
    const storage = openMemory({ clock: systemClock });
    const kits = [await openApiKit({ storage }), await openApiKit({ storage })];
    await kits[0]?.json("POST", maps, { body: configMap("counter", { n: "0" }) });
    const client = async (kit: ApiKit): Promise<void> => {
      for (let done = 0; done < 50; done++) await increment(kit);
    };
    await Promise.all(Array.from({ length: 64 }, (_, at) => client(kits[at % 2] ?? never())));
    const { body } = (await kits[0]?.json("GET", `${maps}/counter`)) ?? {};
    for (const kit of kits) await kit.close();
    await storage.close();
    return body?.data.n;
  };

  it("end at 3,200 when they read, add and write with the version that they read", async () => {
    const total = await count(async (kit) => {
      for (let waitMs = 1; ; waitMs *= 2) {
        const { body } = await kit.json("GET", `${maps}/counter`);
        const next = { ...body, data: { n: String(Number(body.data.n) + 1) } };
        const { status } = await kit.json("PUT", `${maps}/counter`, { body: next });
        if (status === 200) return;
        expect(status).toBe(409);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(waitMs, 64)));
      }
    });
    expect(total).toBe("3200");
  });

  it("end at 3,200 when the registry itself tries again", async () => {
    const total = await count(async ({ api }) => {
      const next = (current: ConfigMap) => ({ ...current, data: { n: String(Number(current.data?.n) + 1) } });
      const change = { subresource: "", part: "main" as const, next };
      await api.registry.update(configMaps, { namespace: "default", name: "counter" }, change, { user: tester });
    });
    expect(total).toBe("3200");
  });
});

function never(): never {
  throw new Error("there are two");
}
