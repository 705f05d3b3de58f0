import { ageOf } from "../duration.js";
import type { KubeObject, ListMeta } from "../meta.js";
import type { Column, ResourceDefinition } from "../resource.js";

/**
 * metav1.Table: the form in which a server tells a client that knows nothing of a kind how to print it.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
 */
export interface Table {
  readonly kind: "Table";
  readonly apiVersion: "meta.k8s.io/v1";
  readonly metadata: Partial<ListMeta>;
  readonly columnDefinitions: readonly TableColumn[];
  readonly rows: readonly TableRow[];
}
export interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}
export interface TableRow {
  readonly cells: readonly (string | number | boolean)[];
  readonly object?: unknown;
}

/** What of the object goes along with its row. */
export type IncludeObject = "None" | "Metadata" | "Object";
export const includeObjectValues: readonly IncludeObject[] = ["None", "Metadata", "Object"];

export interface TableOptions {
  /** Ages count from here. */
  readonly nowMs: number;
  /** Metadata unless said. */
  readonly includeObject?: IncludeObject;
  readonly metadata?: Partial<ListMeta>;
  /** False in every table of a watch but the first. */
  readonly columnDefinitions?: boolean;
}

type Printable<T extends KubeObject> = Pick<ResourceDefinition<T>, "columns">;

export function tableOf<T extends KubeObject>(
  definition: Printable<T>,
  objects: readonly T[],
  options: TableOptions,
): Table {
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata: options.metadata ?? {},
    columnDefinitions: options.columnDefinitions === false ? [] : columnDefinitionsOf(definition),
    rows: objects.map((object) => rowOf(definition, object, options)),
  };
}

/** One row, for who writes a long table piece by piece. */
export function rowOf<T extends KubeObject>(
  { columns }: Printable<T>,
  object: T,
  { nowMs, includeObject = "Metadata" }: Pick<TableOptions, "nowMs" | "includeObject">,
): TableRow {
  const cells = columns.map((column) => cellOf(column, object, nowMs));
  if (includeObject === "None") return { cells };
  return { cells, object: includeObject === "Object" ? object : metadataOf(object) };
}

export function columnDefinitionsOf<T extends KubeObject>({ columns }: Printable<T>): TableColumn[] {
  return columns.map(({ name, type = "string", format, description = "", priority = 0 }) => ({
    name,
    type,
    // kubectl finds the object's name by this format.
    format: format ?? (name === "Name" ? "name" : ""),
    description,
    priority,
  }));
}

/** The object's metadata alone, as PartialObjectMetadata. */
export const metadataOf = ({ metadata }: KubeObject) => ({
  kind: "PartialObjectMetadata",
  apiVersion: "meta.k8s.io/v1",
  metadata,
});

function cellOf<T>(column: Column<T>, object: T, nowMs: number): string | number | boolean {
  const value = column.cell(object, { nowMs });
  if (column.type === "date") return ageOf(typeof value === "string" ? value : undefined, nowMs);
  return value ?? "<none>";
}
