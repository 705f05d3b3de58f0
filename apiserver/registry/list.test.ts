import { jest } from "@jest/globals";
import { configMaps } from "../../api/core/config-map.js";
import { events } from "../../api/core/event.js";
import { eventsEvents } from "../../api/events/event.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import { parseLabelSelector } from "../../apimachinery/selector/label.js";
import { systemClock } from "../../base/clock.js";
import { encodeStored } from "../encoding/stored-object.js";
import { type ApiKit, configMap, openApiKit } from "../endpoints/api.test-kit.js";
import { objectKey } from "../storage/keys.js";
import { openMemory } from "../storage/memory/memory.js";
import type { Storage } from "../storage/storage.js";
import { compileSelection } from "../storage/watch-cache-selection.js";

const maps = "/api/v1/namespaces/default/configmaps";
const selection = compileSelection(configMaps, { namespace: "default" });

describe("a list at one revision", () => {
  let kit: ApiKit;
  let storage: Storage;
  beforeEach(async () => {
    storage = openMemory({ clock: systemClock });
    kit = await openApiKit({ storage });
    for (const name of ["a", "b", "c"]) await kit.json("POST", maps, { body: configMap(name) });
  });
  afterEach(async () => {
    await kit.close();
    await storage.close();
  });

  const first = () => kit.api.registry.list(configMaps, { selection, limit: 1 });
  /** Something is written while the store answers a question that came with the list. */
  const writeMeanwhile = (name: string): void => {
    const list = storage.list.bind(storage);
    storage.list = async (...asked) => {
      storage.list = list;
      const answer = await list(...asked);
      await kit.json("POST", maps, { body: configMap(name) });
      await kit.json("GET", maps);
      return answer;
    };
  };
  const namesOf = async (request: object): Promise<readonly string[]> =>
    (await kit.api.registry.list(configMaps, { selection, ...request })).items.map(
      ({ object }) => object.metadata.name,
    );

  it("shows nothing that was written after it, even while it is read", async () => {
    const all = ["a", "b", "c"];
    const { metadata } = await first();
    writeMeanwhile("bb");
    expect(await namesOf({ resourceVersion: metadata.resourceVersion, resourceVersionMatch: "Exact" })).toEqual(all);
  });

  it("shows none of it in its further pages", async () => {
    const { metadata } = await first();
    writeMeanwhile("aa");
    expect(await namesOf({ continue: metadata.continue })).toEqual(["b", "c"]);
  });

  it("reads nothing of the store where nothing has changed", async () => {
    const { metadata } = await first();
    const list = storage.list.bind(storage);
    const answers: number[] = [];
    storage.list = async (...asked) => {
      const answer = await list(...asked);
      answers.push(answer.items.length + answer.remaining);
      return answer;
    };
    expect(await namesOf({ continue: metadata.continue })).toEqual(["b", "c"]);
    expect(answers).toEqual([0]);
  });
});

describe("a long list", () => {
  let kit: ApiKit;
  afterEach(async () => {
    await kit.close();
    jest.restoreAllMocks();
  });

  /** How often the event loop got a turn on the way. */
  const turnsOf = async (work: () => Promise<unknown>): Promise<number> => {
    const yielded = jest.spyOn(globalThis, "setImmediate");
    await work();
    return yielded.mock.calls.length;
  };
  const fill = async (definition: ResourceDefinition, count: number, more: object): Promise<void> => {
    const storage = openMemory({ clock: systemClock });
    for (let at = 0; at < count; at++) {
      const metadata = { name: `a${at}`, namespace: "default", uid: `u${at}` };
      const object = { apiVersion: "v1", kind: definition.kind, metadata, ...more };
      await storage.create(
        objectKey(definition, "default", metadata.name),
        encodeStored(definition, object as never).bytes,
      );
    }
    kit = await openApiKit({ storage });
  };

  it("lets others have their turn, however few of it are asked for", async () => {
    await fill(configMaps, 12_000, {});
    const narrow = compileSelection(configMaps, { namespace: "", labels: parseLabelSelector("app=none") });
    const work = () => kit.api.registry.list(configMaps, { selection: narrow, resourceVersion: "0" });
    expect(await turnsOf(work)).toBeGreaterThanOrEqual(2);
  });

  it("lets others have their turn while it is made into another version", async () => {
    await fill(events, 350, { involvedObject: {} });
    const all = compileSelection(events, { namespace: "" });
    const work = () => kit.api.registry.list(eventsEvents, { selection: all, resourceVersion: "0" });
    expect(await turnsOf(work)).toBeGreaterThanOrEqual(3);
  });
});
