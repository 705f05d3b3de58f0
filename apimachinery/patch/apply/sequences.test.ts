import { int32, list, map, object, optional, ref, string } from "../../schema/schema.js";
import type { JsonObject } from "../merge.js";
import { applyConfiguration } from "./apply.js";
import type { Entries, OtherVersions } from "./ownership.js";
import { trackCreate, trackUpdate } from "./ownership.js";
import { shapeOf } from "./shape.js";

/** What becomes of an object, and of who owns what, by several writers one after the other: as Kubernetes' own library has it. */

const part = object("Part", { a: optional(int32()), b: optional(int32()) });
const item = object("Item", { name: string(), size: optional(int32()), tags: optional(map(string())) });
const thing = (count: string) =>
  object("Thing", {
    [count]: optional(int32()),
    items: optional(
      list(
        ref(() => item),
        { mapKeys: ["name"] },
      ),
    ),
    names: optional(list(string(), { listType: "set" })),
    labels: optional(map(string())),
    part: optional(ref(() => part)),
  });
const shapes: Readonly<Record<string, ReturnType<typeof shapeOf>>> = {
  v1: shapeOf(thing("count")),
  v2: shapeOf(thing("number")),
};

/** Versions differ by the name of one field. */
function shownIn(version: string, { count, number, ...rest }: JsonObject): JsonObject {
  const value = count ?? number;
  return value === undefined ? rest : { ...rest, [version === "v1" ? "count" : "number"]: value };
}

interface Step {
  readonly apply?: string;
  readonly update?: string;
  readonly version?: string;
  readonly force?: boolean;
  readonly object: JsonObject;
}
interface State {
  readonly object: JsonObject;
  readonly managedFields: Entries;
}

function run(steps: readonly Step[]): State {
  let state: State = { object: {}, managedFields: undefined };
  for (const [at, step] of steps.entries()) state = write(state, step, `2026-01-01T00:00:0${at}Z`);
  return state;
}

function write({ object: stored, managedFields }: State, step: Step, now: string): State {
  const { version = "v1", object: given } = step;
  const shape = shapes[version];
  if (!shape) throw new Error(version);
  const otherVersions: OtherVersions = (other) => {
    const theirs = other === version ? undefined : shapes[other];
    const show = (value: object): object => shownIn(other, value as JsonObject);
    return theirs && { shape: theirs, show, write: (value) => shownIn(version, value as JsonObject) };
  };
  const scope = { part: "main" as const, hasStatusEndpoint: false };
  const live = shownIn(version, stored);
  const operation = step.apply ? ("Apply" as const) : ("Update" as const);
  const manager = { manager: step.apply ?? step.update ?? "", operation, apiVersion: version, subresource: "" };
  if (step.apply !== undefined)
    return applyConfiguration(shape, {
      ...{ live, stored: managedFields, config: given, manager, force: step.force ?? false, scope, otherVersions, now },
    });
  if (!managedFields) return { object: given, managedFields: trackCreate(shape, given, manager, scope, now) };
  const update = { before: live, after: given, stored: managedFields, given: undefined };
  return { object: given, managedFields: trackUpdate(shape, { ...update, manager, scope, otherVersions, now }) };
}

const ownersIn = ({ managedFields }: State) =>
  Object.fromEntries(
    (managedFields ?? []).map(({ manager, apiVersion, fieldsV1 }) => [`${manager} ${apiVersion}`, fieldsV1]),
  );

const named = (...names: readonly string[]): readonly JsonObject[] => names.map((name) => ({ name }));

describe("several writers", () => {
  const cases: readonly (readonly [string, readonly Step[], JsonObject, Readonly<Record<string, object>>])[] = [
    [
      "an empty list of items claims nothing, an empty struct itself",
      [{ apply: "a", object: { items: [], part: {}, count: 1 } }],
      { items: [], part: {}, count: 1 },
      { "a v1": { "f:count": {}, "f:part": {} } },
    ],
    [
      "null claims a field and unsets it, but takes nothing out of what is merged",
      [
        { update: "u", object: { count: 1, labels: { k: "1" }, part: {} } },
        { apply: "a", force: true, object: { count: null, labels: null, part: null } },
      ],
      { count: null, labels: { k: "1" }, part: null },
      {
        "a v1": { "f:count": {}, "f:labels": {}, "f:part": {} },
        "u v1": { "f:labels": { ".": {}, "f:k": {} } },
      },
    ],
    [
      "a struct of which all is taken stays where its applier wants it empty",
      [
        { apply: "a", object: { part: { a: 1, b: 1 } } },
        { apply: "a", object: { part: {} } },
      ],
      { part: {} },
      { "a v1": { "f:part": {} } },
    ],
    [
      "a map that is emptied goes, and is still whose it was",
      [
        { update: "u", object: { count: 1, labels: { k: "1" } } },
        { update: "u", object: { count: 1, labels: {} } },
        { apply: "a", object: { labels: { l: "2" } } },
        { apply: "a", object: { part: { a: 1 } } },
      ],
      { count: 1, part: { a: 1 } },
      { "a v1": { "f:part": { "f:a": {} } }, "u v1": { "f:count": {}, "f:labels": {} } },
    ],
    [
      "the order that is applied last holds, though nothing else changes",
      [
        { update: "u", object: { items: named("a", "b", "x") } },
        { apply: "a", object: { items: named("b", "a") } },
      ],
      { items: named("b", "x", "a") },
      {
        "a v1": {
          "f:items": { 'k:{"name":"a"}': { ".": {}, "f:name": {} }, 'k:{"name":"b"}': { ".": {}, "f:name": {} } },
        },
        "u v1": {
          "f:items": {
            ".": {},
            'k:{"name":"a"}': { ".": {}, "f:name": {} },
            'k:{"name":"b"}': { ".": {}, "f:name": {} },
            'k:{"name":"x"}': { ".": {}, "f:name": {} },
          },
        },
      },
    ],
    [
      "an item that gets a double is one thing with it, of the one who made it",
      [
        { apply: "a", object: { items: [{ name: "a", size: 1 }] } },
        { update: "u", object: { items: [{ name: "a", size: 1 }, { name: "a" }] } },
      ],
      { items: [{ name: "a", size: 1 }, { name: "a" }] },
      { "u v1": { "f:items": { 'k:{"name":"a"}': {} } } },
    ],
    [
      "the parts of an item that lost its double are of the one who took that away",
      [
        { update: "u", object: { items: [{ name: "a", size: 1 }, { name: "a" }] } },
        { update: "w", object: { items: [{ name: "a", size: 1 }] } },
      ],
      { items: [{ name: "a", size: 1 }] },
      {
        "u v1": { "f:items": {} },
        "w v1": { "f:items": { 'k:{"name":"a"}': { ".": {}, "f:name": {}, "f:size": {} } } },
      },
    ],
    [
      "a member of a set that comes twice is a change",
      [
        { apply: "a", object: { names: ["x"] } },
        { update: "u", object: { names: ["x", "x"] } },
      ],
      { names: ["x", "x"] },
      { "u v1": { "f:names": { 'v:"x"': {} } } },
    ],
    [
      "of items with a double that go, their parts are not looked at",
      [
        { apply: "a", object: { items: [{ name: "a", tags: {} }] } },
        { update: "u", object: { items: [{ name: "a" }, { name: "a" }] } },
        { update: "u", object: { items: [] } },
      ],
      { items: [] },
      {},
    ],
  ];
  it.each(cases)("%s", (_, steps, expected, owners) => {
    const state = run(steps);
    expect(state.object).toEqual(expected);
    expect(ownersIn(state)).toEqual(owners);
  });
});

describe("writers in several versions", () => {
  const cases: readonly (readonly [string, readonly Step[], JsonObject, Readonly<Record<string, object>>])[] = [
    [
      "what one leaves out stays where another has it in another version",
      [
        { apply: "a", object: { count: 1, names: ["x"] } },
        { apply: "b", version: "v2", object: { number: 1 } },
        { apply: "a", object: { names: ["x"] } },
      ],
      { count: 1, names: ["x"] },
      { "a v1": { "f:names": { 'v:"x"': {} } }, "b v2": { "f:number": {} } },
    ],
    [
      "what one applied in a version goes when another is applied without it",
      [
        { apply: "a", object: { count: 1, names: ["x"] } },
        { apply: "a", version: "v2", object: { names: ["x"] } },
      ],
      { names: ["x"] },
      { "a v2": { "f:names": { 'v:"x"': {} } } },
    ],
    [
      "the same in another version is owned in that one",
      [
        { apply: "a", object: { count: 1 } },
        { apply: "a", version: "v2", object: { number: 1 } },
      ],
      { number: 1 },
      { "a v2": { "f:number": {} } },
    ],
    [
      "an item stays that one has in another version, and with it what is another's",
      [
        { apply: "a", version: "v2", object: { items: named("x") } },
        { update: "u", object: { items: [{ name: "x", size: 1 }] } },
        { apply: "c", object: { items: named("x") } },
        { apply: "a", version: "v2", object: { names: ["y"] } },
      ],
      { items: [{ name: "x", size: 1 }], names: ["y"] },
      {
        "a v2": { "f:names": { 'v:"y"': {} } },
        "c v1": { "f:items": { 'k:{"name":"x"}': { ".": {}, "f:name": {} } } },
        "u v1": { "f:items": { 'k:{"name":"x"}': { "f:size": {} } } },
      },
    ],
  ];
  it.each(cases)("%s", (_, steps, expected, owners) => {
    const state = run(steps);
    expect(state.object).toEqual(expected);
    expect(ownersIn(state)).toEqual(owners);
  });

  it("what is owned in a version that is gone is nobody's, and is taken from nobody", () => {
    const first = run([{ apply: "a", object: { count: 1, names: ["x"] } }]);
    const managedFields = first.managedFields?.map((entry) => ({ ...entry, apiVersion: "v0" }));
    const gone: State = { object: first.object, managedFields };
    const applied = write(gone, { apply: "a", object: { part: { a: 1 } } }, "2026-01-01T00:00:09Z");
    expect(applied.object).toEqual({ count: 1, names: ["x"], part: { a: 1 } });
    expect(ownersIn(applied)).toEqual({ "a v1": { "f:part": { "f:a": {} } } });
    const updated = write(gone, { update: "u", object: { count: 2, names: ["x"] } }, "2026-01-01T00:00:09Z");
    expect(ownersIn(updated)).toEqual({ "u v1": { "f:count": {} } });
  });
});
