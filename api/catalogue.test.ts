import { readFileSync } from "node:fs";
import path from "node:path";
import { apiVersionOf, type ResourceDefinition } from "../apimachinery/resource.js";
import type { Schema, SchemaNode } from "../apimachinery/schema/schema.js";
import { tokenRequests } from "./authentication/token-request.js";
import { scales } from "./autoscaling/scale.js";
import { builtins } from "./catalogue.js";
import { evictions } from "./policy/eviction.js";

/** Every kind against the models of @kubernetes/client-node: the same fields, of the same types, as optional. */

const folder = path.join(__dirname, "..", "node_modules", "@kubernetes", "client-node", "dist", "gen", "models");
const current = new Set(
  [...readFileSync(path.join(folder, "all.js"), "utf8").matchAll(/models\/(\w+)\.js/g)].map(([, name]) => name),
);

interface Attribute {
  readonly name: string;
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}
interface Model {
  readonly attributes: readonly Attribute[];
  readonly required: ReadonlySet<string>;
}

const models = new Map<string, Model>();
function modelOf(name: string): Model {
  const known = models.get(name);
  if (known) return known;
  if (!current.has(name)) throw new Error(`no model ${name}`);
  const source = readFileSync(path.join(folder, `${name}.js`), "utf8");
  const table = /attributeTypeMap = (\[[\s\S]*?\n\]);/.exec(source)?.[1] ?? "[]";
  const attributes = JSON.parse(table) as Attribute[];
  const types = readFileSync(path.join(folder, `${name}.d.ts`), "utf8");
  const required = attributes.filter((attribute) => types.includes(`'${attribute.name}': `));
  const model = { attributes, required: new Set(required.map(({ baseName }) => baseName)) };
  models.set(name, model);
  return model;
}

const special: Readonly<Record<string, string>> = {
  "v1/Event": "CoreV1Event",
  "events.k8s.io/v1/Event": "EventsV1Event",
  "autoscaling/v2/HorizontalPodAutoscaler": "V2HorizontalPodAutoscaler",
  ResourceClaim: "ResourceV1ResourceClaim",
  TokenRequest: "AuthenticationV1TokenRequest",
};
/** The models know Kubernetes' own groups alone. */
const own = builtins.filter(({ group }) => group !== "metrics.k8s.io");
const placeOf = (definition: ResourceDefinition): string => `${apiVersionOf(definition)}/${definition.kind}`;
const modelNameOf = (definition: ResourceDefinition): string =>
  special[placeOf(definition)] ?? special[definition.kind] ?? `V1${definition.kind}`;
const kinds: readonly ResourceDefinition[] = [...own, tokenRequests, evictions, scales];

/** Fields that the models call optional and that are always there after decoding: filled from other fields, or kept by us. */
const alwaysThere = new Set([
  "TokenRequestStatus.token",
  "TokenRequestStatus.expirationTimestamp",
  "ResourceFieldSelector.divisor",
]);

/** Fields that the models call required and that an object may lack: it was written in an older form. */
const maybeAbsent = new Set(["events.k8s.io/v1/Event.eventTime"]);

describe("built-in kinds against the API's models", () => {
  it.each(kinds.map((definition) => [placeOf(definition), definition] as const))("%s", (_place, definition) => {
    const differences: string[] = [];
    compare(definition.schema, modelNameOf(definition), placeOf(definition), differences, new Set());
    expect(differences).toEqual([]);
  });

  it("covers every field of more than 200 definitions", () => {
    for (const definition of kinds) compare(definition.schema, modelNameOf(definition), definition.kind, [], new Set());
    expect(models.size).toBeGreaterThan(200);
  });

  it("lists every kind once", () => {
    const names = builtins.map(({ group, version, plural }) => `${plural}.${group}/${version}`);
    expect(new Set(names).size).toBe(names.length);
  });
});

function compare(schema: Schema<unknown>, modelName: string, at: string, out: string[], above: Set<string>): void {
  const node = targetOf(schema.node);
  if (node.type !== "object") {
    out.push(`${at}: expected an object`);
    return;
  }
  if (above.has(modelName)) return;
  const seen = new Set([...above, modelName]);
  const { attributes, required } = modelOf(modelName);
  const names = new Set(attributes.map(({ baseName }) => baseName));
  for (const name of node.fields.keys()) if (!names.has(name)) out.push(`${at}.${name}: not in the API`);
  for (const attribute of attributes) {
    const field = node.fields.get(attribute.baseName);
    const place = `${at}.${attribute.baseName}`;
    if (!field) {
      out.push(`${place}: missing`);
      continue;
    }
    const there = !field.node.optional;
    if (required.has(attribute.baseName) && !there && !maybeAbsent.has(place))
      out.push(`${place}: optional, required in the API`);
    const filled = field.node.default !== undefined || alwaysThere.has(`${node.name}.${attribute.baseName}`);
    if (!required.has(attribute.baseName) && there && !filled) out.push(`${place}: required, optional in the API`);
    compareType(field, attribute, place, out, seen);
  }
}

function compareType(
  field: Schema<unknown>,
  attribute: Attribute,
  at: string,
  out: string[],
  above: Set<string>,
): void {
  const { type, format } = attribute;
  const node = targetOf(field.node);
  const expect = (fits: boolean, wanted: string): void => {
    if (!fits) out.push(`${at}: ${node.type}, ${wanted} in the API`);
  };
  const list = /^Array<(.*)>$/.exec(type)?.[1];
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type)?.[1];
  if (list !== undefined) {
    expect(node.type === "list", "a list");
    if (node.type === "list") compareType(node.item, { ...attribute, type: list }, `${at}[]`, out, above);
  } else if (map !== undefined) {
    expect(node.type === "map", "a map");
    if (node.type === "map") compareType(node.value, { ...attribute, type: map }, `${at}{}`, out, above);
  } else if (type === "string") {
    const bytes = format === "byte";
    expect(node.type === "string" && (node.format === "bytes") === bytes, bytes ? "bytes" : "a string");
  } else if (type === "number") {
    expect(format === "double" ? node.type === "number" : node.type === "integer" && node.format === format, format);
  } else if (type === "boolean") {
    expect(node.type === "boolean", "a boolean");
  } else if (type === "Date") {
    expect(node.type === "string" && node.format === "time", "a time");
  } else if (type === "V1MicroTime") {
    expect(node.type === "string" && node.format === "micro-time", "a time with microseconds");
  } else if (type === "IntOrString") {
    expect(node.type === "int-or-string", "an integer or string");
  } else if (type === "any") {
    expect(node.type === "any", "anything");
  } else {
    compare(field, type, at, out, above);
  }
}

function targetOf(node: SchemaNode): SchemaNode {
  return node.type === "ref" ? targetOf(node.target().node) : node;
}
