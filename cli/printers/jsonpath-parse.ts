/** Reads kubectl's dialect of JSONPath. */
export type Step =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "literal"; readonly value: number | boolean }
  | { readonly type: "field"; readonly name: string }
  | { readonly type: "wildcard" }
  | { readonly type: "recursive" }
  | {
      readonly type: "slice";
      readonly start?: number;
      readonly end?: number;
      readonly step?: number;
      readonly single: boolean;
    }
  | { readonly type: "union"; readonly members: readonly (readonly Step[])[] }
  | {
      readonly type: "filter";
      readonly left: readonly Step[];
      readonly operator: string;
      readonly right: readonly Step[];
    }
  | { readonly type: "identifier"; readonly name: string };

export type Part =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "path"; readonly steps: readonly Step[] }
  | { readonly type: "range"; readonly steps: readonly Step[]; readonly body: readonly Part[] }
  | { readonly type: "stray-end" };

export class JsonPathError extends Error {
  override readonly name = "JsonPathError";
}

const nestingLimit = 32;

export function parseJsonPath(template: string): readonly Part[] {
  const flat: (Part | { readonly type: "end" })[] = [];
  let at = 0;
  while (at < template.length) {
    const open = template.indexOf("{", at);
    if (open < 0) {
      flat.push({ type: "text", text: template.slice(at) });
      break;
    }
    if (open > at) flat.push({ type: "text", text: template.slice(at, open) });
    const scanner = new Scanner(template, open + 1);
    flat.push(part(scanner.steps(template, true)));
    at = scanner.at;
  }
  return nest(flat[Symbol.iterator](), 0, false);
}

function part(steps: readonly Step[]): Part | { readonly type: "end" } {
  const [first, ...rest] = steps;
  if (first?.type === "identifier") {
    if (first.name === "range") return { type: "range", steps: rest, body: [] };
    if (first.name === "end") return { type: "end" };
  }
  return { type: "path", steps };
}

function nest(parts: Iterator<Part | { readonly type: "end" }>, depth: number, inRange: boolean): readonly Part[] {
  if (depth > nestingLimit) throw new JsonPathError(`ranges are nested deeper than ${nestingLimit}`);
  const out: Part[] = [];
  for (let next = parts.next(); !next.done; next = parts.next()) {
    if (next.value.type === "end") {
      if (inRange) return out;
      out.push({ type: "stray-end" });
    } else if (next.value.type === "range") out.push({ ...next.value, body: nest(parts, depth + 1, true) });
    else out.push(next.value);
  }
  return out;
}

class Scanner {
  at: number;
  readonly #text: string;

  constructor(text: string, at: number) {
    this.#text = text;
    this.at = at;
  }

  /** Steps up to the closing brace, or to the end of the text where there is none to come. */
  steps(whole: string, braced: boolean): readonly Step[] {
    const steps: Step[] = [];
    while (this.at < this.#text.length) {
      const letter = this.#text[this.at] ?? "";
      if (letter === "}" && braced) {
        this.at++;
        return steps;
      }
      if (letter === "\n") break;
      this.#step(letter, steps, whole);
    }
    if (braced) throw fail(whole, "unclosed action");
    return steps;
  }

  #step(letter: string, steps: Step[], whole: string): void {
    if (letter === " " || letter === "\t" || letter === "\r" || letter === "@" || letter === "$") this.at++;
    else if (letter === "[")
      steps.push(this.#text.startsWith("[?(", this.at) ? this.#filter(whole) : this.#bracket(whole));
    else if (letter === '"' || letter === "'") steps.push({ type: "text", text: this.#quoted(letter, whole) });
    else if (letter === ".") this.#field(steps);
    else if (/[+\-0-9]/.test(letter)) steps.push(this.#number(whole));
    else if (/[\p{L}\p{N}_]/u.test(letter)) {
      const name = this.#word();
      steps.push(
        name === "true" || name === "false"
          ? { type: "literal", value: name === "true" }
          : { type: "identifier", name },
      );
    } else {
      const code = letter.codePointAt(0) ?? 0;
      throw fail(
        whole,
        `unrecognized character in action: U+${code.toString(16).toUpperCase().padStart(4, "0")} '${letter}'`,
      );
    }
  }

  #field(steps: Step[]): void {
    this.at++;
    if (this.#text[this.at] === ".") {
      this.at++;
      steps.push({ type: "recursive" });
      if (!/[\p{L}\p{N}_]/u.test(this.#text[this.at] ?? "")) return;
    }
    const name = this.#word();
    steps.push(name === "*" ? { type: "wildcard" } : { type: "field", name: name.replaceAll(/\\(.)/g, "$1") });
  }

  /** Up to a character that ends a name; a backslash takes the next one in. */
  #word(): string {
    const start = this.at;
    while (this.at < this.#text.length && !/[\s.,[\]$@{}]/.test(this.#text[this.at] ?? "")) {
      this.at += this.#text[this.at] === "\\" ? 2 : 1;
    }
    return this.#text.slice(start, this.at);
  }

  #number(whole: string): Step {
    const written = /^[+-]?[0-9.]*/.exec(this.#text.slice(this.at))?.[0] ?? "";
    this.at += written.length;
    const value = Number(written);
    if (written === "" || Number.isNaN(value)) throw fail(whole, `cannot parse number ${written}`);
    return { type: "literal", value };
  }

  #quoted(quote: string, whole: string): string {
    const start = ++this.at;
    while (this.at < this.#text.length && this.#text[this.at] !== quote && this.#text[this.at] !== "\n") {
      this.at += this.#text[this.at] === "\\" ? 2 : 1;
    }
    if (this.#text[this.at] !== quote) throw fail(whole, "unterminated quoted string");
    return unquote(this.#text.slice(start, this.at++), whole);
  }

  #bracket(whole: string): Step {
    const close = this.#text.indexOf("]", this.at);
    if (close < 0) throw fail(whole, "unterminated array");
    const inner = this.#text.slice(this.at + 1, close);
    this.at = close + 1;
    const members = inner.split(",");
    if (members.length > 1)
      return { type: "union", members: members.map((member) => inBrackets(member.trim(), whole)) };
    const [only, ...more] = inBrackets(inner, whole);
    if (only === undefined || more.length > 0) return { type: "union", members: [[...(only ? [only] : []), ...more]] };
    return only;
  }

  #filter(whole: string): Step {
    const start = this.at + 3;
    let quote: string | undefined;
    for (this.at = start; this.at < this.#text.length; this.at++) {
      const letter = this.#text[this.at] ?? "";
      if (letter === "\n") break;
      if (quote !== undefined) {
        if (letter === "\\") this.at++;
        else if (letter === quote) quote = undefined;
      } else if (letter === '"' || letter === "'") quote = letter;
      else if (letter === ")") {
        const inner = this.#text.slice(start, this.at);
        if (this.#text[this.at + 1] !== "]") throw fail(whole, "unclosed array expect ]");
        this.at += 2;
        return filterStep(inner, whole);
      }
    }
    throw fail(whole, "unterminated filter");
  }
}

function filterStep(inner: string, whole: string): Step {
  const compared = /^([^!<>=]+)([!<>=]+)(.+)$/s.exec(inner);
  if (!compared) return { type: "filter", left: parseSteps(inner, whole), operator: "exists", right: [] };
  const [, left = "", operator = "", right = ""] = compared;
  return { type: "filter", left: parseSteps(left, whole), operator, right: parseSteps(right, whole) };
}

const parseSteps = (text: string, whole: string): readonly Step[] => new Scanner(text, 0).steps(whole, false);

function inBrackets(inner: string, whole: string): readonly Step[] {
  const key = /^'([^']*)'$/.exec(inner)?.[1];
  if (key !== undefined) return parseSteps(`.${key}`, whole);
  if (inner === "*") return [{ type: "slice", single: false }];
  const numbers = /^(-?\d*)(?::(-?\d*))?(?::(-?\d*))?$/.exec(inner);
  if (!numbers || (inner !== "" && !/\d|:/.test(inner))) throw fail(whole, `invalid array index ${inner}`);
  const [start, end, step] = numbers.slice(1).map((written) => (written ? Number(written) : undefined));
  return [
    {
      type: "slice",
      single: !inner.includes(":"),
      ...(start === undefined ? {} : { start }),
      ...(end === undefined ? {} : { end }),
      ...(step === undefined ? {} : { step }),
    },
  ];
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v" };

const unquote = (written: string, whole: string): string =>
  written.replaceAll(/\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[\s\S])/g, (_, code: string) => {
    if (code.length > 1) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    const plain = Object.hasOwn(escapes, code) ? escapes[code] : undefined;
    if (plain !== undefined) return plain;
    if (code === "u" || code === "x") throw fail(whole, "invalid syntax");
    return code;
  });

const fail = (template: string, why: string): JsonPathError =>
  new JsonPathError(`error parsing jsonpath ${template}, ${why}`);
