import { collectionPath } from "../../../client/rest.js";
import type { AnyObject } from "../../api.js";
import { CliError } from "../../errors.js";
import { createObjectPrinter, type ObjectFormat, type OutputFormat } from "../../printers/output.js";
import type { Table } from "../../printers/table.js";
import type { Session } from "../../session.js";
import { fetchTable, type GetPlan, type GetQuery, type GetTarget, tableType } from "./fetch.js";
import { type TableChoices, tablePrinter } from "./tables.js";

interface WatchChoices {
  readonly watchOnly: boolean;
  readonly "no-headers": boolean;
  readonly "show-labels": boolean;
  readonly "label-columns": readonly string[];
  readonly "show-kind": boolean;
  readonly "show-managed-fields": boolean;
  readonly "output-watch-events": boolean;
}

/** Prints what there is (unless told not to), then every change until the server or the caller ends it. */
export async function watchPlan(
  session: Session,
  plan: GetPlan,
  query: GetQuery,
  format: OutputFormat,
  given: WatchChoices,
): Promise<number> {
  const [target, ...others] = plan.targets;
  if (plan.severalTypes) throw new CliError("you may only specify a single resource type");
  if (!target || others.length > 0) {
    throw new CliError(
      `watch is only supported on individual resources and resource collections - ${plan.targets.length} resources were found`,
    );
  }
  const choices: TableChoices = {
    wide: format.type === "wide",
    everywhere: query.everywhere,
    noHeaders: given["no-headers"],
    showLabels: given["show-labels"],
    labelColumns: given["label-columns"],
    showKind: given["show-kind"],
    sortBy: undefined,
  };
  return format.type === "default" || format.type === "wide"
    ? watchTables(session, target, plan, query, {
        ...choices,
        watchOnly: given.watchOnly,
        events: given["output-watch-events"],
      })
    : watchObjects(session, target, query, format, given);
}

/** One object is watched by its name, as part of its collection. */
const selection = ({ name }: GetTarget, query: GetQuery): GetQuery =>
  name === undefined ? query : { ...query, fieldSelector: `metadata.name=${name}` };

async function watchTables(
  session: Session,
  target: GetTarget,
  plan: GetPlan,
  query: GetQuery,
  choices: TableChoices & { readonly watchOnly: boolean; readonly events: boolean },
): Promise<number> {
  const printer = tablePrinter(target, plan, choices);
  const { name: _, ...collection } = target;
  const chosen = selection(target, query);
  if (target.name !== undefined) await fetchTable(session, target, query);
  const first = await fetchTable(session, collection, chosen);
  let columns = first.columnDefinitions;
  const show = (type: string, rows: Table["rows"]): void => {
    const table = { columnDefinitions: columns, rows };
    session.io.stdout.write(printer.print(choices.events ? withEvent(type, table) : table));
  };
  if (!choices.watchOnly && first.rows.length > 0) show("ADDED", first.rows);
  const resourceVersion = first.metadata?.resourceVersion;
  for await (const { type, object } of (await session.api()).watch({
    path: collectionPath(target.resource, target.namespace),
    accept: tableType,
    query: { labelSelector: chosen.labelSelector, fieldSelector: chosen.fieldSelector, resourceVersion },
  })) {
    const table = object as unknown as Table;
    if (table.kind !== "Table")
      throw new CliError("the server does not watch this kind as tables; use -o name or -o json");
    if (table.columnDefinitions?.length) columns = table.columnDefinitions;
    show(type, table.rows ?? []);
  }
  return 0;
}

/** What happened stands first. */
const withEvent = (type: string, { columnDefinitions, rows }: Pick<Table, "columnDefinitions" | "rows">) => ({
  columnDefinitions: [{ name: "Event", type: "string" }, ...columnDefinitions],
  rows: rows.map((row) => ({ ...row, cells: [type, ...row.cells] })),
});

async function watchObjects(
  session: Session,
  target: GetTarget,
  query: GetQuery,
  format: ObjectFormat,
  given: WatchChoices,
): Promise<number> {
  const api = await session.api();
  const chosen = selection(target, query);
  const { labelSelector, fieldSelector } = chosen;
  let happened = "";
  const printer = await createObjectPrinter(format, {
    showManagedFields: given["show-managed-fields"],
    noHeaders: given["no-headers"],
    ...(given["output-watch-events"] ? { wrap: (object: AnyObject) => ({ type: happened, object }) } : {}),
  });
  const show = (object: AnyObject, type: string): void => {
    happened = type;
    const text = printer(object);
    session.io.stdout.write(format.type === "jsonpath" || text.endsWith("\n") ? text : `${text}\n`);
  };
  if (target.name !== undefined) await api.get(target.resource, target.name, target.namespace);
  const list = await api.list(target.resource, target.namespace, { labelSelector, fieldSelector });
  if (!given.watchOnly) for (const item of list.items) show(item, "ADDED");
  for await (const { type, object } of api.watch({
    path: collectionPath(target.resource, target.namespace),
    query: { labelSelector, fieldSelector, resourceVersion: list.metadata.resourceVersion },
  })) {
    if (type !== "BOOKMARK") show(object, type);
  }
  return 0;
}
