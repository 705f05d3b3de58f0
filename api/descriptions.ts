/**
 * Descriptions of kinds and fields, read from the sources' doc comments: OpenAPI and `explain` show them, no other code
 * needs them, so they are collected when the program is built. It relies on one field a line.
 */

export interface Description {
  /** Empty where nothing is written. */
  readonly text: string;
  /** Every field of the definition, in order, with its text or "". */
  readonly fields: Readonly<Record<string, string>>;
}

/** Definition or kind (`PodSpec`, `Pod`) to its description. `files`: path to source. */
export function collectDescriptions(files: ReadonlyMap<string, string>): Readonly<Record<string, Description>> {
  const found: Record<string, Description> = {};
  for (const source of files.values())
    for (const [name, description] of scan(source)) found[name] = merged(found[name], description);
  return found;
}

/** A definition's name may stand for one in each of two versions: what both have is written once. */
const merged = (first: Description | undefined, other: Description): Description =>
  first ? { text: first.text || other.text, fields: { ...other.fields, ...written(first.fields) } } : other;

const written = (fields: Description["fields"]): Description["fields"] =>
  Object.fromEntries(Object.entries(fields).filter(([, text]) => text !== ""));

interface Block {
  readonly type: "object" | "resource" | "shared";
  readonly constant: string;
  name: string;
  readonly text: string;
  readonly fields: Map<string, string>;
  /** Indentation of its fields; -1 before the first. */
  indent: number;
}

const start = /^(?:export )?const (\w+)(?:: [\w<>]+)? = (object\(|define(?:Resource|Version)\(|\{$)/;
const field = /^( +)"?([\w$-]+)"?: /;
const spread = /^( +)\.\.\.(\w+),$/;

function scan(source: string): readonly (readonly [string, Description])[] {
  const shared = new Map<string, Map<string, string>>();
  const blocks: Block[] = [];
  let block: Block | undefined;
  let comment = "";
  let reading = false;
  for (const line of source.split("\n")) {
    const text = line.trim();
    if (reading || text.startsWith("/**")) {
      comment = reading ? `${comment} ${text}` : text;
      reading = !text.endsWith("*/");
      continue;
    }
    const opened = start.exec(line);
    if (opened) block = open(opened, line, comment);
    else if (block) block = read(block, line, comment, shared);
    if (block && !blocks.includes(block)) blocks.push(block);
    comment = "";
  }
  return blocks.flatMap((each) =>
    each.name === "" ? [] : [[each.name, { text: each.text, fields: Object.fromEntries(each.fields) }] as const],
  );
}

function open([, constant = "", how]: RegExpExecArray, line: string, comment: string): Block {
  const type = how === "object(" ? "object" : how === "{" ? "shared" : "resource";
  const name = type === "object" ? (/object\("(\w+)"/.exec(line)?.[1] ?? "") : "";
  return { type, constant, name, text: plain(comment), fields: new Map(), indent: type === "resource" ? 4 : -1 };
}

/** Undefined after the last line of the block. */
function read(
  block: Block,
  line: string,
  comment: string,
  shared: Map<string, Map<string, string>>,
): Block | undefined {
  if (line.startsWith("}") || line.startsWith(");")) {
    if (block.type === "shared") shared.set(block.constant, block.fields);
    return undefined;
  }
  if (block.type === "object" && block.name === "") {
    block.name = /^ {2}"(\w+)",$/.exec(line)?.[1] ?? "";
    return block;
  }
  if (block.type === "resource") return readResource(block, line, comment);
  const [, spaces = "", name = ""] = field.exec(line) ?? spread.exec(line) ?? [];
  if (name === "") return block;
  if (block.indent === -1) block.indent = spaces.length;
  if (spaces.length !== block.indent) return block;
  if (line.trim().startsWith("...")) for (const [each, text] of shared.get(name) ?? []) block.fields.set(each, text);
  else block.fields.set(name, plain(comment));
  return block;
}

/** The fields of a kind stand in `fields: {...}`; the rest of the definition says other things. */
function readResource(block: Block, line: string, comment: string): Block {
  const kind = /^ {2}kind: "(\w+)",$/.exec(line)?.[1];
  if (kind !== undefined) block.name = kind;
  if (/^ {2}fields: \{$/.test(line)) block.indent = 0;
  else if (/^ {2}\S/.test(line)) block.indent = 4;
  const [, spaces = "", name = ""] = field.exec(line) ?? [];
  if (block.indent === 0 && spaces.length === 4) block.fields.set(name, plain(comment));
  return block;
}

const plain = (comment: string): string =>
  comment
    .replace(/^\/\*\*\s*(?:\*\s+)?/, "")
    .replace(/\s*\*\/$/, "")
    .replace(/\s\*\s/g, " ")
    .trim();
