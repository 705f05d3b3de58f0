import { array, assert, boolean, integer, property, record } from "fast-check";
import type { ContainerRecord, Image } from "../runtime/runtime.js";
import {
  bytesToFree,
  defaultGarbagePolicy,
  garbageOf,
  nodeImages,
  seenBefore,
  sightings,
  usedPercent,
} from "./garbage.js";

const image = (id: string, parts: Partial<Image> = {}): Image => ({
  id,
  names: [`${id}:latest`],
  sizeBytes: 100,
  ...parts,
});
const containerOf = (imageId: string): ContainerRecord => ({
  ...{ id: "c", sandboxId: "s", pod: { uid: "u", namespace: "n", name: "p" }, name: "main", attempt: 0 },
  ...{ state: "exited", createdAtMs: 0, image: "", imageId, annotations: {} },
});
const hour = 3_600_000;

test.each([
  [84, 0],
  [85, 5],
  [100, 20],
])("at %d%% in use, %d%% go", (percent, goes) => {
  const disk = { capacityBytes: 1_000, availableBytes: 1_000 - percent * 10 };
  expect(usedPercent(disk)).toBe(percent);
  expect(bytesToFree(disk, defaultGarbagePolicy)).toBe(goes * 10);
});

test("the longest unused goes first, then the one seen first", () => {
  const images = ["a", "b", "c", "d"].map((id) => image(id));
  const seen = new Map([
    ["a", { firstSeenMs: 10, lastUsedMs: 50 }],
    ["b", { firstSeenMs: 20, lastUsedMs: 0 }],
    ["c", { firstSeenMs: seenBefore, lastUsedMs: 0 }],
    ["d", { firstSeenMs: 5, lastUsedMs: 40 }],
  ]);
  expect(garbageOf(images, seen, hour, 0).map(({ id }) => id)).toEqual(["c", "b", "d", "a"]);
});

test("what a container was made from stays, ended containers included, by whatever name", () => {
  const images = [image("sha256:1", { names: ["r/a:1", "r/a@sha256:9"] }), image("sha256:2"), image("sha256:3")];
  const containers = [containerOf("r/a@sha256:9"), containerOf("sha256:2")];
  const seen = sightings(new Map(), images, containers, { firstSeenMs: seenBefore, nowMs: hour });
  expect(garbageOf(images, seen, hour, 0).map(({ id }) => id)).toEqual(["sha256:3"]);
});

test("what is young, or the runtime's own, stays", () => {
  const images = [image("young"), image("pinned", { pinned: true }), image("old")];
  const before = new Map([["old", { firstSeenMs: 0, lastUsedMs: 0 }]]);
  const seen = sightings(before, images, [], { firstSeenMs: hour, nowMs: hour });
  expect(garbageOf(images, seen, hour + 119_999, 120_000).map(({ id }) => id)).toEqual(["old"]);
  expect(garbageOf(images, seen, hour + 120_000, 120_000).map(({ id }) => id)).toEqual(["old", "young"]);
});

test("what is gone is forgotten: should it come back, it is young", () => {
  const seen = sightings(new Map([["a", { firstSeenMs: 0, lastUsedMs: 0 }]]), [], [], { firstSeenMs: 5, nowMs: 5 });
  expect(sightings(seen, [image("a")], [], { firstSeenMs: 7, nowMs: 7 }).get("a")).toEqual({
    firstSeenMs: 7,
    lastUsedMs: 0,
  });
});

test("nothing in use, pinned or young is ever garbage", () => {
  const oneImage = record({ used: boolean(), pinned: boolean(), firstSeenMs: integer({ min: 0, max: 1_000 }) });
  assert(
    property(array(oneImage, { maxLength: 20 }), integer({ min: 1, max: 1_500 }), (all, nowMs) => {
      const images = all.map(({ pinned }, index) => image(String(index), { pinned }));
      const before = new Map(all.map(({ firstSeenMs }, index) => [String(index), { firstSeenMs, lastUsedMs: 0 }]));
      const containers = all.flatMap(({ used }, index) => (used ? [containerOf(String(index))] : []));
      const seen = sightings(before, images, containers, { firstSeenMs: nowMs, nowMs });
      const gone = garbageOf(images, seen, nowMs, 100).map(({ id }) => id);
      const expected = all.flatMap(({ used, pinned, firstSeenMs }, index) =>
        used || pinned || nowMs - firstSeenMs < 100 ? [] : [String(index)],
      );
      expect(gone.toSorted()).toEqual(expected.toSorted());
    }),
  );
});

test("a node names its 50 largest images, each by five names", () => {
  const names = Array.from({ length: 8 }, (_, index) => `n${index}`);
  const list = nodeImages(Array.from({ length: 60 }, (_, index) => image(String(index), { names, sizeBytes: index })));
  expect(list.length).toBe(50);
  expect(list[0]).toEqual({ names: names.slice(0, 5), sizeBytes: 59 });
  expect(list.at(-1)?.sizeBytes).toBe(10);
});
