import { silentLog } from "../../base/log.js";
import { seededRandom } from "../../base/random.js";
import { VirtualClock } from "../../base/virtual-clock.js";
import type { Image, Runtime } from "../runtime/runtime.js";
import { simulatedNode } from "../runtime/simulated/node.js";
import { ImageCollector } from "./image-collector.js";
import { PullRecords } from "./pull-records.js";

const gib = 1024 ** 3;
let clock: VirtualClock;
let there: Image[];
let told: string[];
let stuck: Set<string>;
/** Of 100 GiB. */
let otherGib: number;
let collector: ImageCollector;
let records: PullRecords;
let betweenLists: () => void;
const credential = { auth: { username: "u", password: "p" }, from: { uid: "1", namespace: "n", name: "s" } };

beforeEach(() => {
  clock = new VirtualClock();
  told = [];
  stuck = new Set();
  otherGib = 0;
  betweenLists = () => {};
  records = new PullRecords(undefined, silentLog);
  there = [image("a", 10), image("b", 10), image("c", 10)];
  const { runtime } = simulatedNode({ clock, random: seededRandom(1) });
  const real: Runtime = Object.create(runtime, {
    images: { value: async () => there },
    containers: {
      value: async () => {
        betweenLists();
        return [{ imageId: "a", image: "" }];
      },
    },
    removeImage: {
      value: async (id: string) => {
        if (stuck.has(id)) throw new Error(`${id} is stuck`);
        there = there.filter((image) => image.id !== id);
      },
    },
    imageFsInfo: { value: async () => [{ mountpoint: "/images", atMs: 0, usedBytes: 0, inodesUsed: 0 }] },
  });
  collector = new ImageCollector({
    runtime: real,
    clock,
    log: silentLog,
    records,
    node: { kind: "Node", name: "one" },
    recorder: {
      record: ({ reason, message }) => void told.push(`${reason}: ${message}`),
      flushed: async () => {},
    },
    diskUse: async () => {
      const usedBytes = there.reduce((sum, { sizeBytes }) => sum + sizeBytes, otherGib * gib);
      return { capacityBytes: 100 * gib, availableBytes: 100 * gib - usedBytes };
    },
  });
});

const image = (id: string, sizeGib: number): Image => ({ id, names: [id], sizeBytes: sizeGib * gib });
const ids = (): readonly string[] => there.map(({ id }) => id);

test("what is pulled while it looks stays for those who may have it", async () => {
  betweenLists = () => records.pulled("new", "r/a", credential);
  await collector.collect();
  expect(records.isOpen("new", "r/a", "r/a:1")).toBe(false);
});

test("nothing goes below the high threshold", async () => {
  otherGib = 54;
  await collector.collect();
  expect(ids()).toEqual(["a", "b", "c"]);
});

test("above it, as much goes as brings the disk to the low one", async () => {
  otherGib = 56;
  await collector.collect();
  expect(ids()).toEqual(["a", "c"]);
  expect(told).toEqual([]);
});

test("where that is not enough, the node says so; from the second failure on, that collecting failed, too", async () => {
  otherGib = 80;
  there = [image("a", 10), image("b", 5), image("c", 5)];
  await collector.collect();
  const message =
    "Insufficient free disk space on the node's image filesystem (100% of 100.0 GiB used). Failed to free sufficient space by deleting unused images (freed 10737418240 bytes). Investigate disk usage, as it could be used by active images, logs, volumes, or other data.";
  expect(ids()).toEqual(["a"]);
  expect(told).toEqual([`FreeDiskSpaceFailed: ${message}`]);
  await collector.collect();
  expect(told[2]).toMatch(/^ImageGCFailed: Insufficient free disk space/);
});

test("an image that cannot be removed holds up no other", async () => {
  otherGib = 70;
  stuck.add("b");
  await collector.collect();
  await collector.collect();
  expect(ids()).toEqual(["a", "b"]);
  expect(told.at(-1)).toMatch(/^ImageGCFailed: wanted to free \d+ bytes, but freed 0 bytes .*: b is stuck$/);
});

test("an image that has just come stays for its first two minutes", async () => {
  const stop = new AbortController();
  const running = collector.run(stop.signal);
  await clock.advance(290_000);
  there.push(image("new", 5));
  otherGib = 100;
  await clock.advance(20_000);
  expect(ids()).toEqual(["a", "new"]);
  await clock.advance(300_000);
  expect(ids()).toEqual(["a"]);
  stop.abort();
  await running;
});

test("for want of disk everything unused goes", async () => {
  expect(await collector.removeUnused()).toBe(20 * gib);
  expect(ids()).toEqual(["a"]);
});
