import fc from "fast-check";
import { pods } from "../../api/core/pod/pod.js";
import type { KubeObject, OwnerReference } from "../../apimachinery/meta.js";
import type { Action } from "../framework/plan.js";
import { collect, type Dependent, type OwnerState } from "./collect.js";

function anObject(
  uid: string,
  owners: readonly string[] = [],
  metadata: Partial<KubeObject["metadata"]> = {},
): KubeObject {
  const ownerReferences = owners.map(
    (owner): OwnerReference => ({ apiVersion: "v1", kind: "Pod", name: owner, uid: owner, blockOwnerDeletion: true }),
  );
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: uid,
      namespace: "default",
      uid,
      resourceVersion: "1",
      creationTimestamp: "2030-01-01T00:00:00Z",
      ...(owners.length > 0 ? { ownerReferences } : {}),
      ...metadata,
    },
  };
}
const child = (uid: string, owners: readonly string[], metadata: Partial<KubeObject["metadata"]> = {}): Dependent => ({
  resource: pods,
  object: anObject(uid, owners, metadata),
});
const going = (finalizer: string) => ({ deletionTimestamp: "2030-01-01T00:00:00Z", finalizers: [finalizer, "mine"] });
const describeAction = (action: Action): unknown => {
  if (action.type === "delete") return `delete ${action.object.metadata.name} ${action.propagationPolicy}`;
  if (action.type === "patch") return [action.object.metadata.name, action.body.metadata];
  return action.type;
};
const decide = (object: KubeObject, owners: readonly OwnerState[], dependents: readonly Dependent[] = []) =>
  collect(pods, object, { owners, dependents }).actions.map(describeAction);

test.each<[string, readonly OwnerState[], readonly string[]]>([
  ["its owner is there", ["solid"], []],
  ["its only owner is gone", ["absent"], ["delete a Background"]],
  ["all its owners are gone", ["absent", "absent"], ["delete a Background"]],
  ["its owner waits for it to go", ["waiting"], ["delete a Background"]],
  ["nothing can be said of its owner", ["unknown"], []],
  ["nothing can be said of one of them", ["absent", "unknown"], []],
])("when %s", (_, owners, expected) => {
  expect(
    decide(
      anObject(
        "a",
        owners.map((_, at) => `o${at}`),
      ),
      owners,
    ),
  ).toEqual(expected);
});

test("an owner that is gone is forgotten while another stays", () => {
  expect(decide(anObject("a", ["x", "y"]), ["absent", "solid"])).toEqual([
    ["a", { ownerReferences: [expect.objectContaining({ uid: "y" })] }],
  ]);
});

test("what is deleted is the very revision that was judged", () => {
  const [action] = collect(pods, anObject("a", ["x"]), { owners: ["absent"], dependents: [] }).actions;
  expect(action).toMatchObject({
    type: "delete",
    exact: true,
    object: { metadata: { uid: "a", resourceVersion: "1" } },
  });
});

test("foreground: it stays while a dependent blocks it, and its finalizer goes with the last", () => {
  const owner = anObject("a", [], going("foregroundDeletion"));
  expect(decide(owner, [], [child("b", ["a"])])).toEqual([]);
  expect(decide(owner, [])).toEqual([["a", { finalizers: ["mine"] }]]);
  const free = {
    resource: pods,
    object: {
      ...anObject("b"),
      metadata: {
        ...anObject("b").metadata,
        ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "a", uid: "a" }],
      },
    },
  };
  expect(decide(owner, [], [free])).toEqual([["a", { finalizers: ["mine"] }]]);
});

test("foreground reaches dependents of dependents first", () => {
  expect(decide(anObject("b", ["a"]), ["waiting"], [child("c", ["b"])])).toEqual(["delete b Foreground"]);
});

test("a circle of owners that wait for each other is broken", () => {
  const waiting = child("c", ["b"], going("foregroundDeletion"));
  expect(decide(anObject("b", ["a"]), ["waiting"], [waiting])).toEqual([
    ["b", { ownerReferences: [expect.objectContaining({ uid: "a", blockOwnerDeletion: false })] }],
  ]);
});

test("orphan: every dependent is let go, then the finalizer", () => {
  const owner = anObject("a", [], going("orphan"));
  expect(decide(owner, [], [child("b", ["a"]), child("c", ["a", "x"])])).toEqual([
    ["b", { ownerReferences: [] }],
    ["c", { ownerReferences: [expect.objectContaining({ uid: "x" })] }],
  ]);
  expect(decide(owner, [])).toEqual([["a", { finalizers: ["mine"] }]]);
});

test("a finalizer of ours on it says how its own dependents are treated", () => {
  expect(decide(anObject("a", ["x"], { finalizers: ["orphan"] }), ["absent"])).toEqual(["delete a Orphan"]);
  expect(decide(anObject("a", ["x"], { finalizers: ["foregroundDeletion"] }), ["absent"])).toEqual([
    "delete a Foreground",
  ]);
});

test("what is on its way out already is left to it", () => {
  expect(decide(anObject("a", ["x"], { deletionTimestamp: "2030-01-01T00:00:00Z" }), ["absent"])).toEqual([]);
});

test("nothing is ever deleted that has an owner which is there, or of which nothing is known", () => {
  const state = fc.constantFrom<OwnerState>("solid", "waiting", "absent", "unknown");
  fc.assert(
    fc.property(fc.array(state, { maxLength: 5 }), fc.nat({ max: 2 }), (owners, count) => {
      const dependents = Array.from({ length: count }, (_, at) => child(`c${at}`, ["a"]));
      const names = owners.map((_, at) => `o${at}`);
      const { actions } = collect(pods, anObject("a", names), { owners, dependents });
      const deletes = actions.some(({ type }) => type === "delete");
      const allOver = owners.length > 0 && owners.every((each) => each === "absent" || each === "waiting");
      expect(deletes).toBe(allOver);
    }),
  );
});
