import { namespaces } from "../../api/core/namespace.js";
import { services } from "../../api/core/service.js";
import { systemClock } from "../../base/clock.js";
import { silentLog } from "../../base/log.js";
import { systemRandom } from "../../base/random.js";
import { createInformers, type Informers } from "../../client/informer/informers.js";
import { type LocalApi, openLocalApi } from "../../e2e/harness/local-api.js";
import { eventually } from "../eventually.test-kit.js";
import { nameSource } from "./name-source.js";

describe("the names of Services", () => {
  let api: LocalApi;
  let informers: Informers;
  beforeEach(async () => {
    api = await openLocalApi();
    informers = createInformers(api.client, { clock: systemClock, log: silentLog, random: systemRandom });
    for (const name of ["one", "two"]) await api.client.create(namespaces, { metadata: { name } });
  });
  afterEach(async () => {
    await informers.stop();
    await api.close();
  });

  const create = (name: string, namespace: string) =>
    api.client.create(services, { metadata: { name, namespace }, spec: { ports: [{ port: 80 }] } });

  it("are the same array until they change, and another for who is told of it", async () => {
    await create("web", "one");
    const source = nameSource({ informers, clock: systemClock, slices: true });
    const told = jest.fn();
    const off = source.onChange(told);
    await eventually(() => expect(source.lines("one").join()).toContain("\tweb.one\tweb"));
    const before = source.lines("one");
    expect(source.lines("two")).not.toBe(before);
    expect(source.lines("two").join()).not.toMatch(/\tweb$/);
    await eventually(() => expect(told).toHaveBeenCalled());
    told.mockClear();
    await api.client.patch(
      services,
      { namespace: "one", name: "web" },
      { type: "merge", body: { metadata: { labels: { a: "b" } } } },
    );
    await eventually(() => expect(told).toHaveBeenCalled());
    expect(source.lines("one")).toBe(before);
    await create("more", "two");
    await eventually(() => expect(source.lines("one").join()).toContain("more.two"));
    expect(source.lines("one")).not.toBe(before);
    off();
  });
});
