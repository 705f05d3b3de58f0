import fc from "fast-check";
import { int32, list, map, object, optional, ref, string } from "../../schema/schema.js";
import { bornOwnable } from "./born.js";
import { difference, isEmptySet } from "./field-set.js";
import { bornFields } from "./fields-of.js";
import { ownable } from "./ownership.js";
import { shapeOf } from "./shape.js";

const portSchema = object("Port", { containerPort: int32(), name: optional(string()), protocol: string() });
const containerSchema = object("Container", {
  name: string(),
  image: optional(string()),
  env: optional(
    list(
      ref(() => object("Env", { name: string(), value: string() })),
      { mapKeys: ["name"] },
    ),
  ),
  ports: optional(
    list(
      ref(() => portSchema),
      { mapKeys: ["containerPort", "protocol"] },
    ),
  ),
  resources: optional(ref(() => object("Resources", { limits: optional(map(string())) }))),
});
const meta = object("Meta", {
  name: string(),
  labels: optional(map(string())),
  finalizers: optional(list(string(), { listType: "set" })),
});
const spec = object("Spec", {
  containers: list(
    ref(() => containerSchema),
    { mapKeys: ["name"] },
  ),
  nodeName: optional(string()),
});
const shape = shapeOf(
  object("Pod", {
    kind: optional(string()),
    metadata: ref(() => meta),
    spec: ref(() => spec),
    status: optional(ref(() => object("Status", { phase: string() }))),
  }),
);
const name = fc.constantFrom("a", "b", "c", "__proto__");
const port = fc.record({ containerPort: fc.constantFrom(80, 81), name, protocol: fc.constantFrom("TCP", "UDP") });
const containers = fc.record(
  {
    name,
    image: name,
    env: fc.array(fc.record({ name, value: name }), { maxLength: 3 }),
    ports: fc.array(port, { maxLength: 2 }),
    resources: fc.record({ limits: fc.dictionary(name, fc.constant("1")) }, { requiredKeys: [] }),
  },
  { requiredKeys: ["name"] },
);
const objects = fc.record({
  kind: fc.constant("Pod"),
  metadata: fc.record(
    { name, labels: fc.dictionary(name, name), finalizers: fc.uniqueArray(name) },
    { requiredKeys: [] },
  ),
  spec: fc.record({ containers: fc.array(containers, { maxLength: 3 }), nodeName: name }, { requiredKeys: [] }),
  status: fc.record({ phase: name }),
});

describe("what a creator owns", () => {
  it.each([true, false])("is every field that came into being (status endpoint: %s)", (hasStatusEndpoint) => {
    const scope = { part: "main" as const, hasStatusEndpoint };
    fc.assert(
      fc.property(objects, (object) => {
        const expected = ownable(bornFields(shape, object), scope);
        const quick = bornOwnable(shape, object, hasStatusEndpoint ? "status" : undefined);
        expect(isEmptySet(difference(expected, quick))).toBe(true);
        expect(isEmptySet(difference(quick, expected))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
