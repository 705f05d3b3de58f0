import type { Resource } from "../../discovery/discovery.js";
import { CliError } from "../../errors.js";

/** What of a document of OpenAPI v3 is looked at. */
export interface Documents {
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly "x-kubernetes-group-version-kind"?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
}

const refStart = "#/components/schemas/";
const lineWidth = 80;
const maxDepth = 60;
/** A list of fields shows no more of a field's values. */
const enumShownMax = 4;

/** The text of `explain` for a kind, or for the field that the names lead to. */
export function explainField(
  documents: Documents,
  resource: Resource,
  fields: readonly string[],
  options: { readonly recursive: boolean; readonly old: boolean },
): string {
  const schemas = documents.components?.schemas ?? {};
  const root = Object.values(schemas).find((schema) =>
    schema["x-kubernetes-group-version-kind"]?.some(
      ({ group, version, kind }) => group === resource.group && version === resource.version && kind === resource.kind,
    ),
  );
  if (!root)
    throw new CliError(
      `GVR (${resource.group}/${resource.version}, Resource=${resource.plural}) not found in OpenAPI schema`,
    );
  let current: Schema = root;
  for (const name of fields) {
    const { properties = {} } = inner(current, schemas);
    const next = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (!next) throw new CliError(`field ${JSON.stringify(name)} does not exist`);
    current = next;
  }
  const heading = options.old
    ? [`KIND:     ${resource.kind}`, `VERSION:  ${versionOf(resource)}`, ""]
    : [
        ...(resource.group === "" ? [] : [`GROUP:      ${resource.group}`]),
        `KIND:       ${resource.kind}`,
        `VERSION:    ${resource.version}`,
        "",
      ];
  const name = fields.at(-1);
  const body = options.old
    ? oldBody(current, schemas, name, options.recursive)
    : newBody(current, schemas, name, options.recursive);
  return `${[...heading, ...body].join("\n")}\n`;
}

const versionOf = ({ group, version }: Resource): string => (group === "" ? version : `${group}/${version}`);

type Schemas = Readonly<Record<string, Schema>>;

const targetOf = (schema: Schema): string | undefined =>
  (schema.$ref ?? (schema.allOf?.length === 1 ? schema.allOf[0]?.$ref : undefined))?.slice(refStart.length);

function resolved(schema: Schema, schemas: Schemas): Schema {
  let current = schema;
  for (let step = 0; step < maxDepth; step++) {
    const target = targetOf(current);
    const next = target !== undefined && Object.hasOwn(schemas, target) ? schemas[target] : undefined;
    if (!next) return current;
    current = next;
  }
  return current;
}

/** The schema whose fields are meant: of a list and of a map, that of what they hold. */
function inner(schema: Schema, schemas: Schemas): Schema {
  let current = resolved(schema, schemas);
  for (let step = 0; step < maxDepth; step++) {
    const below =
      current.items ?? (typeof current.additionalProperties === "object" ? current.additionalProperties : undefined);
    if (!below) return current;
    current = resolved(below, schemas);
  }
  return current;
}

/** `[]Container`, `map[string]string`, `integer`. */
function typeOf(schema: Schema, schemas: Schemas, depth = 0): string {
  const target = targetOf(schema);
  const whole = resolved(schema, schemas);
  if (depth > maxDepth) return "Object";
  if (whole.items) return `[]${typeOf(whole.items, schemas, depth + 1)}`;
  if (typeof whole.additionalProperties === "object")
    return `map[string]${typeOf(whole.additionalProperties, schemas, depth + 1)}`;
  if (whole.type !== undefined && whole.type !== "object") return whole.type;
  return target?.split(".").at(-1) ?? "Object";
}

const oldTypeOf = (schema: Schema, schemas: Schemas): string =>
  typeOf(schema, schemas).replace(/^((?:\[\]|map\[string\])*)([A-Z]\w*)$/, (_, before: string, name: string) =>
    ["Time", "MicroTime", "Quantity", "IntOrString"].includes(name) ? `${before}string` : `${before}Object`,
  );

function newBody(schema: Schema, schemas: Schemas, name: string | undefined, recursive: boolean): readonly string[] {
  const fields = inner(schema, schemas);
  const allowed = enumOf(schema, schemas);
  const title = name === undefined ? [] : [`FIELD: ${name} <${typeOf(schema, schemas)}>`];
  const said = descriptionsOf(schema, schemas);
  return [
    ...title,
    ...(name === undefined ? [] : allowed.length > 0 ? ["ENUM:", ...allowed.map((one) => `    ${one}`), ""] : ["", ""]),
    "DESCRIPTION:",
    ...(said.length > 0 ? [...said.flatMap((one) => wrapped(one, 4)), "    "] : ["    <empty>"]),
    ...(fields.properties
      ? ["FIELDS:", ...fieldLines(fields, schemas, { recursive, level: 1, seen: [], old: false })]
      : []),
    "",
  ];
}

function oldBody(schema: Schema, schemas: Schemas, name: string | undefined, recursive: boolean): readonly string[] {
  const fields = inner(schema, schemas);
  const type = oldTypeOf(schema, schemas);
  const title = name === undefined ? [] : [`${fields.properties ? "RESOURCE: " : "FIELD:    "}${name} <${type}>`, ""];
  const said = descriptionsOf(schema, schemas).map((one) => wrapped(one, 5).join("\n"));
  const about = said.length > 0 ? said.join("\n\n").split("\n") : ["     <empty>"];
  const lines = fieldLines(fields, schemas, { recursive, level: 1, seen: [], old: true });
  return [...title, "DESCRIPTION:", ...about, ...(fields.properties ? ["", "FIELDS:", ...lines] : [])];
}

/** What is said of the field, and then of its type. */
function descriptionsOf(schema: Schema, schemas: Schemas): readonly string[] {
  const whole = resolved(schema, schemas);
  const below = inner(schema, schemas);
  const texts = [
    schema.description,
    whole === schema ? undefined : whole.description,
    below === whole ? undefined : below.description,
  ];
  return texts.flatMap((one) => (one === undefined || one === "" ? [] : [one]));
}

interface FieldOptions {
  readonly recursive: boolean;
  readonly level: number;
  readonly seen: readonly Schema[];
  readonly old: boolean;
}

function fieldLines(schema: Schema, schemas: Schemas, options: FieldOptions): readonly string[] {
  const { recursive, level, seen, old } = options;
  const indent = " ".repeat(old && !recursive ? 3 : old ? 3 * level : 2 * level);
  return Object.entries(schema.properties ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, field]) => {
      const required = schema.required?.includes(name) && !(old && recursive) ? " -required-" : "";
      const type = old ? oldTypeOf(field, schemas) : typeOf(field, schemas);
      const values = old ? [] : enumOf(field, schemas);
      const line = `${indent}${name}\t<${type}>${required}`;
      const head = values.length > 0 ? [line, `${indent}enum: ${listed(values)}`] : [line];
      if (!recursive) {
        const [said = old ? undefined : "<no description>"] = descriptionsOf(field, schemas);
        return [...head, ...(said === undefined ? [] : wrapped(said, old ? 5 : 4)), ""];
      }
      const below = inner(field, schemas);
      if (!below.properties || seen.includes(below) || level > maxDepth) return head;
      return [...head, ...fieldLines(below, schemas, { ...options, level: level + 1, seen: [...seen, schema, below] })];
    });
}

const listed = (values: readonly string[]): string =>
  values.length > enumShownMax ? `${values.slice(0, enumShownMax).join(", ")}, ....` : values.join(", ");

const enumOf = (schema: Schema, schemas: Schemas): readonly string[] =>
  (schema.enum ?? resolved(schema, schemas).enum ?? []).map(String);

function wrapped(text: string, indent: number): readonly string[] {
  const before = " ".repeat(indent);
  return text.split("\n").flatMap((paragraph) => {
    const lines: string[] = [];
    let line = "";
    for (const word of paragraph.trim().split(/\s+/)) {
      if (line !== "" && line.length + 1 + word.length > lineWidth - indent) {
        lines.push(before + line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    return [...lines, line === "" ? "" : before + line];
  });
}
