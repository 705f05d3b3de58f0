import { goText } from "../../base/go-text.js";
import { CliError } from "../errors.js";
import { evaluateJsonPath, relaxedJsonPath } from "./jsonpath.js";
import { alignTabs, tableTabs } from "./tab-writer.js";

export interface CustomColumn {
  readonly header: string;
  readonly path: string;
}

/** Reads `NAME:.metadata.name,IMAGE:.spec.containers[*].image`. */
export function parseCustomColumns(spec: string): readonly CustomColumn[] {
  if (spec === "") throw new CliError("custom-columns format specified but no custom columns given");
  return splitOutsideBrackets(spec).map((part) => {
    const colon = part.indexOf(":");
    if (colon < 0) throw new CliError(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    return { header: part.slice(0, colon), path: relaxedJsonPath(part.slice(colon + 1)) };
  });
}

/** Headers on the first line, paths below them on the second. */
export function parseColumnTemplate(text: string): readonly CustomColumn[] {
  const [headers = [], paths = []] = text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => line.trim().split(/\s+/));
  if (headers.length === 0 || headers.length !== paths.length) {
    throw new CliError(
      `number of headers (${headers.length}) and number of field specifications (${paths.length}) don't match`,
    );
  }
  return headers.map((header, index) => ({ header, path: relaxedJsonPath(paths[index] ?? "") }));
}

export function printCustomColumns(
  columns: readonly CustomColumn[],
  objects: readonly unknown[],
  noHeaders: boolean,
): string {
  const rows = objects.map((object) => columns.map(({ path }) => columnText(path, object)));
  const lines = noHeaders ? rows : [columns.map(({ header }) => header), ...rows];
  return alignTabs(lines.map((cells) => `${cells.join("\t")}\n`).join(""), tableTabs);
}

function columnText(path: string, object: unknown): string {
  const values = evaluateJsonPath(path, object).flat();
  return values.length === 0 ? "<none>" : values.map(goText).join(",");
}

/** Commas inside brackets and quotes belong to the path. */
function splitOutsideBrackets(spec: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < spec.length; at++) {
    const letter = spec[at];
    if (letter === "[" || letter === "(") depth++;
    else if (letter === "]" || letter === ")") depth--;
    else if (letter === "," && depth === 0) {
      parts.push(spec.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, spec.slice(start)];
}
