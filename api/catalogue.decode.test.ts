import { decode } from "../apimachinery/schema/decode.js";
import { int32, list, map, object, optional, string } from "../apimachinery/schema/schema.js";
import { StatusError } from "../apimachinery/status.js";
import { deployments } from "./apps/deployment.js";
import { configMaps } from "./core/config-map.js";
import { pods } from "./core/pod/pod.js";

const deployment = (spec: unknown): object => ({ apiVersion: "apps/v1", kind: "Deployment", spec });
const inTemplate = (container: unknown): object => deployment({ template: { spec: { containers: [container] } } });

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof StatusError && error.code === 400) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}
const told = (value: unknown, strict: "Ignore" | "Strict" = "Ignore"): string =>
  refusal(() => decode(deployments.schema, value, { strict })).replace(
    'Deployment in version "v1" cannot be handled as a Deployment: ',
    "",
  );

describe("decode", () => {
  it.each([
    [
      deployment({ replicas: "3" }),
      "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
    ],
    [
      deployment({ replicas: 3_000_000_000 }),
      "json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32",
    ],
    [
      deployment({ replicas: 1.5 }),
      "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
    ],
    [
      deployment({ paused: "yes" }),
      "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.paused of type bool",
    ],
    [deployment([]), "json: cannot unmarshal array into Go struct field Deployment.spec of type v1.DeploymentSpec"],
    [
      deployment({ template: { spec: { containers: {} } } }),
      "json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container",
    ],
    [
      inTemplate({ name: 1 }),
      "json: cannot unmarshal number into Go struct field Container.spec.template.spec.containers.name of type string",
    ],
    [
      inTemplate({ env: [true] }),
      "json: cannot unmarshal bool into Go struct field Container.spec.template.spec.containers.env of type v1.EnvVar",
    ],
    [
      { ...deployment({}), metadata: { labels: { a: 1 } } },
      "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
    ],
    [
      { ...deployment({}), metadata: { labels: "a" } },
      "json: cannot unmarshal string into Go struct field ObjectMeta.metadata.labels of type map[string]string",
    ],
    [
      inTemplate({ resources: { limits: { cpu: "1x" } } }),
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      { ...deployment({}), metadata: { creationTimestamp: "soon" } },
      'parsing time "soon" as "2006-01-02T15:04:05Z07:00": cannot parse "soon" as "2006"',
    ],
    [
      { ...deployment({}), metadata: { creationTimestamp: "2026-02-30T00:00:00Z" } },
      'parsing time "2026-02-30T00:00:00Z": day out of range',
    ],
    [
      inTemplate({ livenessProbe: { httpGet: { port: true } } }),
      "json: cannot unmarshal bool into Go value of type int32",
    ],
  ])("refuses wrong types in Kubernetes' words: %j", (value, message) => {
    expect(told(value)).toBe(message);
  });

  it("names kind and version of what was sent", () => {
    expect(refusal(() => decode(deployments.schema, deployment({ replicas: "3" }), { strict: "Ignore" }))).toMatch(
      /^Deployment in version "v1" cannot be handled as a Deployment: json: /,
    );
    expect(refusal(() => decode(deployments.schema, [], { strict: "Ignore" }))).toMatch(
      /^the object provided is unrecognized \(must be of type Deployment\): json: cannot unmarshal array/,
    );
  });

  it("drops unknown fields and tells their paths", () => {
    const value = { ...inTemplate({ name: "a", imgae: "b" }), extra: 1 };
    const decoded = decode(deployments.schema, value, { strict: "Warn" });
    expect(decoded.unknownFields).toEqual(["spec.template.spec.containers[0].imgae", "extra"]);
    expect(decoded.value.spec.template.spec.containers).toEqual([{ name: "a" }]);
    expect(decode(deployments.schema, value, { strict: "Ignore" }).unknownFields).toEqual([]);
  });

  it("refuses unknown and duplicate fields when strict", () => {
    const run = (): unknown =>
      decode(deployments.schema, deployment({ replicsa: 1 }), {
        strict: "Strict",
        problems: ['duplicate field "kind"'],
      });
    expect(refusal(run)).toBe(
      'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: duplicate field "kind", unknown field "spec.replicsa"',
    );
  });

  it("reads null as absent, and as the empty value within lists and maps", () => {
    const value = { ...inTemplate(null), metadata: { creationTimestamp: null, labels: { a: null } } };
    const decoded = decode(deployments.schema, value, { strict: "Strict" }).value;
    expect(decoded.metadata).toEqual({ labels: { a: "" } });
    expect(decoded.spec.template.spec.containers).toEqual([{}]);
  });

  it("reads empty strings, lists and maps of optional fields as absent, an empty object as itself", () => {
    const spec = {
      nodeName: "",
      tolerations: [],
      nodeSelector: {},
      affinity: {},
      restartPolicy: "",
      terminationGracePeriodSeconds: 0,
    };
    const decoded = decode(pods.schema, { spec }, { strict: "Strict" }).value;
    expect(decoded.spec).toEqual({ affinity: {}, terminationGracePeriodSeconds: 0 });
  });

  it("brings quantities and times into their canonical form", () => {
    const container = { name: "a", resources: { limits: { cpu: 0.5, memory: "1024Mi" } } };
    const value = { metadata: { creationTimestamp: "2026-01-01T01:00:00.9+01:00" }, spec: { containers: [container] } };
    const decoded = decode(pods.schema, value, { strict: "Strict" }).value;
    expect(decoded.metadata.creationTimestamp).toBe("2026-01-01T00:00:00Z");
    expect(decoded.spec.containers[0]?.resources.limits).toEqual({ cpu: "500m", memory: "1Gi" });
  });

  it("takes __proto__ for a name like any other", () => {
    const value: unknown = JSON.parse('{"data":{"__proto__":"x","a":"y"},"__proto__":{"polluted":true}}');
    const { value: decoded, unknownFields } = decode(configMaps.schema, value, { strict: "Warn" });
    expect(unknownFields).toEqual(["__proto__"]);
    expect(Object.keys(decoded.data ?? {})).toEqual(["__proto__", "a"]);
    expect(Object.getPrototypeOf(decoded.data)).toBe(Object.prototype);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it("refuses what is not base64", () => {
    const run = (): unknown => decode(configMaps.schema, { binaryData: { a: "a*==" } }, { strict: "Ignore" });
    expect(refusal(run)).toContain("illegal base64 data at input byte 1");
  });

  it("never changes what it was given", () => {
    const input = Object.freeze({
      items: Object.freeze([Object.freeze({ name: "a", gone: null, other: 1 })]),
      empty: "",
    });
    const schema = object("Holder", {
      items: list(object("Item", { name: string(), gone: optional(int32()) })),
      empty: optional(string()),
      labels: optional(map(string())),
    });
    expect(decode(schema, input, { strict: "Warn" }).value).toEqual({ items: [{ name: "a" }] });
    expect(input.items[0]).toEqual({ name: "a", gone: null, other: 1 });
  });
});
