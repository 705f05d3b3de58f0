import type { ObjectMeta } from "./meta.js";
import { fieldErrorMessage } from "./status.js";
import { validateMeta } from "./validate-meta.js";

const kind = { scope: "Namespaced", nameRule: "dns-subdomain" } as const;
const told = (meta: ObjectMeta, old?: ObjectMeta): readonly string[] =>
  validateMeta(
    kind,
    { name: "a", namespace: "default", ...meta },
    old && { name: "a", namespace: "default", ...old },
  ).map(fieldErrorMessage);
const owner = { apiVersion: "v1", kind: "Pod", name: "p", uid: "u" };

describe("validateMeta", () => {
  it.each<[ObjectMeta, string | RegExp]>([
    [{ name: "" }, "metadata.name: Required value: name or generateName is required"],
    [{ name: "A" }, /^metadata.name: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of/],
    [{ generateName: "a_" }, /^metadata.generateName: Invalid value: "a_": /],
    [{ namespace: "" }, "metadata.namespace: Required value"],
    [{ labels: { "a b": "x" } }, /^metadata.labels: Invalid value: "a b": name part must consist of/],
    [{ labels: { a: "x y" } }, /^metadata.labels: Invalid value: "x y": a valid label must be/],
    [
      { annotations: { a: "x".repeat(256 * 1024) } },
      "metadata.annotations: Too long: may not be more than 262144 bytes",
    ],
    [
      { ownerReferences: [{ ...owner, uid: "" }] },
      'metadata.ownerReferences[0].uid: Invalid value: "": must not be empty',
    ],
    [
      {
        ownerReferences: [
          { ...owner, controller: true },
          { ...owner, name: "q", controller: true },
        ],
      },
      /Only one reference can have Controller set to true. Found "true" in references for p and q$/,
    ],
    [
      { finalizers: ["mine"] },
      'metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
    ],
    [{ finalizers: ["orphan", "foregroundDeletion"] }, /finalizer orphan and foregroundDeletion cannot be both set$/],
  ])("refuses %j", (meta, message) => {
    expect(told(meta)).toEqual([typeof message === "string" ? message : expect.stringMatching(message)]);
  });

  it("takes a prefix that ends in a dash", () => {
    expect(told({ generateName: "web-" })).toEqual([]);
  });

  it("keeps a namespace off cluster-scoped kinds", () => {
    const errors = validateMeta({ ...kind, scope: "Cluster" }, { name: "a", namespace: "b" });
    expect(errors.map(fieldErrorMessage)).toEqual(["metadata.namespace: Forbidden: not allowed on this type"]);
  });

  it("keeps what the server gave an object", () => {
    expect(told({ uid: "2" }, { uid: "1" })).toEqual(['metadata.uid: Invalid value: "2": field is immutable']);
    expect(told({ finalizers: ["a/b", "c/d"] }, { deletionTimestamp: "t", finalizers: ["a/b"] })[0]).toBe(
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"c/d"}',
    );
  });
});
