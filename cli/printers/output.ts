import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { AnyObject } from "../api.js";
import { CliError } from "../errors.js";

/** What `-o` asked for. */
export type OutputFormat =
  | { readonly type: "default" }
  | { readonly type: "wide" }
  | { readonly type: "json" | "yaml" | "name" }
  | { readonly type: "jsonpath"; readonly template: string }
  | { readonly type: "jsonpath-as-json"; readonly template: string }
  | { readonly type: "go-template"; readonly template: string }
  | { readonly type: "custom-columns"; readonly spec: string; readonly fromFile: boolean };

const templated = {
  jsonpath: "jsonpath",
  "jsonpath-as-json": "jsonpath-as-json",
  "jsonpath-file": "jsonpath",
  "go-template": "go-template",
  "go-template-file": "go-template",
  template: "go-template",
  templatefile: "go-template",
} as const;
const columned = ["custom-columns", "custom-columns-file"];

/** Reads the values of `-o` and `--template`; `tables`: the command can print tables too. */
export async function parseOutput(
  output: string | undefined,
  cwd: string,
  tables: boolean,
  template?: string,
): Promise<OutputFormat> {
  const written = withTemplate(output ?? "", template);
  if (written === "") return { type: "default" };
  const equals = written.indexOf("=");
  const name = equals < 0 ? written : written.slice(0, equals);
  const value = equals < 0 ? "" : written.slice(equals + 1);
  if (equals < 0 && (name === "json" || name === "yaml" || name === "name")) return { type: name };
  if (equals < 0 && name === "wide" && tables) return { type: name };
  if (tables && columned.includes(name)) {
    if (value === "") throw new CliError("custom-columns format specified but no custom columns given");
    const spec = name.endsWith("file") ? await readTemplate(value, cwd) : value;
    return { type: "custom-columns", spec, fromFile: name.endsWith("file") };
  }
  if (!isTemplated(name)) throw unknownFormat(written, tables);
  if (value === "") throw new CliError("template format specified but no template given");
  return { type: templated[name], template: name.endsWith("file") ? await readTemplate(value, cwd) : value };
}

const isTemplated = (name: string): name is keyof typeof templated => Object.hasOwn(templated, name);

/** `--template T` alone is a Go template; with `-o jsonpath` (and the like) it is what would follow the equals sign. */
function withTemplate(output: string, template: string | undefined): string {
  if (template === undefined || template === "") return output;
  if (output === "") return `go-template=${template}`;
  return isTemplated(output) ? `${output}=${template}` : output;
}

const readTemplate = async (name: string, cwd: string): Promise<string> => {
  try {
    return await readFile(resolve(cwd, name), "utf8");
  } catch (error) {
    throw new CliError(`error reading --template ${name}, ${error instanceof Error ? error.message : error}`);
  }
};

const unknownFormat = (written: string, tables: boolean): CliError => {
  const allowed = tables
    ? [
        "custom-columns",
        "custom-columns-file",
        "go-template",
        "go-template-file",
        "json",
        "jsonpath",
        "jsonpath-as-json",
        "jsonpath-file",
        "name",
        "template",
        "templatefile",
        "wide",
        "yaml",
      ]
    : [
        "go-template",
        "go-template-file",
        "json",
        "jsonpath",
        "jsonpath-as-json",
        "jsonpath-file",
        "name",
        "template",
        "templatefile",
        "yaml",
      ];
  return new CliError(
    `unable to match a printer suitable for the output format ${JSON.stringify(written)}, allowed formats are: ${allowed.join(",")}`,
  );
};

export type ObjectFormat = Exclude<OutputFormat, { type: "default" } | { type: "wide" }>;

/** Turns one object after another into text; YAML documents are parted by `---`. */
export type ObjectPrinter = (object: AnyObject) => string;

export interface ObjectPrinterOptions {
  readonly showManagedFields?: boolean;
  readonly noHeaders?: boolean;
  /** `name` prints what happened after the name (`deleted`). */
  readonly operation?: string;
  /** What is printed for an object where that is more than the object. */
  readonly wrap?: (object: AnyObject) => unknown;
}

export async function createObjectPrinter(
  format: ObjectFormat,
  options: ObjectPrinterOptions = {},
): Promise<ObjectPrinter> {
  const clean = options.showManagedFields ? (object: AnyObject) => object : withoutManagedFields;
  const { wrap } = options;
  const shown = wrap ? (object: AnyObject): unknown => wrap(clean(object)) : clean;
  switch (format.type) {
    case "json": {
      const { goJson } = await import("./jsonpath.js");
      return (object) => `${goJson(shown(object), 4)}\n`;
    }
    case "yaml": {
      const [{ toYaml }, { sortKeys }, { compareYamlKeys }] = await Promise.all([
        import("../../apimachinery/codec/yaml.js"),
        import("./jsonpath.js"),
        import("./yaml-order.js"),
      ]);
      let first = true;
      return (object) => {
        const text = toYaml(sortKeys(shown(object), compareYamlKeys));
        const separator = first ? "" : "---\n";
        first = false;
        return separator + (text.endsWith("\n") ? text : `${text}\n`);
      };
    }
    case "name":
      return (object) =>
        itemsOf(object)
          .map((item) => `${nameOf(item)}\n`)
          .join("");
    case "jsonpath": {
      const { printJsonPath } = await import("./jsonpath.js");
      return (object) => printJsonPath(format.template, shown(object));
    }
    case "go-template": {
      const { printTemplate } = await import("./go-template.js");
      return (object) => printTemplate(format.template, shown(object));
    }
    case "jsonpath-as-json": {
      const { evaluateJsonPath, goJson } = await import("./jsonpath.js");
      return (object) => `${goJson(evaluateJsonPath(format.template, shown(object)).flat(), 4)}\n`;
    }
    case "custom-columns": {
      const { parseColumnTemplate, parseCustomColumns, printCustomColumns } = await import("./custom-columns.js");
      const columns = format.fromFile ? parseColumnTemplate(format.spec) : parseCustomColumns(format.spec);
      let headless = options.noHeaders ?? false;
      return (object) => {
        const text = printCustomColumns(columns, itemsOf(object).map(clean), headless);
        headless = true;
        return text;
      };
    }
  }
}

/** `deployment.apps/web`. */
export function nameOf({ apiVersion, kind, metadata }: AnyObject): string {
  const slash = apiVersion.indexOf("/");
  const type = slash < 0 ? kind.toLowerCase() : `${kind.toLowerCase()}.${apiVersion.slice(0, slash)}`;
  return `${type}/${metadata.name ?? ""}`;
}

export const itemsOf = (object: AnyObject): readonly AnyObject[] =>
  object.kind.endsWith("List") && Array.isArray(object.items) ? (object.items as readonly AnyObject[]) : [object];

export const listOf = (items: readonly AnyObject[]): AnyObject => ({
  apiVersion: "v1",
  items,
  kind: "List",
  metadata: { resourceVersion: "" },
});

function withoutManagedFields(object: AnyObject): AnyObject {
  if (object.kind.endsWith("List") && Array.isArray(object.items)) {
    return { ...object, items: (object.items as readonly AnyObject[]).map(withoutManagedFields) };
  }
  if (object.metadata?.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
