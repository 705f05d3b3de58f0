/** Templates as Go's text/template has them, as far as users of kubectl write them: a tree, within bounds. */

export type TemplateNode =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "action"; readonly pipeline: Pipeline }
  | {
      readonly type: "if" | "with" | "range";
      readonly pipeline: Pipeline;
      readonly body: readonly TemplateNode[];
      readonly otherwise: readonly TemplateNode[];
    }
  | { readonly type: "template"; readonly template: string; readonly pipeline: Pipeline | undefined }
  | { readonly type: "break" | "continue" };

export interface Template {
  readonly nodes: readonly TemplateNode[];
  /** Those that it defines, by name. */
  readonly named: ReadonlyMap<string, readonly TemplateNode[]>;
}

export interface Pipeline {
  /** Names that it sets: one, or index and element of a range. */
  readonly names: readonly string[];
  readonly declares: boolean;
  readonly commands: readonly Command[];
}
type Command = readonly Operand[];
export type Operand =
  | { readonly type: "literal"; readonly value: unknown }
  | { readonly type: "dot" }
  | { readonly type: "variable"; readonly name: string }
  | { readonly type: "function"; readonly name: string }
  | { readonly type: "group"; readonly pipeline: Pipeline }
  | { readonly type: "chain"; readonly of: Operand; readonly fields: readonly string[] };

export class TemplateError extends Error {
  override readonly name = "TemplateError";
}

const templateMaxLength = 1024 * 1024;
const maxDepth = 100;

interface Token {
  readonly type: "string" | "number" | "field" | "dot" | "variable" | "word" | "symbol" | "space";
  readonly text: string;
}

const tokenPattern =
  /(?<space>\s+)|(?<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)|(?<number>[+-]?(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?))|(?<field>\.[A-Za-z_]\w*)|(?<dot>\.)|(?<variable>\$\w*)|(?<word>[A-Za-z_]\w*)|(?<symbol>:=|[=|(),])/y;

export function parseTemplate(source: string): Template {
  if (source.length > templateMaxLength) throw new TemplateError(`the template is longer than ${templateMaxLength}`);
  const pieces = split(source);
  const reader: Reader = { pieces, at: 0, named: new Map() };
  const { nodes, end } = readBlock(reader, 0);
  if (end !== undefined) throw new TemplateError(`unexpected {{${end.word}}}`);
  return { nodes, named: reader.named };
}

type Piece = { readonly text: string } | { readonly action: readonly Token[] };

/** Texts and actions in turn; `{{-` and `-}}` take the blanks beside them away. */
function split(source: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trimStart = false;
  for (;;) {
    const open = source.indexOf("{{", at);
    let text = source.slice(at, open < 0 ? undefined : open);
    if (trimStart) text = text.trimStart();
    if (open >= 0 && /^-\s/.test(source.slice(open + 2, open + 4))) text = text.trimEnd();
    if (text !== "") pieces.push({ text });
    if (open < 0) return pieces;
    const { tokens, end, trim } = readAction(source, open + 2);
    if (tokens) pieces.push({ action: tokens });
    at = end;
    trimStart = trim;
  }
}

function readAction(source: string, start: number): { tokens: Token[] | undefined; end: number; trim: boolean } {
  let at = /^-\s/.test(source.slice(start, start + 2)) ? start + 1 : start;
  const comment = /\s*\/\*[\s\S]*?\*\/\s*?( -)?\}\}/y;
  comment.lastIndex = at;
  const noted = comment.exec(source);
  if (noted) return { tokens: undefined, end: comment.lastIndex, trim: noted[1] !== undefined };
  const tokens: Token[] = [];
  for (;;) {
    const close = /(\s-)?\}\}/y;
    close.lastIndex = at;
    const closed = close.exec(source);
    if (closed) return { tokens, end: close.lastIndex, trim: closed[1] !== undefined };
    tokenPattern.lastIndex = at;
    const found = tokenPattern.exec(source);
    if (!found) {
      throw new TemplateError(
        at >= source.length ? "unclosed action" : `unexpected ${JSON.stringify(source[at])} in action`,
      );
    }
    const [type, text] = Object.entries(found.groups ?? {}).find(([, value]) => value !== undefined) ?? [];
    if (type !== undefined && text !== undefined) tokens.push({ type: type as Token["type"], text });
    at = tokenPattern.lastIndex;
  }
}

interface Reader {
  readonly pieces: readonly Piece[];
  readonly named: Map<string, readonly TemplateNode[]>;
  at: number;
}
interface BlockEnd {
  readonly word: "end" | "else";
  readonly rest: Token[];
}

function readBlock(reader: Reader, depth: number): { nodes: TemplateNode[]; end: BlockEnd | undefined } {
  if (depth > maxDepth) throw new TemplateError("the template is nested too deep");
  const nodes: TemplateNode[] = [];
  for (let piece = reader.pieces[reader.at++]; piece; piece = reader.pieces[reader.at++]) {
    if ("text" in piece) {
      nodes.push({ type: "text", text: piece.text });
      continue;
    }
    const tokens = trimmed(piece.action);
    const [first] = tokens;
    const word = first?.type === "word" ? first.text : "";
    if (word === "end" || word === "else") return { nodes, end: { word, rest: trimmed(tokens.slice(1)) } };
    if (word === "if" || word === "with" || word === "range")
      nodes.push(readControl(reader, word, tokens.slice(1), depth));
    else if (word === "break" || word === "continue") nodes.push({ type: word });
    else if (word === "define") {
      if (depth > 0) throw new TemplateError("unexpected {{define}}");
      readNamed(reader, word, tokens.slice(1), depth);
    } else if (word === "block") nodes.push(readNamed(reader, word, tokens.slice(1), depth));
    else if (word === "template") nodes.push(callOf(word, tokens.slice(1)));
    else if (tokens.length > 0) nodes.push({ type: "action", pipeline: pipelineOf(tokens) });
    else throw new TemplateError("missing value for command");
  }
  return { nodes, end: undefined };
}

function readControl(
  reader: Reader,
  type: "if" | "with" | "range",
  tokens: readonly Token[],
  depth: number,
): TemplateNode {
  if (trimmed(tokens).length === 0) throw new TemplateError(`missing value for ${type}`);
  const pipeline = pipelineOf(trimmed(tokens));
  const { nodes: body, end } = readBlock(reader, depth + 1);
  if (!end) throw new TemplateError("unexpected EOF");
  if (end.word === "end") return { type, pipeline, body, otherwise: [] };
  const [next] = end.rest;
  if (next?.type === "word" && next.text === type && type !== "range")
    return { type, pipeline, body, otherwise: [readControl(reader, type, end.rest.slice(1), depth + 1)] };
  const rest = readBlock(reader, depth + 1);
  if (rest.end?.word !== "end") throw new TemplateError(rest.end ? "expected end; found {{else}}" : "unexpected EOF");
  return { type, pipeline, body, otherwise: rest.nodes };
}

/** `{{define "name"}}` and `{{block "name" pipeline}}` up to their end; a block is called where it stands. */
function readNamed(reader: Reader, word: string, tokens: readonly Token[], depth: number): TemplateNode {
  const call = callOf(word, tokens);
  if (word === "define" && call.pipeline) throw new TemplateError("unexpected argument in define clause");
  if (word === "block" && !call.pipeline) throw new TemplateError("missing value for block clause");
  const { nodes, end } = readBlock(reader, depth + 1);
  if (end?.word !== "end") throw new TemplateError(end ? "expected end; found {{else}}" : "unexpected EOF");
  reader.named.set(call.template, nodes);
  return call;
}

function callOf(word: string, tokens: readonly Token[]): TemplateNode & { readonly type: "template" } {
  const [name, ...rest] = trimmed(tokens);
  if (name?.type !== "string")
    throw new TemplateError(`unexpected ${JSON.stringify(name?.text ?? "end")} in ${word} clause`);
  const argument = trimmed(rest);
  return {
    type: "template",
    template: stringOf(name.text),
    pipeline: argument.length === 0 ? undefined : pipelineOf(argument),
  };
}

function trimmed(tokens: readonly Token[]): Token[] {
  const start = tokens.findIndex(({ type }) => type !== "space");
  if (start < 0) return [];
  const end = tokens.findLastIndex(({ type }) => type !== "space");
  return tokens.slice(start, end + 1);
}

function pipelineOf(tokens: readonly Token[]): Pipeline {
  const cursor = { tokens, at: 0 };
  const pipeline = readPipeline(cursor, 0);
  if (cursor.at < tokens.length)
    throw new TemplateError(`unexpected ${JSON.stringify(tokens[cursor.at]?.text)} in operand`);
  return pipeline;
}

interface Cursor {
  readonly tokens: readonly Token[];
  at: number;
}

function readPipeline(cursor: Cursor, depth: number): Pipeline {
  if (depth > maxDepth) throw new TemplateError("the template is nested too deep");
  const { names, declares } = readNames(cursor);
  const commands: Operand[][] = [];
  for (;;) {
    const command = readCommand(cursor, depth);
    if (command.length === 0) throw new TemplateError("missing value for command");
    commands.push(command);
    if (cursor.tokens[cursor.at]?.text !== "|") return { names, declares, commands };
    cursor.at++;
  }
}

/** `$x :=`, `$x =`, `$i, $x :=`. */
function readNames(cursor: Cursor): { names: readonly string[]; declares: boolean } {
  const solid = cursor.tokens
    .map((token, index) => ({ token, index }))
    .slice(cursor.at)
    .filter(({ token }) => token.type !== "space")
    .slice(0, 4);
  const [a, b, c, d] = solid;
  const sets = (one: typeof a): boolean => one?.token.text === ":=" || one?.token.text === "=";
  if (a?.token.type !== "variable") return { names: [], declares: false };
  if (b && sets(b)) {
    cursor.at = b.index + 1;
    return { names: [a.token.text], declares: b.token.text === ":=" };
  }
  if (b?.token.text === "," && c?.token.type === "variable" && d && sets(d)) {
    cursor.at = d.index + 1;
    return { names: [a.token.text, c.token.text], declares: d.token.text === ":=" };
  }
  return { names: [], declares: false };
}

function readCommand(cursor: Cursor, depth: number): Operand[] {
  const operands: Operand[] = [];
  for (let token = cursor.tokens[cursor.at]; token; token = cursor.tokens[cursor.at]) {
    if (token.type === "space") {
      cursor.at++;
      continue;
    }
    if (token.text === "|" || token.text === ")") break;
    operands.push(readOperand(cursor, depth));
  }
  return operands;
}

function readOperand(cursor: Cursor, depth: number): Operand {
  const token = cursor.tokens[cursor.at++];
  const operand = token && operandOf(token, cursor, depth);
  if (!operand) throw new TemplateError(`unexpected ${JSON.stringify(token?.text ?? "end")} in operand`);
  const fields: string[] = [];
  for (let next = cursor.tokens[cursor.at]; next?.type === "field"; next = cursor.tokens[cursor.at]) {
    fields.push(next.text.slice(1));
    cursor.at++;
  }
  return fields.length === 0 ? operand : { type: "chain", of: operand, fields };
}

function operandOf(token: Token, cursor: Cursor, depth: number): Operand | undefined {
  switch (token.type) {
    case "string":
      return { type: "literal", value: stringOf(token.text) };
    case "number":
      return { type: "literal", value: numberOf(token.text) };
    case "dot":
      return { type: "dot" };
    case "field":
      return { type: "chain", of: { type: "dot" }, fields: [token.text.slice(1)] };
    case "variable":
      return { type: "variable", name: token.text };
    case "word":
      if (token.text === "true" || token.text === "false") return { type: "literal", value: token.text === "true" };
      if (token.text === "nil") return { type: "literal", value: null };
      return { type: "function", name: token.text };
    case "symbol": {
      if (token.text !== "(") return undefined;
      const pipeline = readPipeline(cursor, depth + 1);
      if (cursor.tokens[cursor.at++]?.text !== ")") throw new TemplateError("unclosed left paren");
      return { type: "group", pipeline };
    }
    default:
      return undefined;
  }
}

/** Whole numbers are bigints: Go keeps them apart from the floats that JSON has. */
const numberOf = (text: string): bigint | number =>
  /^[+-]?(?:\d+|0x[0-9a-fA-F]+)$/.test(text) ? BigInt(text.replace(/^\+/, "")) : Number(text);

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\\": "\\", '"': '"', "'": "'" };

function stringOf(text: string): string {
  if (text.startsWith("`")) return text.slice(1, -1);
  return text.slice(1, -1).replaceAll(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)/g, (_, code: string) => {
    if (/^[xu]./.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    const letter = escapes[code];
    if (letter === undefined) throw new TemplateError(`unterminated quoted string or unknown escape \\${code}`);
    return letter;
  });
}
