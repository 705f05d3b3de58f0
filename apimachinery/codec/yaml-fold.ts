/**
 * Breaks the long strings of a YAML text as kubectl's writer does: at the first single blank beyond column 80, and the rest
 * two columns further in than the key or the dash. Blocks keep their lines.
 */
export function foldLong(text: string): string {
  if (!longLine.test(text)) return text;
  const folded: string[] = [];
  /** Lines further in than this belong to a block. */
  let block: number | undefined;
  for (const line of text.split("\n")) {
    const indent = line.search(/[^ ]/);
    if (block !== undefined && (indent < 0 || indent > block)) {
      folded.push(line);
      continue;
    }
    block = undefined;
    const place = valuePlace(line);
    if (blockStart.test(line.slice(place.start))) block = place.owner;
    folded.push(line.length > widthMax ? foldLine(line, place) : line);
  }
  return folded.join("\n");
}

interface Place {
  /** Column of the key or the dash that the value belongs to. */
  readonly owner: number;
  /** Column at which the value begins. */
  readonly start: number;
}

function valuePlace(line: string): Place {
  const [lead = ""] = /^ *(?:- )*/.exec(line) ?? [];
  const [key] = keyStart.exec(line.slice(lead.length)) ?? [];
  return key === undefined
    ? { owner: Math.max(0, lead.lastIndexOf("-")), start: lead.length }
    : { owner: lead.length, start: lead.length + key.length };
}

function foldLine(line: string, { owner, start }: Place): string {
  const quote = line[start];
  const isDouble = quote === '"';
  const isQuoted = isDouble || quote === "'";
  const lead = " ".repeat(owner + indentWidth);
  let done = line.slice(0, start);
  let column = start;
  let afterBlank = false;
  for (let at = start; at < line.length; at++) {
    const character = line[at] ?? "";
    const inside = isQuoted ? at > start + 1 && at < line.length - 2 : true;
    const next = line[at + 1];
    if (character === " " && !afterBlank && column > widthMax && inside && (isDouble || next !== " ")) {
      done += `\n${lead}${isDouble && next === " " ? "\\" : ""}`;
      column = lead.length;
    } else {
      done += character;
      column++;
    }
    afterBlank = character === " ";
  }
  return done;
}

const widthMax = 80;
const indentWidth = 2;
const longLine = /^.{81}/m;
const blockStart = /^[|>][-+0-9]*$/;
/** A key in quotes, or as it stands. */
const keyStart = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'{[|>](?:[^:]|:(?! ))*?): /;
