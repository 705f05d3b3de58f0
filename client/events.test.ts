import { events } from "../api/core/event.js";
import { namespaces } from "../api/core/namespace.js";
import { pods } from "../api/core/pod/pod.js";
import { Lifecycle } from "../base/lifecycle.js";
import { silentLog } from "../base/log.js";
import { seededRandom } from "../base/random.js";
import { VirtualClock } from "../base/virtual-clock.js";
import { FlakyDoor } from "../e2e/harness/flaky-door.js";
import { type MemoryApi, openMemoryApi } from "../e2e/harness/memory-api.js";
import { aPod } from "../e2e/harness/objects.js";
import { createRecorder, type Recorder } from "./events.js";

let clock: VirtualClock;
let server: MemoryApi;
let door: FlakyDoor;
let lifecycle: Lifecycle;
let recorder: Recorder;
const pod = aPod({ name: "web" });

beforeEach(async () => {
  clock = new VirtualClock();
  server = await openMemoryApi({ clock });
  await server.client.create(namespaces, { metadata: { name: "default" } });
  door = new FlakyDoor(server.door);
  lifecycle = new Lifecycle(() => {});
  const random = seededRandom(1);
  recorder = createRecorder({ client: door.client, component: "tester", clock, random, log: silentLog, lifecycle });
});
afterEach(async () => {
  await lifecycle.stop();
  await server.close();
});

const say = (message: string, reason = "Pulled", about = pod) =>
  recorder.record({ about, type: "Normal", reason, message });
const written = async () => (await server.client.list(events)).items;

test("a notice becomes an Event that names the object and the source", async () => {
  say("hello");
  await recorder.flushed();
  expect(await written()).toMatchObject([
    {
      involvedObject: { kind: "Pod", namespace: "default", name: "web", uid: pod.metadata.uid, apiVersion: "v1" },
      type: "Normal",
      reason: "Pulled",
      message: "hello",
      count: 1,
      source: { component: "tester" },
      reportingComponent: "tester",
      firstTimestamp: "2030-01-01T00:00:00Z",
      lastTimestamp: "2030-01-01T00:00:00Z",
    },
  ]);
});

test("the same notice again raises the count and the last time of the one that is there", async () => {
  say("hello");
  await recorder.flushed();
  await clock.advance(5_000);
  say("hello");
  say("hello");
  await recorder.flushed();
  const all = await written();
  expect(all).toHaveLength(1);
  expect(all[0]).toMatchObject({
    count: 3,
    firstTimestamp: "2030-01-01T00:00:00Z",
    lastTimestamp: "2030-01-01T00:00:05Z",
  });
});

test("many that differ in the message alone become one that says so", async () => {
  for (let at = 0; at < 15; at++) say(`message ${at}`);
  await recorder.flushed();
  const all = await written();
  const combined = all.filter(({ message }) => message?.startsWith("(combined from similar events): "));
  expect(combined).toHaveLength(1);
  expect(combined[0]?.count).toBe(6);
  expect(all).toHaveLength(10);
});

test("what is said of one object is limited, and others are not affected", async () => {
  for (let at = 0; at < 100; at++) say("hello", `Reason${at}`);
  say("hello", "Other", aPod({ name: "other" }));
  await recorder.flushed();
  const all = await written();
  expect(all.filter(({ involvedObject }) => involvedObject.name === "web")).toHaveLength(25);
  expect(all.filter(({ involvedObject }) => involvedObject.name === "other")).toHaveLength(1);
  await clock.advance(300_000);
  say("hello", "Later");
  await recorder.flushed();
  expect((await written()).some(({ reason }) => reason === "Later")).toBe(true);
});

test("an Event whose time to live is over is written anew", async () => {
  say("hello");
  await recorder.flushed();
  const [first] = await written();
  await server.client.delete(events, { namespace: "default", name: first?.metadata.name ?? "" });
  say("hello");
  await clock.advance(1_000);
  await recorder.flushed();
  expect(await written()).toMatchObject([{ count: 1, message: "hello" }]);
});

test("while nobody answers it tries a few times, and never holds up who records", async () => {
  door.replace(undefined);
  say("early");
  await clock.advance(600);
  door.replace(server.door);
  await clock.advance(5_000);
  expect((await written()).map(({ message }) => message)).toEqual(["early"]);
  door.replace(undefined);
  say("lost");
  await clock.advance(60_000);
  door.replace(server.door);
  say("late", "Killing");
  await clock.advance(5_000);
  expect((await written()).map(({ message }) => message).sort()).toEqual(["early", "late"]);
  expect((await server.client.list(pods)).items).toEqual([]);
});

test("an Event of an object without namespace goes to default", async () => {
  const { metadata, ...node } = aPod({ name: "node-1" });
  const { namespace: _, ...rest } = metadata;
  recorder.record({ about: { ...node, metadata: rest }, type: "Normal", reason: "Starting", message: "x" });
  await recorder.flushed();
  expect((await written())[0]?.metadata.namespace).toBe("default");
});
