/** A kind that comes and goes on a server that runs. */
import { configMaps } from "../api/core/config-map.js";
import { defineResource } from "../apimachinery/resource.js";
import { int32, object, optional } from "../apimachinery/schema/schema.js";
import { type ApiKit, openApiKit, takeFrames } from "./endpoints/api.test-kit.js";

const widgets = defineResource({
  group: "example.com",
  version: "v1",
  kind: "Widget",
  plural: "widgets",
  scope: "Namespaced",
  spec: object("WidgetSpec", { size: optional(int32()) }),
});
const path = "/apis/example.com/v1/namespaces/default/widgets";
const widget = (name: string): object => ({ metadata: { name }, spec: { size: 1 } });
const names = (items: readonly { readonly metadata: { readonly name: string } }[]): readonly string[] =>
  items.map(({ metadata }) => metadata.name);

let kit: ApiKit;
beforeEach(async () => {
  kit = await openApiKit();
});
afterEach(() => kit.close());

it("is served from the moment it comes until it goes, and what is stored of it outlives that", async () => {
  expect((await kit.json("GET", path)).status).toBe(404);
  await kit.api.addKind(widgets);
  await kit.json("POST", path, { body: widget("a") });
  expect(names((await kit.json("GET", path)).body.items)).toEqual(["a"]);
  const { answer } = await kit.call("GET", `${path}?watch=true`);
  kit.api.removeKind(widgets);
  if (answer.type !== "watch") throw new Error("no watch");
  expect(await takeFrames(answer.events, () => false)).toHaveLength(1);
  expect((await kit.json("GET", path)).status).toBe(404);
  await kit.api.addKind(widgets);
  expect(names((await kit.json("GET", path)).body.items)).toEqual(["a"]);
});

it("is read whole and followed without a gap while others write to it", async () => {
  const other = await openApiKit({ storage: kit.storage });
  await other.api.addKind(widgets);
  const writes = (async () => {
    for (let index = 0; index < 300; index++) await other.json("POST", path, { body: widget(`w${index}`) });
  })();
  await kit.api.addKind(widgets);
  await writes;
  expect((await kit.json("GET", path)).body.items).toHaveLength(300);
  await other.json("DELETE", `${path}/w7`);
  expect((await kit.json("GET", `${path}?resourceVersion=0`)).status).toBe(200);
  expect((await kit.json("GET", path)).body.items).toHaveLength(299);
  await other.close();
});

it("is refused where its path is taken", async () => {
  await expect(kit.api.addKind(configMaps)).rejects.toThrow("configmaps is cached already");
  await kit.api.addKind(widgets);
  await expect(kit.api.addKind(widgets)).rejects.toThrow();
  expect((await kit.json("GET", path)).status).toBe(200);
});
