import fc from "fast-check";
import { any, int32, list, map, object, optional, ref, string } from "../../schema/schema.js";
import { applyConfiguration } from "./apply.js";
import { difference, type FieldSet, intersection, isEmptySet, pathsOf, setOf, union } from "./field-set.js";
import { appliedFields } from "./fields-of.js";
import type { Manager } from "./managers.js";
import type { Entries } from "./ownership.js";
import { shownPath } from "./path-element.js";
import { shapeOf } from "./shape.js";

const item = object("Item", { name: string(), size: optional(int32()), tags: optional(map(string())) });
const port = object("Port", { port: int32(), protocol: string({ default: "TCP" }), note: optional(string()) });
const whole = object("Whole", { a: optional(int32()), b: optional(int32()) }, { mapType: "atomic" });
const part = object("Part", { a: optional(int32()), b: optional(int32()) });
const thing = object("Thing", {
  metadata: ref(() => object("Meta", { labels: optional(map(string())) })),
  count: optional(int32()),
  items: optional(
    list(
      ref(() => item),
      { mapKeys: ["name"] },
    ),
  ),
  ports: optional(
    list(
      ref(() => port),
      { mapKeys: ["port", "protocol"] },
    ),
  ),
  names: optional(list(string(), { listType: "set" })),
  lines: optional(list(string())),
  rules: optional(map(string(), { mapType: "atomic" })),
  whole: optional(ref(() => whole)),
  part: optional(ref(() => part)),
  raw: optional(any()),
});
const shape = shapeOf(thing);

interface State {
  readonly object: Readonly<Record<string, unknown>>;
  readonly managedFields: Entries;
}
const nothing: State = { object: {}, managedFields: undefined };
const managed = (manager: string): Manager => ({ manager, operation: "Apply", apiVersion: "v1", subresource: "" });

function apply(state: State, manager: string, config: object, force = false): State {
  return applyConfiguration(shape, {
    live: state.object,
    stored: state.managedFields,
    config: config as Readonly<Record<string, unknown>>,
    manager: managed(manager),
    force,
    scope: { part: "main", hasStatusEndpoint: false },
    now: "2026-01-01T00:00:00Z",
  });
}

describe("the record of kubectl's applies", () => {
  it("keeps integers beyond what a number holds", () => {
    const key = "kubectl.kubernetes.io/last-applied-configuration";
    const recorded = '{"raw":9007199254740993,"metadata":{"annotations":{}}}';
    const live = { raw: 1, metadata: { annotations: { [key]: recorded.replace("3,", "2,") } } };
    const { object } = apply({ object: live, managedFields: undefined }, "kubectl", { raw: 9007199254740993n }, true);
    expect(object).toEqual({ raw: 9007199254740993n, metadata: { annotations: { [key]: `${recorded}\n` } } });
  });
});
const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "";
};

describe("merging by kind of list and map", () => {
  it.each([
    ["an atomic list is replaced", { lines: ["a", "b"] }, { lines: ["c"] }, { lines: ["c"] }],
    ["a set gains members", { names: ["a", "b"] }, { names: ["c", "b"] }, { names: ["a", "c", "b"] }],
    [
      "items are merged by their key, applied ones in the order applied",
      { items: [{ name: "a", size: 1 }, { name: "b" }, { name: "x" }] },
      { items: [{ name: "b", size: 2 }, { name: "a" }] },
      { items: [{ name: "b", size: 2 }, { name: "x" }, { name: "a", size: 1 }] },
    ],
    [
      "a key that is left out is its default",
      { ports: [{ port: 1, protocol: "TCP", note: "kept" }] },
      { ports: [{ port: 1 }, { port: 1, protocol: "UDP" }] },
      {
        ports: [
          { port: 1, protocol: "TCP", note: "kept" },
          { port: 1, protocol: "UDP" },
        ],
      },
    ],
    [
      "a map gains keys",
      { metadata: { labels: { a: "1" } } },
      { metadata: { labels: { b: "2" } } },
      { metadata: { labels: { a: "1", b: "2" } } },
    ],
    ["an atomic map is replaced", { rules: { a: "1" } }, { rules: { b: "2" } }, { rules: { b: "2" } }],
    ["a struct gains fields", { part: { a: 1 } }, { part: { b: 2 } }, { part: { a: 1, b: 2 } }],
    ["an atomic struct is replaced", { whole: { a: 1 } }, { whole: { b: 2 } }, { whole: { b: 2 } }],
    ["what has no schema is replaced", { raw: { a: 1 } }, { raw: { b: 2 } }, { raw: { b: 2 } }],
  ])("%s", (_, live, config, expected) => {
    expect(apply(apply(nothing, "first", live), "second", config, true).object).toEqual(expected);
  });
});

describe("what an applier leaves out", () => {
  it.each([
    ["a field", { count: 1, part: { a: 1 } }, { part: { a: 1 } }, { part: { a: 1 } }],
    ["a member of a set", { names: ["a", "b"] }, { names: ["b"] }, { names: ["b"] }],
    ["an item", { items: [{ name: "a" }, { name: "b" }] }, { items: [{ name: "b" }] }, { items: [{ name: "b" }] }],
    ["a field of an item", { items: [{ name: "a", size: 1 }] }, { items: [{ name: "a" }] }, { items: [{ name: "a" }] }],
    ["the last of a map, and the map", { metadata: { labels: { a: "1" } } }, { metadata: {} }, { metadata: {} }],
    [
      "a key of a map",
      { metadata: { labels: { a: "1", b: "2" } } },
      { metadata: { labels: { b: "2" } } },
      { metadata: { labels: { b: "2" } } },
    ],
  ])("goes: %s", (_, before, after, expected) => {
    expect(apply(apply(nothing, "me", before), "me", after).object).toEqual(expected);
  });

  it("stays where another applied it too, and goes with the last of them", () => {
    const both = apply(apply(nothing, "a", { count: 1 }), "b", { count: 1 });
    const one = apply(both, "a", { part: { a: 1 } });
    expect(one.object).toEqual({ count: 1, part: { a: 1 } });
    expect(apply(one, "b", { names: ["x"] }).object).toEqual({ part: { a: 1 }, names: ["x"] });
  });

  it("takes along what the server filled in beside it", () => {
    const { object: made, managedFields } = apply(nothing, "me", { count: 1, part: { a: 1 } });
    const filled = { object: { ...made, part: { a: 1, b: 7 } }, managedFields };
    expect(apply(filled, "me", { count: 1 }).object).toEqual({ count: 1 });
  });
});

describe("conflicts", () => {
  it.each([
    [{ count: 1 }, { count: 2 }, ".count"],
    [{ lines: ["a"] }, { lines: ["b"] }, ".lines"],
    [{ items: [{ name: "a", size: 1 }] }, { items: [{ name: "a", size: 2 }] }, '.items[name="a"].size'],
    [{ ports: [{ port: 1, note: "x" }] }, { ports: [{ port: 1, note: "y" }] }, '.ports[port=1,protocol="TCP"].note'],
    [{ metadata: { labels: { "a.b/c": "1" } } }, { metadata: { labels: { "a.b/c": "2" } } }, ".metadata.labels.a.b/c"],
    [{ whole: { a: 1 } }, { whole: { b: 1 } }, ".whole"],
  ])("%j against %j", (theirs, mine, path) => {
    const live = apply(nothing, "them", theirs);
    expect(refusal(() => apply(live, "me", mine))).toBe(`Apply failed with 1 conflict: conflict with "them": ${path}`);
    const forced = apply(live, "me", mine, true);
    expect(forced.managedFields?.map(({ manager }) => manager)).toContain("me");
    expect(JSON.stringify(apply(forced, "me", mine))).toBe(JSON.stringify(forced));
    expect(refusal(() => apply(forced, "them", theirs))).toContain('conflict with "me"');
  });

  it.each([
    [{ count: 1 }, { count: 1 }],
    [{ names: ["a"] }, { names: ["b"] }],
    [{ items: [{ name: "a", size: 1 }] }, { items: [{ name: "a", tags: { x: "y" } }, { name: "b" }] }],
    [{ part: { a: 1 } }, { part: { b: 1 } }],
  ])("none of %j with %j", (theirs, mine) => {
    expect(refusal(() => apply(apply(nothing, "them", theirs), "me", mine))).toBe("");
  });
});

const name = fc.constantFrom("a", "b", "c", "__proto__");
const size = fc.constantFrom(1, 2);
const configs = fc.record(
  {
    metadata: fc.record({ labels: fc.dictionary(name, fc.constantFrom("1", "2"), { minKeys: 1 }) }),
    count: size,
    items: fc.uniqueArray(fc.record({ name, size }, { requiredKeys: ["name"] }), {
      selector: (one) => one.name,
      minLength: 1,
    }),
    names: fc.uniqueArray(name, { minLength: 1 }),
    lines: fc.array(name, { minLength: 1 }),
    part: fc.record({ a: size, b: size }, { requiredKeys: [] }),
    whole: fc.record({ a: size }),
  },
  { requiredKeys: [] },
);
const elements = fc.constantFrom("f:a", "f:b", "f:__proto__", 'k:{"name":"x"}', 'v:"x"', "i:1");
const sets = fc.array(fc.array(elements, { minLength: 1, maxLength: 4 }), { maxLength: 8 }).map(setOf);
const names = (set: FieldSet): readonly string[] =>
  pathsOf(set)
    .map((path) => JSON.stringify(path))
    .sort();

describe("laws", () => {
  it("applying twice changes nothing", () => {
    fc.assert(
      fc.property(configs, configs, (theirs, mine) => {
        const once = apply(apply(nothing, "them", theirs), "me", mine, true);
        const twice = apply(once, "me", mine, true);
        expect(twice.object).toBe(once.object);
        expect(twice.managedFields).toBe(once.managedFields);
      }),
    );
  });

  it("what two managers own is never lost by a third's coming and going", () => {
    fc.assert(
      fc.property(configs, configs, configs, (shared, third, later) => {
        const both = apply(apply(nothing, "one", shared), "two", shared);
        let state = both;
        for (const config of [third, later, {}])
          try {
            state = apply(state, "three", config);
          } catch {
            // A conflict leaves everything as it was.
          }
        const claimed = appliedFields(shape, shared);
        expect(isEmptySet(difference(claimed, appliedFields(shape, state.object)))).toBe(true);
        const again = apply(state, "one", shared);
        expect(names(appliedFields(shape, again.object))).toEqual(names(appliedFields(shape, state.object)));
        expect(apply(again, "one", shared).object).toBe(again.object);
      }),
    );
  });

  it("an applier alone gets exactly what it applies, whatever it applied before", () => {
    fc.assert(
      fc.property(configs, configs, (before, after) => {
        const made = apply(apply(nothing, "me", before), "me", after);
        expect(names(appliedFields(shape, made.object))).toEqual(names(appliedFields(shape, after)));
      }),
    );
  });

  it("sets go through FieldsV1 and back", () => {
    fc.assert(
      fc.property(sets, (set) => {
        expect(names(JSON.parse(JSON.stringify(set)) as FieldSet)).toEqual(names(set));
        expect(names(setOf(pathsOf(set)))).toEqual(names(set));
      }),
    );
  });

  it("union, intersection and difference are those of sets of paths", () => {
    fc.assert(
      fc.property(sets, sets, (one, other) => {
        const theirs = new Set(names(other));
        expect(names(union(one, other))).toEqual([...new Set([...names(one), ...theirs])].sort());
        expect(names(intersection(one, other))).toEqual(names(one).filter((path) => theirs.has(path)));
        expect(names(difference(one, other))).toEqual(names(one).filter((path) => !theirs.has(path)));
        expect(union(one, one)).toBe(one);
      }),
    );
  });

  it("shows paths as conflicts name them", () => {
    expect(shownPath(["f:spec", "f:items", 'k:{"name":"x","port":1}', "f:a.b/c", 'v:"y"', "i:3"])).toBe(
      '.spec.items[name="x",port=1].a.b/c[="y"][3]',
    );
  });
});
