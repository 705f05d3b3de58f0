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
  | { readonly type: "custom-columns"; readonly spec: string; readonly fromFile: boolean };

const templated = ["jsonpath", "jsonpath-as-json", "jsonpath-file", "custom-columns", "custom-columns-file"] as const;
const refused = ["go-template", "go-template-file", "template", "templatefile", "kyaml"];

/** Reads the value of `-o`; `tables`: the command can print tables too. */
export async function parseOutput(written: string | undefined, cwd: string, tables: boolean): Promise<OutputFormat> {
  if (written === undefined || written === "") return { type: "default" };
  const equals = written.indexOf("=");
  const name = equals < 0 ? written : written.slice(0, equals);
  const value = equals < 0 ? "" : written.slice(equals + 1);
  if (equals < 0 && (name === "json" || name === "yaml" || name === "name")) return { type: name };
  if (equals < 0 && name === "wide" && tables) return { type: name };
  if (refused.includes(name)) {
    throw new CliError(
      `output format ${JSON.stringify(name)} is not supported by navctl; use jsonpath or custom-columns`,
    );
  }
  const known = templated.find((candidate) => candidate === name);
  if (!known || (!tables && known.startsWith("custom-columns"))) throw unknownFormat(written, tables);
  if (known.startsWith("custom-columns")) {
    if (value === "") throw new CliError("custom-columns format specified but no custom columns given");
    const spec = known.endsWith("-file") ? await readTemplate(value, cwd) : value;
    return { type: "custom-columns", spec, fromFile: known.endsWith("-file") };
  }
  if (value === "") throw new CliError("template format specified but no template given");
  const template = known === "jsonpath-file" ? await readTemplate(value, cwd) : value;
  return { type: known === "jsonpath-as-json" ? known : "jsonpath", template };
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
        "json",
        "jsonpath",
        "jsonpath-as-json",
        "jsonpath-file",
        "name",
        "wide",
        "yaml",
      ]
    : ["json", "jsonpath", "jsonpath-as-json", "jsonpath-file", "name", "yaml"];
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
}

export async function createObjectPrinter(
  format: ObjectFormat,
  options: ObjectPrinterOptions = {},
): Promise<ObjectPrinter> {
  const clean = options.showManagedFields ? (object: AnyObject) => object : withoutManagedFields;
  switch (format.type) {
    case "json": {
      const { goJson } = await import("./jsonpath.js");
      return (object) => `${goJson(clean(object), 4)}\n`;
    }
    case "yaml": {
      const [{ toYaml }, { sortKeys }] = await Promise.all([
        import("../../apimachinery/codec/yaml.js"),
        import("./jsonpath.js"),
      ]);
      let first = true;
      return (object) => {
        const text = toYaml(sortKeys(clean(object)));
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
      return (object) => printJsonPath(format.template, clean(object));
    }
    case "jsonpath-as-json": {
      const { evaluateJsonPath, goJson } = await import("./jsonpath.js");
      return (object) => `${goJson(evaluateJsonPath(format.template, clean(object)).flat(), 4)}\n`;
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
