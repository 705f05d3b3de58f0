import fc from "fast-check";
import { deployments } from "../../api/apps/deployment.js";
import { builtins } from "../../api/catalogue.js";
import { configMaps } from "../../api/core/config-map.js";
import { openEnvelope } from "../../apimachinery/codec/protobuf/envelope.js";
import { apiVersionOf, type ResourceDefinition } from "../../apimachinery/resource.js";
import { decode } from "../../apimachinery/schema/decode.js";
import { applyDefaults } from "../../apimachinery/schema/defaults.js";
import { definitionsOf } from "../../apimachinery/schema/json-schema.js";
import type { Schema } from "../../apimachinery/schema/schema.js";
import { valuesOf } from "../../apimachinery/schema/schema.test-kit.js";
import { StatusError } from "../../apimachinery/status.js";
import { decodeBody, encodeObjectOf, encodeValue, hasProtobuf, unnumberedFields, wrapped } from "./protobuf.js";

const runs = 60;

/** Kinds that come as JSON alone: clients of theirs speak nothing else. */
const jsonOnly = new Set<string>(["CustomResourceDefinition", "NodeMetrics", "PodMetrics"]);
const numbered = builtins.filter(({ kind }) => !jsonOnly.has(kind));

/** What a body is taken for. */
const read = (definition: ResourceDefinition, value: unknown): unknown =>
  applyDefaults(
    definition.schema as Schema<unknown>,
    decode(definition.schema as Schema<unknown>, value, { strict: "Strict" }).value,
  );

const throughProtobuf = (definition: ResourceDefinition, object: unknown): unknown =>
  decodeBody(
    wrapped({ apiVersion: apiVersionOf(definition), kind: definition.kind }, encodeObjectOf(definition, object)),
  );

/**
 * Without what the wire does not tell: members that hold nothing, and kind and version of objects within objects.
 */
function meant(value: unknown, within = ""): unknown {
  if (Array.isArray(value)) return value.map((each) => meant(each, within));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([name, each]) => [name, meant(each, name)] as const);
  const untold = within === "volumeClaimTemplates" ? ["kind", "apiVersion"] : [];
  return Object.fromEntries(members.filter(([name, each]) => !isNothing(each) && !untold.includes(name)));
}
const isNothing = (value: unknown): boolean =>
  value === "" ||
  value === 0 ||
  value === false ||
  value === null ||
  (typeof value === "object" && Object.keys(value ?? {}).length === 0);

describe("field numbers", () => {
  it("are known of every field of every kind", () => {
    const missing = numbered
      .flatMap(({ schema }) => definitionsOf(schema))
      .flatMap((node) => unnumberedFields(node).map((field) => `${node.name}.${field}`));
    expect([...new Set(missing)]).toEqual([]);
    expect(
      builtins
        .filter((definition) => !hasProtobuf(definition))
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual([...jsonOnly]);
  });
});

describe.each(numbered.map((definition) => [`${apiVersionOf(definition)} ${definition.kind}`, definition] as const))(
  "%s",
  (_kind, definition) => {
    const values = valuesOf(definition.schema, 8);

    it("means in protocol buffers what it means in JSON", () => {
      fc.assert(
        fc.property(values, (value) => {
          const { kind: _, apiVersion: __, ...object } = read(definition, value) as Record<string, unknown>;
          const { kind, apiVersion, ...back } = read(definition, throughProtobuf(definition, object)) as typeof object;
          expect(meant(back)).toEqual(meant(object));
          expect({ kind, apiVersion }).toEqual({ kind: definition.kind, apiVersion: apiVersionOf(definition) });
        }),
        { numRuns: runs },
      );
    });

    it("is refused by a 400 when its bytes are damaged, or read", () => {
      fc.assert(
        fc.property(values, fc.nat(), fc.nat(255), (value, where, byte) => {
          const raw = Uint8Array.from(encodeObjectOf(definition, read(definition, value)));
          if (raw.length > 0) raw[where % raw.length] = byte;
          try {
            decodeBody(wrapped({ apiVersion: apiVersionOf(definition), kind: definition.kind }, raw));
          } catch (error) {
            if (!(error instanceof StatusError) || error.code !== 400) throw error;
          }
        }),
        { numRuns: runs },
      );
    });
  },
);

const hex = (text: string): Uint8Array => Buffer.from(text.replace(/\s/g, ""), "hex");

describe("bytes that kubectl 1.33 sent", () => {
  it("are the config map that was asked for, without the empty fields that Go writes", () => {
    const body = hex(`
      6b 38 73 00 0a 0f 0a 02 76 31 12 09 43 6f 6e 66 69 67 4d 61 70 12 1c 0a 12 0a 02 78 78 12 00 1a
      00 22 00 2a 00 32 00 38 00 42 00 12 06 0a 01 61 12 01 62 1a 00 22 00`);
    expect(decodeBody(body)).toEqual({
      kind: "ConfigMap",
      apiVersion: "v1",
      metadata: { name: "xx" },
      data: { a: "b" },
    });
  });

  it("are the deployment that was asked for, with no replicas", () => {
    const body = hex(`
      6b3873000a150a07617070732f7631120a4465706c6f796d656e7412c1010a1f0a0366697812001a0022002a003200380042005a0a0a036170
      701203666978128f010800120c0a0a0a0361707012036669781a750a1c0a0012001a0022002a003200380042005a0a0a036170701203666978
      125512370a066d792d617070120d6d792d6170703a6c61746573742a00320a0a001000185022002a0042006a00720080010088010090010
      0a201001a00320042004a0052005800600068008201008a01009a0100c2010022020a00280038001a0c080010001800200028003800`);
    expect(read(deployments, decodeBody(body))).toMatchObject({
      metadata: { name: "fix", labels: { app: "fix" } },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: "fix" } },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%" } },
        template: {
          spec: { containers: [{ name: "my-app", image: "my-app:latest", ports: [{ containerPort: 80 }] }] },
        },
      },
    });
  });
});

describe("what is sent in protocol buffers", () => {
  it("says what it is before the object", () => {
    const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 200 };
    const bytes = encodeValue(status);
    expect(Buffer.from(bytes.subarray(0, 4)).toString("latin1")).toBe("k8s\0");
    expect(openEnvelope(bytes)).toMatchObject({ kind: "Status", apiVersion: "v1" });
    expect(decodeBody(bytes)).toEqual(status);
  });

  it("holds a name like __proto__ and every integer", () => {
    const data = JSON.parse('{"__proto__":"a","b":"c"}');
    expect((throughProtobuf(configMaps, { metadata: { generation: -5 }, data }) as { data: unknown }).data).toEqual(
      data,
    );
    for (const generation of [0, 1, 127, 128, 2 ** 31, 2 ** 53 - 1, -1, -(2 ** 53 - 1), 2n ** 63n - 1n, -(2n ** 63n)]) {
      const { metadata } = throughProtobuf(configMaps, { metadata: { generation } }) as {
        readonly metadata: { readonly generation?: unknown };
      };
      expect(metadata.generation ?? 0).toBe(generation);
    }
  });
});

describe("a body that is no object in protocol buffers", () => {
  it.each([
    ["nothing of it", Buffer.from("{}"), /do not begin/],
    ["a foreign kind", wrapped({ apiVersion: "v1", kind: "Nothing" }, new Uint8Array()), /no kind "Nothing"/],
    ["cut short", wrapped({ apiVersion: "v1", kind: "ConfigMap" }, hex("0a12")), /ends too early/],
    ["not UTF-8", wrapped({ apiVersion: "v1", kind: "ConfigMap" }, hex("0a030a01ff")), /not UTF-8/],
  ])("is refused: %s", (_what, bytes, message) => {
    expect(() => decodeBody(bytes)).toThrow(message);
  });
});
