/** The definitions that documents are made of: which there are, under which names, and their schemas in both dialects. */
import type { Description } from "../../api/descriptions.js";
import { deleteOptions } from "../../apimachinery/delete-options.js";
import { listSchemaOf } from "../../apimachinery/list-kind.js";
import { patchKind, statusKind, watchEvent } from "../../apimachinery/meta-kinds.js";
import type { ResourceDefinition } from "../../apimachinery/resource.js";
import {
  definitionSchema,
  definitionsOf,
  type JsonSchema,
  type ObjectNode,
  type Scalar,
} from "../../apimachinery/schema/json-schema.js";
import type { Schema } from "../../apimachinery/schema/schema.js";
import { folderOf, nameDefinitions, scalarNames } from "./definition-names.js";
import type { GroupVersionKind, ObjectContent } from "./operations.js";

/** Folder of the source (`core`, `apimachinery`) to definition or kind to what is written of it. */
export type Descriptions = Readonly<Record<string, Readonly<Record<string, Description>>>>;

export type Dialect = "v2" | "v3";

export interface Rendered {
  readonly name: string;
  readonly schema: JsonSchema;
}

const prefixes: Readonly<Record<Dialect, string>> = { v2: "#/definitions/", v3: "#/components/schemas/" };

const scalarSchemas: Readonly<Record<Dialect, Readonly<Record<Scalar, JsonSchema>>>> = {
  v2: {
    Quantity: { type: "string" },
    Time: { type: "string", format: "date-time" },
    MicroTime: { type: "string", format: "date-time" },
    IntOrString: { type: "string", format: "int-or-string" },
  },
  v3: {
    Quantity: { oneOf: [{ type: "string" }, { type: "number" }] },
    Time: { type: "string", format: "date-time" },
    MicroTime: { type: "string", format: "date-time" },
    IntOrString: { format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] },
  },
};
const scalarDescriptions: Readonly<Record<Scalar, string>> = {
  Quantity: "An amount with an optional unit: `500m`, `1.5`, `128Mi`, `1e3`.",
  Time: "A time with whole seconds (RFC 3339).",
  MicroTime: "A time with microseconds (RFC 3339).",
  IntOrString: "A number, or a string such as a percentage or a port's name.",
};

/** Fields that every kind has, where nothing nearer is written of them. */
const usual: ReadonlyMap<string, string> = new Map([
  ["apiVersion", "Group and version in which the object is written."],
  ["kind", "What the object is: the name of its kind."],
  ["items", "The objects of the list."],
  ["metadata", "Name, namespace, labels, annotations, owners, and the server's own notes."],
  ["spec", "The desired state, which clients write."],
  ["status", "The observed state, which the cluster writes."],
]);
const metadataOfList = "The revision that the list shows, and where its next page starts.";

export class Definitions {
  readonly #names: (definition: ObjectNode) => string | undefined;
  readonly #kinds: ReadonlyMap<string, ResourceDefinition>;
  readonly #groupVersionKinds = new Map<ObjectNode, readonly GroupVersionKind[]>();
  readonly #descriptions: Descriptions;
  /** In OpenAPI 3.0, where many documents share a definition. */
  readonly #rendered = new Map<ObjectNode, JsonSchema>();

  constructor(kinds: readonly ResourceDefinition[], descriptions: Descriptions) {
    this.#descriptions = descriptions;
    this.#kinds = new Map(kinds.map((kind) => [keyOf(kind), kind]));
    this.#names = nameDefinitions(kinds);
    const groupVersions = new Map(kinds.map(({ group, version }) => [`${group}/${version}`, { group, version }]));
    for (const kind of kinds) {
      const { group, version } = kind;
      this.#tag(kind.schema, [{ group, version, kind: kind.kind }]);
      this.#tag(listSchemaOf(kind), [{ group, version, kind: `${kind.kind}List` }]);
    }
    this.#tag(statusKind, [{ group: "", version: "v1", kind: "Status" }]);
    for (const [schema, kind] of [
      [deleteOptions, "DeleteOptions"],
      [watchEvent, "WatchEvent"],
    ] as const)
      this.#tag(
        schema,
        [...groupVersions.values()].map((each) => ({ ...each, kind })),
      );
  }

  #nameOf(definition: ObjectNode): string {
    const name = this.#names(definition);
    if (name === undefined) throw new Error(`no kind leads to the definition ${definition.name}`);
    return name;
  }

  #tag(schema: Schema<unknown>, kinds: readonly GroupVersionKind[]): void {
    if (schema.node.type === "object") this.#groupVersionKinds.set(schema.node, kinds);
  }

  /** How content is described. Throws for a kind that is not among those given. */
  schemaOf(content: ObjectContent): Schema<unknown> {
    if (!("kind" in content)) return machinery[content.type];
    const kind = this.#kinds.get(keyOf(content.kind));
    if (!kind) throw new Error(`no schema is known of ${keyOf(content.kind)}`);
    return content.type === "list" ? listSchemaOf(kind) : kind.schema;
  }

  /** `{ $ref }` */
  addressOf({ node }: Schema<unknown>, dialect: Dialect): JsonSchema {
    if (node.type !== "object") throw new Error("a schema without a definition has no address");
    return { $ref: `${prefixes[dialect]}${this.#nameOf(node)}` };
  }

  /** All that these schemas lead to, in the order of their names. */
  closure(schemas: Iterable<Schema<unknown>>): readonly ObjectNode[] {
    const found = new Set<ObjectNode>();
    for (const schema of schemas) for (const node of definitionsOf(schema, found)) found.add(node);
    const byName = new Map([...found].map((node) => [this.#nameOf(node), node]));
    return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, node]) => node);
  }

  /** A definition's name and schema. */
  render(node: ObjectNode, dialect: Dialect): Rendered {
    const name = this.#nameOf(node);
    const known = dialect === "v3" ? this.#rendered.get(node) : undefined;
    if (known) return { name, schema: known };
    const kinds = this.#groupVersionKinds.get(node);
    const text = this.#textOf(node);
    const { properties, ...rest } = definitionSchema(node, {
      addressOf: (definition) => prefixes[dialect] + this.#nameOf(definition),
      addressOfScalar: (scalar) => prefixes[dialect] + scalarNames[scalar],
      describe: (definition, field) => this.#describe(definition, field),
      ...(dialect === "v2" ? { besideRef: true } : {}),
    });
    const schema = {
      ...(text === "" ? {} : { description: text }),
      ...rest,
      ...(node.fields.size > 0 ? { properties } : {}),
      ...(kinds ? { "x-kubernetes-group-version-kind": kinds } : {}),
    };
    if (dialect === "v3") this.#rendered.set(node, schema);
    return { name, schema };
  }

  /** Frees what was kept for further documents. */
  forget(): void {
    this.#rendered.clear();
  }

  #written({ name }: ObjectNode, fullName: string): Description | undefined {
    // A definition that several groups share may lie beside the one kind that uses it.
    const nearest = this.#descriptions[folderOf(fullName)]?.[name];
    return nearest ?? Object.values(this.#descriptions).find((folder) => Object.hasOwn(folder, name))?.[name];
  }

  #textOf(node: ObjectNode): string {
    const written = this.#written(node, this.#nameOf(node))?.text ?? "";
    if (written !== "" || !node.name.endsWith("List") || !node.fields.has("items")) return written;
    return `A list of objects of kind ${node.name.slice(0, -"List".length)}.`;
  }

  /** What is written of the field, else of the definition that it holds: lists of fields show only this. */
  #describe(node: ObjectNode, field: string): string {
    const written = this.#written(node, this.#nameOf(node))?.fields[field];
    if (written) return written;
    const ofKind = this.#groupVersionKinds.has(node) ? usual.get(field) : undefined;
    if (ofKind) return field === "metadata" && node.fields.has("items") ? metadataOfList : ofKind;
    const held = node.fields.get(field)?.node;
    const inner = held?.type === "list" ? held.item.node : held;
    const target = inner?.type === "ref" ? inner.target().node : undefined;
    return target?.type === "object" ? this.#textOf(target) : "";
  }
}

const machinery = { "delete-options": deleteOptions, patch: patchKind, status: statusKind };

/** The values that have definitions of their own, in a dialect. */
export const scalarDefinitions = (dialect: Dialect): readonly Rendered[] =>
  (Object.keys(scalarNames) as Scalar[]).map((scalar) => ({
    name: scalarNames[scalar],
    schema: { description: scalarDescriptions[scalar], ...scalarSchemas[dialect][scalar] },
  }));

const keyOf = ({ group, version, kind }: GroupVersionKind): string => `${group}/${version}/${kind}`;
