import { deployments } from "../../api/apps/deployment.js";
import { configMaps } from "../../api/core/config-map.js";
import { ObjectRevision, revisionOf, unstoredRevision } from "./object-revision.js";
import { decodeStored, encodeCount, encodeStored, parseCount } from "./stored-object.js";

const object = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a", namespace: "x", uid: "u", resourceVersion: "7", creationTimestamp: "2030-01-01T00:00:00Z" },
  data: { k: "ü" },
};
const copyOf = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes);
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe("the stored form", () => {
  it("starts with kind, apiVersion and metadata, and knows no resourceVersion", () => {
    const { bytes } = encodeStored(configMaps, object);
    expect(textOf(bytes)).toMatch(/^\{"kind":"ConfigMap","apiVersion":"v1","metadata":\{"name":"a"/);
    expect(textOf(bytes)).not.toContain("resourceVersion");
  });

  it("serves any revision of the same bytes without encoding again", () => {
    const { bytes } = encodeStored(configMaps, object);
    const before = [encodeCount(), parseCount()];
    const first = revisionOf(configMaps, "/k", bytes, 9);
    const deleted = first.at(12);
    for (const [revision, version] of [[first, "9"] as const, [deleted, "12"] as const]) {
      const expected = { ...object, metadata: { ...object.metadata, resourceVersion: version } };
      expect(JSON.parse(textOf(revision.json))).toEqual(expected);
      expect(revision.object).toEqual(expected);
      expect(revision.json).toHaveLength(revision.byteLength);
    }
    expect(revisionOf(configMaps, "/k", bytes, 9)).toBe(first);
    expect([encodeCount(), parseCount()]).toEqual(before);
  });

  it("is parsed once where another process wrote it, and frozen all through", () => {
    const bytes = copyOf(encodeStored(configMaps, object).bytes);
    const before = parseCount();
    const revision = revisionOf(configMaps, "/k", bytes, 9);
    decodeStored(configMaps, bytes);
    expect(parseCount() - before).toBe(1);
    expect(Object.isFrozen(revision.object) && Object.isFrozen(revision.object.data)).toBe(true);
  });

  it("has no version in what a dry run would create", () => {
    const { resourceVersion: _, ...metadata } = object.metadata;
    const revision = unstoredRevision(configMaps, "/k", { ...object, metadata } as never);
    expect(textOf(revision.json)).not.toContain("resourceVersion");
    expect(revision.object).toEqual({ ...object, metadata });
  });

  it("gets the defaults that are younger than it, and bytes of the shape that serving relies on", () => {
    const old = JSON.stringify({
      apiVersion: "apps/v1",
      metadata: { resourceVersion: "3", name: "d" },
      kind: "Deployment",
      spec: { selector: {}, template: { spec: { containers: [] } } },
    });
    const revision = revisionOf(deployments, "/k", Buffer.from(old), 5);
    expect(revision.object.spec).toMatchObject({ replicas: 1, strategy: { type: "RollingUpdate" } });
    expect(JSON.parse(textOf(revision.json))).toEqual(revision.object);
    expect(revision.object.metadata.resourceVersion).toBe("5");
  });

  it.each(["", "nothing", "[]", "7", '{"kind":"ConfigMap"}'])("refuses %j", (text) => {
    expect(() => decodeStored(configMaps, Buffer.from(text))).toThrow();
  });

  it("takes __proto__ for a name like any other", () => {
    const data = JSON.parse('{"__proto__":"x"}') as Record<string, string>;
    const { bytes } = encodeStored(configMaps, { ...object, data } as never);
    const revision = new ObjectRevision(configMaps, "/k", 3, decodeStored(configMaps, copyOf(bytes)));
    expect(Object.keys(revision.object.data ?? {})).toEqual(["__proto__"]);
    expect(textOf(revision.json)).toContain('"data":{"__proto__":"x"}');
  });
});
