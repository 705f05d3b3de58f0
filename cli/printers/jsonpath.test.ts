import fc from "fast-check";
import { evaluateJsonPath, goJson, printJsonPath, relaxedJsonPath } from "./jsonpath.js";

const object = {
  metadata: {
    name: "x",
    namespace: "default",
    labels: { app: "web", "z.io/k": "v<1>&" },
    finalizers: ["a", "b", "c"],
    ownerReferences: [
      { kind: "Pod", name: "p1", uid: "u1", controller: true },
      { kind: "Pod", name: "p2", uid: "u2", controller: false },
      { kind: "RS", name: "p3", uid: "u3" },
    ],
  },
  spec: { replicas: 3, ratio: 0.5, nothing: null },
};

// What kubectl prints for the same expressions on the same object.
const printed: readonly (readonly [string, string])[] = [
  ["{.metadata.name}", "x"],
  ["{$.metadata.name}", "x"],
  ["{@.metadata.name}", "x"],
  ["{.metadata.labels}", '{"app":"web","z.io/k":"v\\u003c1\\u003e\\u0026"}'],
  ["{.metadata.finalizers}", '["a","b","c"]'],
  ["{.metadata.finalizers[*]}", "a b c"],
  ["{.metadata.nope}", ""],
  ["{.metadata.finalizers[0:2]}", "a b"],
  ["{.metadata.finalizers[-1:]}", "c"],
  ["{.metadata.finalizers[-1]}", "c"],
  ["{.metadata.finalizers[0,2]}", "a c"],
  ["{.metadata['name','namespace']}", "x default"],
  ["{.metadata['labels']['app']}", "web"],
  ['{range .metadata.ownerReferences[*]}{.name}{"\\t"}{.uid}{"\\n"}{end}', "p1\tu1\np2\tu2\np3\tu3\n"],
  ['{.metadata.ownerReferences[?(@.name=="p2")].uid}', "u2"],
  ["{.metadata.ownerReferences[?(@.name=='p2')].uid}", "u2"],
  ['{.metadata.ownerReferences[?(@.name!="p2")].uid}', "u1 u3"],
  ['{.metadata.ownerReferences[?(@.name>"p1")].uid}', "u2 u3"],
  ["{.metadata.ownerReferences[?(@.controller==true)].uid}", "u1"],
  ["{.metadata.ownerReferences[?(@.controller)].uid}", "u1 u2"],
  ['{.metadata.ownerReferences[?(@.nope=="x")].uid}', ""],
  ['{.metadata.finalizers[?(@=="b")]}', "b"],
  ["{.metadata.ownerReferences[::2].uid}", "u1 u3"],
  ["{..name}", "x p1 p2 p3"],
  ["{.metadata.labels.z\\.io/k}", "v<1>&"],
  ["{.metadata.labels['z\\.io/k']}", "v<1>&"],
  ["hello {.metadata.name} world", "hello x world"],
  ['{"a b"}', "a b"],
  ["{'q'}", "q"],
  ['{"\\u0041\\x42 \\" \\\\ "}', 'AB " \\ '],
  [".metadata.name", ".metadata.name"],
  ["{.metadata.name}{.metadata.namespace}", "xdefault"],
  ["{.metadata.name .metadata.namespace}", ""],
  ["{.metadata.name.foo}", ""],
  ["{.spec.replicas} {.spec.ratio} {.spec.nothing}", "3 0.5 null"],
  ["{1}{true}{-1.5}", "1true-1.5"],
  ["{range .metadata.finalizers[*]}x", "xxx"],
  ["{range .metadata.ownerReferences[*]}{range .name}{@}{end};{end}", "p1;p2;p3;"],
  ['{""}', ""],
];

const refused: readonly (readonly [string, string])[] = [
  ["{.metadata", "error parsing jsonpath {.metadata, unclosed action"],
  ["{.metadata.finalizers[a]}", "invalid array index a"],
  ['{.metadata["labels"]}', 'invalid array index "labels"'],
  ["{.metadata.finalizers[5]}", "array index out of bounds: index 5, length 3"],
  ["{.metadata.finalizers[0:10]}", "array index out of bounds: index 9, length 3"],
  ["{.metadata.finalizers[2:1]}", "starting index 2 is greater than ending index 1"],
  ["{.metadata.finalizers[-10:2]}", "array index out of bounds: index -7, length 3"],
  ["{.metadata.finalizers[::-1]}", "step must be > 0"],
  ["{.metadata.finalizers[0:3:0]}", "step must be > 0"],
  ["{[*]}", "map[string]interface {} is not array or slice"],
  ["{end}", "not in range, nothing to end"],
  ["{foo}", "unrecognized identifier foo"],
  ["{..*}", "unrecognized character in action: U+002A '*'"],
  ["{.a[?(@.x=='1' && @.y=='2')]}", "unrecognized character in action: U+0026 '&'"],
  ["{'open}", "unterminated quoted string"],
  ["{.a[0}", "unterminated array"],
  ["{.a[?(@.b==1}", "unterminated filter"],
  ["{.spec[?(@.x)]}", "cannot be filtered"],
  ["{.metadata.ownerReferences[?(@.name==1)]}", "incompatible types for comparison"],
];

describe("JSONPath", () => {
  it.each(printed)("prints %s", (template, expected) => {
    expect(printJsonPath(template, object)).toBe(expected);
  });

  it.each(refused)("refuses %s", (template, message) => {
    expect(() => printJsonPath(template, object)).toThrow(message);
  });

  it("takes __proto__ for a name like any other", () => {
    expect(printJsonPath("{.__proto__}|{.constructor}", object)).toBe("|");
    expect(printJsonPath("{.__proto__.a}", JSON.parse('{"__proto__":{"a":"b"}}'))).toBe("b");
  });

  it("reads relaxed paths", () => {
    expect(["x.y", ".x.y", "{x.y}", "{.x.y}"].map(relaxedJsonPath)).toEqual(Array(4).fill("{.x.y}"));
    expect(() => relaxedJsonPath("{.x")).toThrow("unexpected path string");
  });

  it("finds any value by the path of its keys and indexes", () => {
    const key = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_/.-]{0,8}$/);
    const path = fc.array(fc.oneof(key, fc.nat({ max: 3 })), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(path, fc.oneof(fc.string(), fc.integer(), fc.boolean()), (steps, value) => {
        const root = steps.reduceRight<unknown>(
          (inner, step) =>
            typeof step === "number" ? [...Array(step).fill("other"), inner] : { [step]: inner, other: 1 },
          value,
        );
        const template = steps
          .map((step) => (typeof step === "number" ? `[${step}]` : `.${step.replaceAll(/[.\\]/g, "\\$&")}`))
          .join("");
        expect(evaluateJsonPath(`{${template}}`, root)).toEqual([[value]]);
      }),
    );
  });

  it("ends on any text, with a value or an error of its own", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."{}[]()?@.$*'\"\\:,-=<>1ab \n") }), (template) => {
        try {
          expect(typeof printJsonPath(template, object)).toBe("string");
        } catch (error) {
          expect((error as Error).name).toBe("JsonPathError");
        }
      }),
    );
  });

  it("writes JSON with sorted keys, escaped as Go does", () => {
    expect(goJson({ b: "<&>", a: [{ d: 1, c: undefined }] })).toBe('{"a":[{"d":1}],"b":"\\u003c\\u0026\\u003e"}');
  });
});
