/** The Table form, as kubectl prints it: https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables */
import { ageOf } from "../../apimachinery/duration.js";
import type { KubeObject, ListMeta } from "../../apimachinery/meta.js";
import type { Column, ResourceDefinition } from "../../apimachinery/resource.js";
import { badRequest } from "../../apimachinery/status.js";
import { partialMetadata } from "./partial-metadata.js";

/** What of each object goes along with its row. */
export type IncludeObject = "None" | "Metadata" | "Object";

export interface TableOptions {
  readonly include: IncludeObject;
  readonly nowMs: number;
}

/** Throws BadRequest. */
export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const include = query.get("includeObject") || "Metadata";
  if (include === "None" || include === "Metadata" || include === "Object") return include;
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(include)}`);
}

export interface TableRow {
  readonly cells: readonly unknown[];
  readonly object?: KubeObject;
}

export function tableRow(definition: ResourceDefinition, object: KubeObject, options: TableOptions): TableRow {
  const { include, nowMs } = options;
  const cells = definition.columns.map((column) => cellOf(column, object, nowMs));
  if (include === "None") return { cells };
  return { cells, object: include === "Object" ? object : partialMetadata(object) };
}

/** Column heads with what kubectl needs to know of each. */
export const columnDefinitions = ({ columns }: ResourceDefinition): readonly object[] =>
  columns.map(({ name, type = "string", format, description = "", priority = 0 }, index) => ({
    name,
    // Ages are told by the server, in words.
    type: type === "date" ? "string" : type,
    format: format ?? (index === 0 && name === "Name" ? "name" : ""),
    description,
    priority,
  }));

/** Everything of a Table before its rows; closed by `]}`. */
export function tableHead(definition: ResourceDefinition, metadata: ListMeta, withColumns: boolean): string {
  const columns = withColumns ? columnDefinitions(definition) : [];
  return `{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":${JSON.stringify(metadata)},"columnDefinitions":${JSON.stringify(columns)},"rows":[`;
}
export const tableTail = "]}";

function cellOf({ type, cell }: Column<KubeObject>, object: KubeObject, nowMs: number): unknown {
  const value = cell(object, { nowMs });
  if (type === "date") return typeof value === "string" || value === undefined ? ageOf(value, nowMs) : value;
  return value ?? "<none>";
}
