import fc from "fast-check";
import { int32, list, map, object, optional, ref, type Schema, string } from "../schema/schema.js";
import { sameJson } from "./json.js";
import { isObject, type JsonObject } from "./merge.js";
import { applyStrategicPatch, createThreeWayPatch } from "./strategic.js";

const variable: Schema<unknown> = object("EnvVar", { name: string(), value: optional(string()) });
const container: Schema<unknown> = object("Container", {
  name: string(),
  image: optional(string()),
  args: optional(list(string())),
  env: optional(
    list(
      ref(() => variable),
      { mergeKey: "name" },
    ),
  ),
});
const volume: Schema<unknown> = object(
  "Volume",
  { name: string(), emptyDir: optional(object("EmptyDir", { medium: optional(string()) })), path: optional(string()) },
  { retainKeys: true },
);
const port = object("Port", { port: int32(), protocol: optional(string()), nodePort: optional(int32()) });
const schema = object("Pod", {
  labels: optional(map(string())),
  finalizers: optional(list(string(), { mergeKey: "" })),
  containers: optional(
    list(
      ref(() => container),
      { mergeKey: "name" },
    ),
  ),
  volumes: optional(list(volume, { mergeKey: "name" })),
  ports: optional(list(port, { mergeKey: "port" })),
  tolerations: optional(list(object("Toleration", { key: optional(string()) }))),
});
const apply = (document: unknown, patch: unknown): unknown => applyStrategicPatch(schema, document, patch);
const named = (...names: string[]): { name: string }[] => names.map((name) => ({ name }));

describe("strategic merge patch", () => {
  it.each<[string, unknown, unknown, unknown]>([
    [
      "merges items by key, new ones where the patch has them",
      { containers: [{ name: "a", image: "1", args: ["x"] }, { name: "b" }] },
      { containers: [{ name: "c" }, { name: "a", image: "2" }] },
      { containers: [{ name: "c" }, { name: "a", image: "2", args: ["x"] }, { name: "b" }] },
    ],
    ["adds scalars to a set", { finalizers: ["a", "b"] }, { finalizers: ["c", "a"] }, { finalizers: ["c", "a", "b"] }],
    [
      "replaces an atomic list",
      { tolerations: [{ key: "a" }] },
      { tolerations: [{ key: "b" }] },
      { tolerations: [{ key: "b" }] },
    ],
    [
      "deletes an item",
      { containers: named("a", "b") },
      { containers: [{ $patch: "delete", name: "a" }] },
      { containers: named("b") },
    ],
    [
      "replaces a whole list",
      { containers: named("a", "b") },
      { containers: [{ $patch: "replace" }, { name: "z" }] },
      { containers: named("z") },
    ],
    ["replaces an object", { labels: { a: "1" } }, { labels: { $patch: "replace", b: "2" } }, { labels: { b: "2" } }],
    ["empties an object", { labels: { a: "1" } }, { labels: { $patch: "delete" } }, { labels: {} }],
    ["takes away by null", { labels: { a: "1", b: "2" } }, { labels: { a: null } }, { labels: { b: "2" } }],
    ["takes a list away by null", { containers: named("a") }, { containers: null }, {}],
    [
      "takes scalars out of a set",
      { finalizers: ["a", "b"] },
      { "$deleteFromPrimitiveList/finalizers": ["a", "z"] },
      { finalizers: ["b"] },
    ],
    [
      "orders items, others before the next that followed them",
      { containers: named("a", "s", "b") },
      { "$setElementOrder/containers": named("b", "a") },
      { containers: named("s", "b", "a") },
    ],
    [
      "orders a set with additions",
      { finalizers: ["a", "b"] },
      { "$setElementOrder/finalizers": ["c", "b", "a"], finalizers: ["c"] },
      { finalizers: ["c", "b", "a"] },
    ],
    [
      "keeps only retained keys",
      { volumes: [{ name: "v", emptyDir: {} }] },
      { volumes: [{ $retainKeys: ["name", "path"], name: "v", path: "/" }] },
      { volumes: [{ name: "v", path: "/" }] },
    ],
    [
      "leaves no directive and no null in what it adds",
      {},
      {
        containers: [{ name: "a", image: null, env: [{ name: "x", $patch: "delete" }, { name: "y" }] }],
        labels: { a: null },
      },
      { containers: [{ name: "a", env: [{ name: "y" }] }], labels: {} },
    ],
    [
      "merges fields that the schema does not know as JSON",
      { x: { a: [1], b: 1 } },
      { x: { a: [2] } },
      { x: { a: [2], b: 1 } },
    ],
  ])("%s", (_, document, patch, expected) => {
    expect(apply(document, patch)).toEqual(expected);
  });

  it.each<[unknown, unknown, string]>([
    [{}, { containers: [{ image: "x" }] }, "map: map[image:x] does not contain declared merge key: name"],
    [{}, { labels: { $patch: "merg" } }, "unknown patch type: merg in map: map[$patch:merg]"],
    [{}, { containers: ["a"] }, "expected a map[string]interface {}, but received a string"],
    [{}, { "$setElementOrder/containers": 1 }, "expected a []interface {}, but received a int64"],
    [{}, { containers: [{ $patch: "merge", name: "a" }] }, "merging lists cannot yet be specified in the patch"],
    [
      {},
      { "$setElementOrder/containers": named("a", "b"), containers: named("b", "a") },
      "The order in patch list:\n[map[name:b] map[name:a]]\n doesn't match $setElementOrder list:\n[map[name:a] map[name:b]]\n",
    ],
  ])("%j does not take %j, for no reason that Kubernetes names", (document, patch, message) => {
    expect(() => apply(document, patch)).toThrow(expect.objectContaining({ reason: "", code: 500, message }));
  });

  it.each<[unknown, unknown, string]>([
    [{}, { finalizers: [{}] }, "invalid patch format of primitive list"],
    [
      { volumes: named("v") },
      { volumes: [{ $retainKeys: ["name"], name: "v", path: "/" }] },
      "invalid patch format of retainKeys",
    ],
    [{}, "x", "invalid JSON document"],
  ])("%j refuses %j", (document, patch, message) => {
    expect(() => apply(document, patch)).toThrow(expect.objectContaining({ reason: "BadRequest", message }));
  });

  it("treats __proto__ as a name like any other", () => {
    const patched = apply({}, JSON.parse('{"labels":{"__proto__":{"polluted":true}},"__proto__":{"polluted":true}}'));
    expect(JSON.stringify(patched)).toBe('{"labels":{"__proto__":{"polluted":true}},"__proto__":{"polluted":true}}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it("merges long lists in time that grows with their length", () => {
    const names = (prefix: string) => Array.from({ length: 20_000 }, (_, index) => `${prefix}${index}`);
    const startMs = performance.now();
    apply({ finalizers: names("a") }, { finalizers: names("b"), "$setElementOrder/finalizers": names("b") });
    expect(performance.now() - startMs).toBeLessThan(20_000);
  });
});

describe("three-way patch", () => {
  const threeWay = (original: JsonObject, modified: JsonObject, current: JsonObject) =>
    createThreeWayPatch(schema, original, modified, current);

  it("changes and deletes what was applied and leaves what others added", () => {
    const patch = threeWay(
      { containers: [{ name: "a", image: "1" }, { name: "b" }] },
      { containers: [{ name: "a", image: "2" }] },
      { containers: [{ name: "a", image: "1", args: ["x"] }, { name: "b" }, { name: "injected" }] },
    );
    expect(patch).toEqual({
      "$setElementOrder/containers": named("a"),
      containers: [
        { name: "a", image: "2" },
        { $patch: "delete", name: "b" },
      ],
    });
  });

  it("says nothing when nothing is to be done", () => {
    expect(threeWay({ containers: named("a") }, { containers: named("a") }, { containers: named("a", "b") })).toEqual(
      {},
    );
  });

  it("adds to, deletes from and orders a set", () => {
    expect(threeWay({ finalizers: ["a", "b"] }, { finalizers: ["b", "c"] }, { finalizers: ["a", "x", "b"] })).toEqual({
      "$deleteFromPrimitiveList/finalizers": ["a"],
      "$setElementOrder/finalizers": ["b", "c"],
      finalizers: ["c"],
    });
  });

  it("keeps of a union only what is written", () => {
    const patch = threeWay(
      { volumes: [{ name: "v", emptyDir: {} }] },
      { volumes: [{ name: "v", path: "/" }] },
      { volumes: [{ name: "v", emptyDir: {} }] },
    );
    expect(patch).toEqual({
      "$setElementOrder/volumes": named("v"),
      volumes: [{ $retainKeys: ["name", "path"], name: "v", path: "/", emptyDir: null }],
    });
  });

  it("replaces a list in which the merge key occurs twice, keeping what the server added", () => {
    const wanted = { ports: [{ port: 53, protocol: "UDP" }, { port: 53, protocol: "TCP" }, { port: 80 }] };
    const current = {
      ports: [
        { port: 53, protocol: "UDP", nodePort: 1 },
        { port: 53, protocol: "TCP", nodePort: 2 },
      ],
    };
    const after = apply(current, threeWay({}, wanted, current));
    expect(after).toEqual({
      ports: [{ port: 53, protocol: "UDP", nodePort: 1 }, { port: 53, protocol: "TCP", nodePort: 2 }, { port: 80 }],
    });
    expect(threeWay(wanted, wanted, after as JsonObject)).toEqual({});
  });

  it("without a schema is a JSON merge patch", () => {
    expect(createThreeWayPatch(undefined, { a: [1], b: 1 }, { a: [2] }, { a: [1], b: 1, c: 1 })).toEqual({
      a: [2],
      b: null,
    });
  });

  const subset = (names: readonly string[]) => fc.shuffledSubarray([...names]);
  const optionalOf = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const items = (names: readonly string[], item: (name: string) => fc.Arbitrary<unknown>) =>
    subset(names).chain((chosen) => fc.tuple(...chosen.map(item)));
  const word = fc.constantFrom("1", "2");
  const pod = fc
    .record({
      labels: optionalOf(fc.dictionary(fc.constantFrom("x", "y", "__proto__"), word, { noNullPrototype: true })),
      finalizers: optionalOf(subset(["f", "g", "h"])),
      containers: optionalOf(
        items(["a", "b", "c"], (name) =>
          fc.record({
            name: fc.constant(name),
            image: optionalOf(word),
            args: optionalOf(fc.array(word, { maxLength: 2 })),
            env: optionalOf(items(["E", "F", "G"], (key) => fc.record({ name: fc.constant(key), value: word }))),
          }),
        ),
      ),
      volumes: optionalOf(
        items(["v", "w"], (name) =>
          fc.oneof(fc.constant({ name, emptyDir: {} }), fc.constant({ name, path: "/" }), fc.constant({ name })),
        ),
      ),
      tolerations: optionalOf(fc.array(fc.record({ key: word }), { maxLength: 2 })),
    })
    .map((value): JsonObject => JSON.parse(JSON.stringify(value)));

  it("makes every field of the wanted object hold, in its order, and then has nothing left to do", () => {
    fc.assert(
      fc.property(pod, pod, pod, (original, modified, current) => {
        const before = JSON.stringify([original, modified, current]);
        const patch = threeWay(original, modified, current);
        const after = apply(current, patch) as JsonObject;
        expect(missing(modified, after)).toEqual([]);
        expect(threeWay(modified, modified, after)).toEqual({});
        expect(apply(after, patch)).toEqual(after);
        expect(JSON.stringify([original, modified, current])).toBe(before);
      }),
      { numRuns: 500 },
    );
  });

  it("takes away what was applied before and is no longer wanted", () => {
    fc.assert(
      fc.property(pod, pod, (original, modified) => {
        const after = apply(original, threeWay(original, modified, original));
        expect(missing(after, modified)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

/** Paths at which `actual` lacks something of `wanted`; merged lists may hold more, in between. */
function missing(wanted: unknown, actual: unknown, path = ""): string[] {
  if (isObject(wanted) && isObject(actual))
    return Object.keys(wanted).flatMap((key) =>
      missing(wanted[key], Object.hasOwn(actual, key) ? actual[key] : undefined, `${path}.${key}`),
    );
  if (isObject(wanted) && Object.keys(wanted).length === 0 && actual === undefined) return [];
  const merged = /\.(containers|env|volumes|finalizers)$/.test(path);
  if (!merged || !Array.isArray(wanted)) return sameJson(wanted, actual) ? [] : [path];
  if (!Array.isArray(actual)) return wanted.length === 0 ? [] : [path];
  let at = 0;
  return wanted.flatMap((item: unknown, index) => {
    const same = (other: unknown): boolean =>
      isObject(item) && isObject(other) ? item.name === other.name : item === other;
    while (at < actual.length && !same(actual[at])) at++;
    return at < actual.length ? missing(item, actual[at++], `${path}[${index}]`) : [`${path}[${index}]`];
  });
}

test("a directive that is an object is refused, whatever its members are called", () => {
  for (const directive of [{ toString: 1, valueOf: 1 }, Object.create(null), [], 7])
    expect(() => applyStrategicPatch(undefined, {}, { a: { $patch: directive } })).toThrow("unknown patch type");
});
