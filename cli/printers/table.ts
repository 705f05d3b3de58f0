import { type TabOptions, tableTabs } from "./tab-writer.js";

/** The Table form of an answer, as the server makes it. */
export interface Table {
  readonly kind: string;
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly columnDefinitions: readonly ColumnDefinition[];
  readonly rows: readonly TableRow[];
}
export interface ColumnDefinition {
  readonly name: string;
  readonly type?: string;
  readonly format?: string;
  readonly priority?: number;
}
export interface TableRow {
  readonly cells: readonly unknown[];
  readonly object?: {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly metadata?: {
      readonly name?: string;
      readonly namespace?: string;
      readonly labels?: Readonly<Record<string, string>>;
      readonly creationTimestamp?: string;
    };
  };
}

export interface TableOptions {
  readonly wide: boolean;
  readonly withNamespace: boolean;
  readonly noHeaders: boolean;
  readonly showLabels: boolean;
  readonly labelColumns: readonly string[];
  /** `pod` in front of names, where several kinds are shown. */
  readonly kindPrefix?: string;
}

/** Prints tables that share their columns, one after another; widths only grow, so rows of a watch stay aligned. */
export class TablePrinter {
  readonly #options: TableOptions;
  readonly #tabs: TabOptions;
  #widths: number[] = [];
  #columns: readonly number[] = [];
  #started = false;

  constructor(options: TableOptions, tabs: TabOptions = tableTabs) {
    this.#options = options;
    this.#tabs = tabs;
  }

  /** The lines of a table, with headers the first time. */
  print(table: Pick<Table, "columnDefinitions" | "rows">): string {
    const lines: string[][] = [];
    if (table.columnDefinitions.length > 0 && !this.#started) {
      this.#columns = table.columnDefinitions.flatMap(({ priority }, index) =>
        this.#options.wide || !priority ? [index] : [],
      );
      if (!this.#options.noHeaders) lines.push(this.#headers(table.columnDefinitions));
      this.#started = true;
    }
    const nameColumn = table.columnDefinitions.findIndex(({ format }) => format === "name");
    for (const row of table.rows) lines.push(this.#row(row, Math.max(0, nameColumn)));
    return this.#align(lines);
  }

  #headers(definitions: readonly ColumnDefinition[]): string[] {
    const { withNamespace, labelColumns, showLabels } = this.#options;
    return [
      ...(withNamespace ? ["NAMESPACE"] : []),
      ...this.#columns.map((index) => (definitions[index]?.name ?? "").toUpperCase()),
      ...labelColumns.map((label) => label.slice(label.lastIndexOf("/") + 1).toUpperCase()),
      ...(showLabels ? ["LABELS"] : []),
    ];
  }

  #row({ cells, object }: TableRow, nameColumn: number): string[] {
    const { withNamespace, labelColumns, showLabels, kindPrefix } = this.#options;
    const labels = object?.metadata?.labels ?? {};
    return [
      ...(withNamespace ? [object?.metadata?.namespace ?? ""] : []),
      ...this.#columns.map((index) =>
        index === nameColumn && kindPrefix ? `${kindPrefix}/${cellText(cells[index])}` : cellText(cells[index]),
      ),
      ...labelColumns.map((label) => (Object.hasOwn(labels, label) ? (labels[label] ?? "") : "")),
      ...(showLabels ? [labelsText(labels)] : []),
    ];
  }

  #align(lines: readonly (readonly string[])[]): string {
    const { minimumWidth, padding } = this.#tabs;
    for (const line of lines) {
      line.forEach((cell, column) => {
        this.#widths[column] = Math.max(this.#widths[column] ?? minimumWidth, lengthOf(cell) + padding);
      });
    }
    return lines
      .map((line) =>
        line
          .map((cell, column) =>
            column === line.length - 1 ? cell : cell + " ".repeat((this.#widths[column] ?? 0) - lengthOf(cell)),
          )
          .join(""),
      )
      .map((line) => `${line}\n`)
      .join("");
  }
}

const lengthOf = (cell: string): number => [...cell].length;

/** One line a cell, and nothing that would move a terminal's cursor. */
export function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return "";
  const text = typeof cell === "object" ? JSON.stringify(cell) : String(cell);
  const line = text.search(/[\n\r\f]/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the terminal
  return (line < 0 ? text : `${text.slice(0, line)}...`).replaceAll(/[\u0000-\u001f\u007f]/g, (bad) =>
    bad === "\t" ? " " : bad === "\u001b" ? "^[" : `\\x${bad.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return pairs.length === 0 ? "<none>" : pairs.map(([key, value]) => `${key}=${value}`).join(",");
}
