import { kindInWords } from "../../api.js";
import { type Table, TablePrinter } from "../../printers/table.js";
import type { Session } from "../../session.js";
import type { GetPlan, GetTarget } from "./fetch.js";

export interface TableChoices {
  readonly wide: boolean;
  readonly everywhere: boolean;
  readonly noHeaders: boolean;
  readonly showLabels: boolean;
  readonly labelColumns: readonly string[];
  readonly showKind: boolean;
  readonly sortBy: string | undefined;
}

/** Prints the tables, those of one kind as one, an empty line between kinds; answers the number of rows. */
export async function printTables(
  session: Session,
  tables: readonly { readonly target: GetTarget; readonly table: Table }[],
  plan: GetPlan,
  choices: TableChoices,
): Promise<number> {
  let rows = 0;
  // What was asked for by name and is not there names no kind.
  const severalTypes = new Set(tables.map(({ target }) => target.resource)).size > 1;
  for (const { target, table } of joinNeighbours(tables)) {
    if (table.rows.length === 0) continue;
    if (rows > 0) session.print("");
    rows += table.rows.length;
    const printer = tablePrinter(target, { severalTypes: plan.severalTypes && severalTypes }, choices);
    session.io.stdout.write(printer.print(choices.sortBy === undefined ? table : await sorted(table, choices.sortBy)));
  }
  return rows;
}

export const tablePrinter = (
  { resource }: GetTarget,
  plan: Pick<GetPlan, "severalTypes">,
  choices: TableChoices,
): TablePrinter =>
  new TablePrinter({
    wide: choices.wide,
    withNamespace: choices.everywhere && resource.scope === "Namespaced",
    noHeaders: choices.noHeaders,
    showLabels: choices.showLabels,
    labelColumns: choices.labelColumns,
    ...(plan.severalTypes || choices.showKind ? { kindPrefix: kindInWords(resource) } : {}),
  });

async function sorted(table: Table, path: string): Promise<Table> {
  const { sortByPath } = await import("../../printers/sort.js");
  return { ...table, rows: sortByPath(table.rows, path, ({ object }) => object) };
}

function joinNeighbours(
  tables: readonly { readonly target: GetTarget; readonly table: Table }[],
): { target: GetTarget; table: Table }[] {
  const joined: { target: GetTarget; table: Table }[] = [];
  for (const { target, table } of tables) {
    const last = joined.at(-1);
    if (last?.target.resource === target.resource) {
      last.table = { ...last.table, rows: [...last.table.rows, ...table.rows] };
    } else joined.push({ target, table });
  }
  return joined;
}
