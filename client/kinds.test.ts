import { builtins } from "../api/catalogue.js";
import { configMaps } from "../api/core/config-map.js";
import { namespaces } from "../api/core/namespace.js";
import { secrets } from "../api/core/secret.js";
import type { ResourceDefinition } from "../apimachinery/resource.js";
import { Lifecycle } from "../base/lifecycle.js";
import { silentLog } from "../base/log.js";
import { seededRandom } from "../base/random.js";
import { VirtualClock } from "../base/virtual-clock.js";
import { FlakyDoor } from "../e2e/harness/flaky-door.js";
import { openMemoryApi } from "../e2e/harness/memory-api.js";
import { discover } from "./discovery.js";
import { createInformers } from "./informer/informers.js";
import { Kinds } from "./kinds.js";

const clock = new VirtualClock();
const serve = (definitions: readonly ResourceDefinition[], seed: number) => openMemoryApi({ clock, definitions, seed });

test("discovery tells every resource once, with its verbs and short names", async () => {
  const server = await serve(builtins, 1);
  const { resources, failed } = await discover(server.client);
  expect(failed).toEqual([]);
  const served = new Set(builtins.map(({ group, plural }) => `${group}/${plural}`));
  expect(resources.map(({ group, plural }) => `${group}/${plural}`).sort()).toEqual([...served].sort());
  expect(resources.find(({ plural }) => plural === "deployments")).toMatchObject({
    group: "apps",
    version: "v1",
    kind: "Deployment",
    scope: "Namespaced",
    shortNames: ["deploy"],
    verbs: expect.arrayContaining(["list", "watch", "delete"]),
  });
  await server.close();
});

test("a group that does not answer is told as failed, not as absent", async () => {
  const server = await serve(builtins, 1);
  const door = new FlakyDoor(async (request) => {
    if (request.path === "/apis/apps/v1") throw new Error("down");
    return server.door(request);
  });
  const { resources, failed } = await discover(door.client);
  expect(failed).toEqual([{ groupVersion: "apps/v1", error: "down" }]);
  expect(resources.some(({ plural }) => plural === "pods")).toBe(true);
  await server.close();
});

test("informers start and stop as kinds come and go, and a silent group loses none", async () => {
  const few = await serve([namespaces, configMaps], 1);
  const many = await serve([namespaces, configMaps, secrets], 2);
  await many.client.create(namespaces, { metadata: { name: "default" } });
  await many.client.create(secrets, { metadata: { name: "s", namespace: "default" } });
  const door = new FlakyDoor(few.door);
  const lifecycle = new Lifecycle(() => {});
  const informers = createInformers(door.client, { clock, log: silentLog, random: seededRandom(1) });
  const came: string[] = [];
  const kinds = new Kinds({
    client: door.client,
    informers,
    clock,
    log: silentLog,
    wanted: ({ verbs }) => verbs.includes("watch"),
    onKind: ({ resource }) => came.push(resource.plural),
  });
  kinds.run(lifecycle);
  await clock.advance(1_000);
  expect(came.sort()).toEqual(["configmaps", "namespaces"]);
  expect(kinds.isComplete).toBe(true);
  door.replace(many.door);
  await clock.advance(60_000);
  expect(came).toContain("secrets");
  expect(
    kinds
      .of("", "secrets")
      ?.informer.list()
      .map(({ metadata }) => metadata.name),
  ).toEqual(["s"]);
  expect(kinds.resourceOf("", "Secret")?.plural).toBe("secrets");
  door.replace(async (request) => {
    if (request.path === "/api/v1") throw new Error("down");
    return many.door(request);
  });
  await clock.advance(60_000);
  expect(kinds.isComplete).toBe(false);
  expect(kinds.of("", "secrets")).toBeDefined();
  const informer = kinds.of("", "secrets")?.informer;
  door.replace(few.door);
  await clock.advance(60_000);
  expect(kinds.of("", "secrets")).toBeUndefined();
  expect(informers.for(secrets)).not.toBe(informer);
  await lifecycle.stop();
  await informers.stop();
  await few.close();
  await many.close();
});
