import { configMaps } from "../../api/core/config-map.js";
import { ObjectRevision } from "../encoding/object-revision.js";
import { encodeStored } from "../encoding/stored-object.js";
import { configMap } from "../endpoints/api.test-kit.js";
import { type CacheEvent, History, historyMaxBytes, historyMaxEvents } from "./watch-cache-history.js";

const object = (characters: number): ObjectRevision => {
  const map = configMap("a", { text: "x".repeat(characters) }, { namespace: "default", uid: "a" });
  return new ObjectRevision(configMaps, "/a", 1, encodeStored(configMaps, map as never)) as ObjectRevision<never>;
};
const light = object(1);
const heavy = object(1_000_000);
const event = (revision: number, current?: ObjectRevision, previous?: ObjectRevision): CacheEvent => ({
  ...{ revision, atMs: 0, current, previous, resumeAt: revision },
});

describe("the changes that are kept", () => {
  it("are bounded by their number", () => {
    const history = new History(0);
    for (let at = 1; at <= historyMaxEvents + 10; at++) history.push(event(at, light, light));
    expect(history.floor).toBe(10);
    expect(history.after(10)).toHaveLength(historyMaxEvents);
  });

  it("are bounded by what they weigh", () => {
    const history = new History(0);
    for (let at = 1; at <= 100; at++) history.push(event(at, heavy, heavy));
    const kept = Math.floor(historyMaxBytes / heavy.stored.length);
    expect(history.floor).toBe(100 - kept);
    expect(history.after(history.floor).map(({ revision }) => revision)).toEqual(
      Array.from({ length: kept }, (_, index) => 100 - kept + 1 + index),
    );
  });

  it("weigh nothing where they hold only what is there anyway", () => {
    const history = new History(0);
    for (let at = 1; at <= 100; at++) history.push(event(at, heavy));
    expect(history.floor).toBe(0);
  });

  it("weigh nothing any more once they are forgotten", () => {
    const history = new History(0);
    for (let at = 1; at <= 30; at++) history.push(event(at, heavy, heavy));
    history.trim(3_600_000);
    for (let at = 31; at <= 60; at++) history.push(event(at, heavy, heavy));
    expect(history.floor).toBe(30);
  });
});
