import fc from "fast-check";
import { applyPatch } from "fast-json-patch";
import { applyJsonPatch, jsonPatchMaxOperations } from "./json.js";

const refusal = (document: unknown, patch: unknown): unknown => {
  try {
    return applyJsonPatch(document, patch);
  } catch (error) {
    return error;
  }
};
const parse = (text: string): unknown => JSON.parse(text);

describe("JSON patch", () => {
  it.each([
    [{ a: 1 }, [{ op: "add", path: "/b", value: [1] }], { a: 1, b: [1] }],
    [{ a: [1, 3] }, [{ op: "add", path: "/a/1", value: 2 }], { a: [1, 2, 3] }],
    [{ a: [1] }, [{ op: "add", path: "/a/-", value: 2 }], { a: [1, 2] }],
    [{ a: 1 }, [{ op: "replace", path: "", value: { b: 2 } }], { b: 2 }],
    [{ a: { b: 1 } }, [{ op: "replace", path: "/a/b", value: null }], { a: { b: null } }],
    [{ a: [1, 2] }, [{ op: "remove", path: "/a/0" }], { a: [2] }],
    [{ a: 1 }, [{ op: "move", from: "/a", path: "/b" }], { b: 1 }],
    [{ a: { x: 1 } }, [{ op: "copy", from: "/a", path: "/b" }], { a: { x: 1 }, b: { x: 1 } }],
    [
      { "a/b": 1, "c~d": 2 },
      [
        { op: "remove", path: "/a~1b" },
        { op: "remove", path: "/c~0d" },
      ],
      {},
    ],
    [{ a: { b: 1, c: 2 } }, [{ op: "test", path: "/a", value: { c: 2, b: 1 } }], { a: { b: 1, c: 2 } }],
    [{ a: null }, [{ op: "test", path: "/a", value: null }], { a: null }],
    [{ a: 1 }, [{ op: "test", path: "", value: { a: 1 } }], { a: 1 }],
    [{ a: 1 }, null, { a: 1 }],
    // Looser than the standard, as Kubernetes is.
    [{}, [{ op: "replace", path: "/a", value: 1 }], { a: 1 }],
    [{}, [{ op: "copy", from: "/a", path: "/b" }], { b: null }],
    [{}, [{ op: "test", path: "/a" }], {}],
    [{}, [{ op: "add", path: "/a" }], { a: null }],
    [{ a: [1, 2] }, [{ op: "remove", path: "/a/-1" }], { a: [1] }],
    [{ a: [1, 2] }, [{ op: "add", path: "/a/-1", value: 3 }], { a: [1, 2, 3] }],
    [{ a: [{}] }, [{ op: "replace", path: "x/a/-1/b", value: 3 }], { a: [{ b: 3 }] }],
    [{ a: [1] }, [{ op: "remove", path: "/a/00" }], { a: [] }],
    [{ "~2": 1 }, [{ op: "remove", path: "/~2" }], {}],
  ])("%j patched by %j is %j", (document, patch, expected) => {
    expect(applyJsonPatch(document, patch)).toEqual(expected);
  });

  it.each([
    [{ a: 1 }, [{ op: "test", path: "/a", value: 2 }], "testing value /a failed: test failed"],
    [{ a: 1 }, [{ op: "test", path: "/b", value: 2 }], "testing value /b failed: test failed"],
    [
      {},
      [{ op: "test", path: "/a/b", value: 2 }],
      "test operation does not apply: is missing path: /a/b: missing value",
    ],
    [
      {},
      [{ op: "remove", path: "/a" }],
      "error in remove for path: '/a': Unable to remove nonexistent key: a: missing",
    ],
    [{}, [{ op: "add", path: "/a/b", value: 1 }], "add operation does not apply: doc is missing path: /a/b: missing"],
    [
      {},
      [{ op: "replace", path: "/a/b" }],
      "replace operation does not apply: doc is missing path: /a/b: missing value",
    ],
    [
      { a: [] },
      [{ op: "add", path: "/a/1", value: 1 }],
      "error in add for path: '/a/1': Unable to access invalid index: 1",
    ],
    [
      { a: [] },
      [{ op: "add", path: "/a/-2", value: 1 }],
      "Unable to access invalid index: -2: invalid index referenced",
    ],
    [{ a: [1] }, [{ op: "replace", path: "/a/1", value: 1 }], "Unable to access invalid index: 1"],
    [{ a: [1] }, [{ op: "remove", path: "/a/-" }], 'strconv.Atoi: parsing "-": invalid syntax'],
    [
      { a: {} },
      [{ op: "move", from: "/a", path: "/a/b" }],
      "move operation does not apply: doc is missing destination path",
    ],
    [{}, [{ op: "move", from: "/a", path: "/b" }], "Unable to remove nonexistent key: a"],
    [{}, [{ op: "copy", from: "/a/b", path: "/c" }], "copy operation does not apply: doc is missing from path: /a/b"],
    [{}, [{ op: "remove", path: "" }], "remove operation does not apply: doc is missing path: : missing value"],
    [{}, [{ op: "add", path: "", value: {} }], "add operation does not apply: doc is missing path"],
    [{}, [{ op: "add", path: "a", value: {} }], "add operation does not apply: doc is missing path"],
    [{}, [{ op: "replace", path: "", value: 1 }], "replace operation value must be object or array"],
    [{}, [{ op: "test", path: "/constructor/name", value: "Object" }], "is missing path"],
    [{}, [{ op: "add", value: 1 }], "add operation failed to decode path"],
    [{}, [{ op: "copy", path: "/a" }], "copy operation failed to decode from"],
    [{}, [{ op: "spill", path: "/a" }], "Unexpected kind: spill"],
    [{}, [null], "Unexpected kind: unknown"],
  ])("%j does not take %j", (document, patch, message) => {
    expect(refusal(document, patch)).toMatchObject({
      code: 422,
      reason: "Invalid",
      message: expect.stringContaining(message),
    });
  });

  it.each([
    [{ op: "remove", path: "/a" }, "json: cannot unmarshal object into Go value of type jsonpatch.Patch"],
    ["add", "json: cannot unmarshal string into Go value of type jsonpatch.Patch"],
    [[[]], "json: cannot unmarshal array into Go value of type jsonpatch.Operation"],
  ])("%j is no JSON patch", (patch, message) => {
    expect(refusal({}, patch)).toMatchObject({ code: 400, reason: "BadRequest", message });
  });

  it("is bounded in its operations", () => {
    const operations = Array(jsonPatchMaxOperations + 1).fill({ op: "test", path: "", value: {} });
    expect(refusal({}, operations)).toMatchObject({ code: 413 });
  });

  it("is bounded in what it copies", () => {
    const double = { op: "copy", from: "/a", path: "/a/-" };
    expect(refusal({ a: ["x"] }, Array(60).fill(double))).toMatchObject({ code: 413 });
    expect(refusal({ a: ["x"] }, Array(10).fill(double))).not.toBeInstanceOf(Error);
  });

  it("copies a wide object once, and is bounded where copies make it do so again and again", () => {
    const wide = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, index]));
    const replace = { op: "replace", path: "/k1", value: 0 };
    expect(applyJsonPatch(wide, Array(10_000).fill(replace))).toMatchObject({ k1: 0 });
    const copy = { op: "copy", from: "/k1", path: "/k2" };
    expect(refusal(wide, Array(5000).fill([copy, replace]).flat())).toMatchObject({ code: 413 });
  });

  it("lets a copy and what it was copied from go their own ways", () => {
    const patched = applyJsonPatch({ a: { x: 1 } }, [
      { op: "replace", path: "/a/x", value: 2 },
      { op: "copy", from: "/a", path: "/b" },
      { op: "replace", path: "/b/x", value: 3 },
    ]);
    expect(patched).toEqual({ a: { x: 2 }, b: { x: 3 } });
  });

  it("does not nest deeper than can be read again", () => {
    const nest = [
      { op: "copy", from: "/x", path: "/y" },
      { op: "replace", path: "/x", value: {} },
      { op: "move", from: "/y", path: "/x/x" },
    ];
    expect(refusal({ x: {} }, Array(600).fill(nest).flat())).toMatchObject({ code: 400 });
  });

  it("does whole patches or nothing, and never changes the document", () => {
    const document = Object.freeze({ a: Object.freeze([1]) });
    refusal(document, [
      { op: "add", path: "/a/0", value: 0 },
      { op: "remove", path: "/zzz" },
    ]);
    expect(document).toEqual({ a: [1] });
  });

  it("treats __proto__ as a name like any other", () => {
    const patched = applyJsonPatch({}, [
      { op: "add", path: "/__proto__", value: {} },
      { op: "add", path: "/__proto__/polluted", value: true },
    ]);
    expect(JSON.stringify(patched)).toBe('{"__proto__":{"polluted":true}}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(refusal({}, [{ op: "add", path: "/__proto__/polluted", value: true }])).toMatchObject({ code: 422 });
  });

  it("agrees with another implementation of the standard", () => {
    const key = fc.constantFrom("a", "b", "0", "1");
    const pointer = fc.array(key, { minLength: 1, maxLength: 3 }).map((steps) => `/${steps.join("/")}`);
    const value = fc.constantFrom<unknown>(1, "x", { a: 1 }, [1, { b: 2 }]);
    const operation = fc.oneof(
      fc.record({ op: fc.constantFrom("add", "replace", "test"), path: pointer, value }),
      fc.record({ op: fc.constant("remove"), path: pointer }),
      fc.record({ op: fc.constantFrom("copy", "move"), path: pointer, from: pointer }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 4 }), (operations) => {
        const text = '{"a":{"a":[1,2,{"b":3}],"b":"x"},"b":[0,{"a":1}]}';
        const intoItself = operations.some((one) => "from" in one && one.path.startsWith(one.from));
        if (intoItself) return;
        let expected: unknown;
        try {
          expected = applyPatch(parse(text), parse(JSON.stringify(operations)) as never, true).newDocument;
        } catch {
          return; // what it refuses may be taken here
        }
        expect(refusal(parse(text), operations)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });
});
