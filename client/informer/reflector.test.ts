import type { KubeObject } from "../../apimachinery/meta.js";
import { silentLog } from "../../base/log.js";
import { seededRandom } from "../../base/random.js";
import { VirtualClock } from "../../base/virtual-clock.js";
import type { WatchEvent } from "../client.js";
import { Reflector } from "./reflector.js";

const object = (name: string, resourceVersion: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Event",
  metadata: { name, namespace: "default", uid: name, resourceVersion, creationTimestamp: "2030-01-01T00:00:00Z" },
});
const changed = (name: string, version: string): WatchEvent<KubeObject> => ({
  type: "MODIFIED",
  object: object(name, version),
});
const gone = (name: string, version: string): WatchEvent<KubeObject> => ({
  type: "DELETED",
  object: object(name, version),
});

/** What is applied, and how often everything was listed, when a watch from version 10 says this. */
async function reflect(events: readonly WatchEvent<KubeObject>[]): Promise<{ applied: string[]; lists: number }> {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const applied: string[] = [];
  let lists = 0;
  const reflector = new Reflector<KubeObject>({
    source: {
      name: "events",
      query: {},
      list: async () => {
        lists++;
        return { apiVersion: "v1", kind: "EventList", metadata: { resourceVersion: "10" }, items: [] };
      },
      watch: async function* (_query, signal) {
        if (lists === 1) yield* events;
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      },
    },
    mirror: {
      replace: async () => {},
      apply: (event) => void applied.push(event.type === "BOOKMARK" ? "bookmark" : event.object.metadata.name),
    },
    clock,
    random: seededRandom(1),
    log: silentLog,
    signal: stop.signal,
  });
  const running = reflector.run();
  for (let at = 0; at < 10; at++) await clock.advance(1_000);
  stop.abort();
  await running;
  return { applied, lists };
}

describe("a reflector", () => {
  it("takes several deletions of one version, and one at the version it started from", async () => {
    const told = [gone("a", "10"), gone("b", "11"), gone("c", "11"), changed("d", "12"), gone("d", "12")];
    expect(await reflect(told)).toEqual({ applied: ["a", "b", "c", "d", "d"], lists: 1 });
  });

  it("lists again when a version goes back, or an object changes twice at one", async () => {
    expect(await reflect([changed("a", "12"), changed("b", "11")])).toEqual({ applied: ["a"], lists: 2 });
    expect(await reflect([changed("a", "12"), changed("a", "12")])).toEqual({ applied: ["a"], lists: 2 });
  });
});
