/**
 * Aligns text in columns: cells end with a tab, and a column is as wide as the widest cell among neighbouring lines
 * that have it. The last cell of a line has no width, so lines carry no trailing blanks.
 */
export interface TabOptions {
  readonly minimumWidth: number;
  readonly padding: number;
  /** Least widths by column, from what was printed before (`get --watch`). */
  readonly least?: readonly number[];
}

/** Tables of `get`. */
export const tableTabs: TabOptions = { minimumWidth: 6, padding: 3 };
/** Layout of `describe`. */
export const describeTabs: TabOptions = { minimumWidth: 0, padding: 2 };

export function alignTabs(text: string, options: TabOptions): string {
  const lines = text.split("\n").map((line) => line.split("\t"));
  const out: string[] = [];
  layOut(lines, 0, lines.length, [], options, out);
  return out.join("\n");
}

function layOut(
  lines: readonly (readonly string[])[],
  start: number,
  end: number,
  widths: readonly number[],
  options: TabOptions,
  out: string[],
): void {
  const column = widths.length;
  let done = start;
  let at = start;
  while (at < end) {
    if (!hasCell(lines[at], column)) {
      at++;
      continue;
    }
    writeLines(lines, done, at, widths, out);
    done = at;
    let width = Math.max(options.minimumWidth, options.least?.[column] ?? 0);
    while (at < end && hasCell(lines[at], column)) {
      width = Math.max(width, [...(lines[at]?.[column] ?? "")].length + options.padding);
      at++;
    }
    layOut(lines, done, at, [...widths, width], options, out);
    done = at;
  }
  writeLines(lines, done, end, widths, out);
}

/** A cell counts only when a tab follows it. */
const hasCell = (line: readonly string[] | undefined, column: number): boolean =>
  line !== undefined && column < line.length - 1;

function writeLines(
  lines: readonly (readonly string[])[],
  start: number,
  end: number,
  widths: readonly number[],
  out: string[],
): void {
  for (const line of lines.slice(start, end)) {
    out.push(
      line
        .map((cell, column) => {
          const width = widths[column];
          return width === undefined ? cell : cell + " ".repeat(Math.max(0, width - [...cell].length));
        })
        .join(""),
    );
  }
}
