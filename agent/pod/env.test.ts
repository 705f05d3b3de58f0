import { ConfigError, containerEnv, type EnvSources, expand, fieldValue, resourceValue } from "./env.js";
import { container, pod } from "./pod.test-kit.js";

const sources = (parts: Partial<EnvSources> = {}): EnvSources => ({
  pod: pod({}, { metadata: { labels: { app: "web", b: "2" }, annotations: { note: 'a "b"' } } }),
  podIPs: ["127.64.0.2"],
  hostIPs: ["127.64.0.1"],
  nodeName: "one",
  allocatable: { cpu: "4", memory: "8Gi" },
  configMaps: new Map([["settings", { A: "1", B: "2" }]]),
  secrets: new Map([["keys", { token: "t" }]]),
  serviceEnv: [{ name: "KUBERNETES_SERVICE_HOST", value: "h" }],
  ...parts,
});
const env = (parts: Parameters<typeof container>[1]): Readonly<Record<string, string>> =>
  Object.fromEntries(containerEnv(container("main", parts), sources()).map(({ name, value }) => [name, value]));

describe("a container's environment", () => {
  it("lets env win over envFrom, and later sources over earlier ones", () => {
    expect(env({ envFrom: [{ configMapRef: { name: "settings" } }], env: [{ name: "B", value: "own" }] })).toEqual({
      KUBERNETES_SERVICE_HOST: "h",
      A: "1",
      B: "own",
    });
  });

  it("refers to what was defined before it, and to nothing that comes after", () => {
    expect(
      env({
        env: [
          { name: "X", value: "$(LATER)" },
          { name: "LATER", value: "l" },
          { name: "Y", value: "$(LATER)-$$(LATER)" },
        ],
      }),
    ).toMatchObject({ X: "$(LATER)", Y: "l-$(LATER)" });
  });

  it.each([
    [
      { env: [{ name: "X", valueFrom: { configMapKeyRef: { name: "none", key: "k" } } }] },
      'configmap "none" not found',
    ],
    [
      { env: [{ name: "X", valueFrom: { secretKeyRef: { name: "keys", key: "k" } } }] },
      "couldn't find key k in Secret default/keys",
    ],
    [{ envFrom: [{ secretRef: { name: "none" } }] }, 'secret "none" not found'],
    [
      { env: [{ name: "X", valueFrom: { configMapKeyRef: { name: "settings", key: "__proto__" } } }] },
      "couldn't find key __proto__ in ConfigMap default/settings",
    ],
  ])("says what is missing: %j", (parts, message) => {
    expect(() => env(parts)).toThrow(new ConfigError(message));
  });

  it("leaves out what is optional and missing", () => {
    expect(
      env({ env: [{ name: "X", valueFrom: { configMapKeyRef: { name: "none", key: "k", optional: true } } }] }),
    ).toEqual({ KUBERNETES_SERVICE_HOST: "h" });
  });
});

it("references are expanded as Kubernetes does", () => {
  const values = new Map([["A", "1"]]);
  expect(["$(A)", "$$(A)", "$$$(A)", "$(B)", "$A", "$(A", "$$"].map((text) => expand(text, values))).toEqual([
    "1",
    "$(A)",
    "$1",
    "$(B)",
    "$A",
    "$(A",
    "$",
  ]);
});

it.each([
  ["metadata.labels['app']", "web"],
  ["metadata.annotations", 'note="a \\"b\\""'],
  ["metadata.labels", 'app="web"\nb="2"'],
  ["spec.nodeName", "one"],
  ["status.hostIP", "127.64.0.1"],
  ["status.podIPs", "127.64.0.2"],
])("the field %s is %s", (fieldPath, value) => {
  expect(fieldValue({ fieldPath, apiVersion: "v1" }, sources())).toBe(value);
});

it.each([
  ["limits.cpu", "1", "4"],
  ["limits.memory", "1Mi", "8192"],
  ["requests.cpu", "1m", "250"],
  ["requests.cpu", "0", "1"],
  ["requests.memory", "0", "0"],
])("the resource %s by %s is %s", (resource, divisor, value) => {
  expect(
    resourceValue({ resource, divisor }, container("main", { resources: { requests: { cpu: "250m" } } }), sources()),
  ).toBe(value);
});
