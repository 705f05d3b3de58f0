import type { ParsedJson } from "./json.js";

/**
 * Reads JSON by itself where JSON.parse does not tell enough: which keys came twice, integers beyond 2^53, and what
 * exactly is wrong with a text that is no JSON.
 */
export function readJson(text: string, maxDepth: number): ParsedJson | { readonly error: string } {
  try {
    return new Reader(text, maxDepth).document();
  } catch (error) {
    if (error instanceof SyntaxProblem) return { error: error.message };
    throw error;
  }
}

/** Where these keys stand in a text that is known to be JSON: the offset of each time that one comes. */
export function keyOffsets(text: string, maxDepth: number, paths: readonly string[]): ReadonlyMap<string, number[]> {
  const offsets = new Map<string, number[]>(paths.map((path) => [path, []]));
  new Reader(text, maxDepth, (path, offset) => offsets.get(path)?.push(offset)).document();
  return offsets;
}

/** Duplicate keys reported of one document. */
const duplicatesMax = 100;

class SyntaxProblem extends Error {}

type Path = { readonly parent: Path; readonly step: string } | undefined;

class Reader {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #duplicates = new Set<string>();
  readonly #onKey: ((path: string, offset: number) => void) | undefined;
  #at = 0;
  #depth = 0;

  constructor(text: string, maxDepth: number, onKey?: (path: string, offset: number) => void) {
    this.#text = text;
    this.#maxDepth = maxDepth;
    this.#onKey = onKey;
  }

  document(): ParsedJson {
    this.#skipSpace();
    const value = this.#value(undefined);
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected("after top-level value");
    return { value, duplicateFields: [...this.#duplicates] };
  }

  #value(path: Path): unknown {
    switch (this.#text[this.#at]) {
      case "{":
        return this.#nested(() => this.#object(path));
      case "[":
        return this.#nested(() => this.#array(path));
      case '"':
        return this.#string();
      case "t":
        return this.#literal("true", true);
      case "f":
        return this.#literal("false", false);
      case "n":
        return this.#literal("null", null);
      default:
        return this.#number();
    }
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > this.#maxDepth) throw new SyntaxProblem(`exceeded max depth of ${this.#maxDepth}`);
    this.#at++;
    this.#skipSpace();
    const value = read();
    this.#depth--;
    return value;
  }

  #object(path: Path): unknown {
    const object: Record<string, unknown> = {};
    if (this.#take("}")) return object;
    for (;;) {
      if (this.#text[this.#at] !== '"') throw this.#unexpected("looking for beginning of object key string");
      const offset = this.#at;
      const key = this.#string();
      this.#skipSpace();
      if (!this.#take(":")) throw this.#unexpected("after object key");
      this.#skipSpace();
      const memberPath = { parent: path, step: path ? `.${key}` : key };
      this.#onKey?.(textOf(memberPath), offset);
      if (Object.hasOwn(object, key) && this.#duplicates.size < duplicatesMax) this.#duplicates.add(textOf(memberPath));
      setOwn(object, key, this.#value(memberPath));
      this.#skipSpace();
      if (this.#take("}")) return object;
      if (!this.#take(",")) throw this.#unexpected("after object key:value pair");
      this.#skipSpace();
    }
  }

  #array(path: Path): unknown {
    const array: unknown[] = [];
    if (this.#take("]")) return array;
    for (;;) {
      array.push(this.#value({ parent: path, step: `[${array.length}]` }));
      this.#skipSpace();
      if (this.#take("]")) return array;
      if (!this.#take(",")) throw this.#unexpected("after array element");
      this.#skipSpace();
    }
  }

  #string(): string {
    const start = this.#at++;
    for (; ; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 0x22) break;
      if (code === 0x5c) this.#escape();
      else if (!(code >= 0x20)) throw this.#unexpected("in string literal");
    }
    return JSON.parse(this.#text.slice(start, ++this.#at)) as string;
  }

  #escape(): void {
    const escaped = this.#text[++this.#at];
    if (escaped === undefined || !'"\\/bfnrtu'.includes(escaped)) throw this.#unexpected("in string escape code");
    if (escaped !== "u") return;
    for (let digit = 0; digit < 4; digit++)
      if (!/[0-9a-fA-F]/.test(this.#text[++this.#at] ?? ""))
        throw this.#unexpected("in \\u hexadecimal character escape");
  }

  #literal<T>(word: string, value: T): T {
    for (let index = 1; index < word.length; index++) {
      this.#at++;
      if (this.#text[this.#at] !== word[index])
        throw this.#unexpected(`in literal ${word} (expecting '${word[index]}')`);
    }
    this.#at++;
    return value;
  }

  #number(): number | bigint {
    const start = this.#at;
    const negative = this.#take("-");
    if (!this.#take("0") && !this.#digits())
      throw this.#unexpected(negative ? "in numeric literal" : "looking for beginning of value");
    let whole = true;
    if (this.#take(".")) {
      whole = false;
      if (!this.#digits()) throw this.#unexpected("after decimal point in numeric literal");
    }
    if (this.#take("e") || this.#take("E")) {
      whole = false;
      if (!this.#take("+")) this.#take("-");
      if (!this.#digits()) throw this.#unexpected("in exponent of numeric literal");
    }
    return numberOf(this.#text.slice(start, this.#at), whole);
  }

  #digits(): boolean {
    const start = this.#at;
    for (let code = this.#text.charCodeAt(this.#at); code >= 0x30 && code <= 0x39; )
      code = this.#text.charCodeAt(++this.#at);
    return this.#at > start;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #unexpected(where: string): SyntaxProblem {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) return new SyntaxProblem("unexpected end of JSON input");
    const character = String.fromCodePoint(code);
    const shown =
      character === "'"
        ? `'\\''`
        : character === '"'
          ? `'"'`
          : `'${JSON.stringify(character)
              .slice(1, -1)
              .replace(/^\\u00/, "\\x")}'`;
    return new SyntaxProblem(`invalid character ${shown} ${where}`);
  }
}

const int64Max = 2n ** 63n - 1n;

// Integers outside 64 bits become the nearest double, as Kubernetes reads them.
function numberOf(digits: string, whole: boolean): number | bigint {
  const value = Number(digits);
  if (!whole || Number.isSafeInteger(value)) return value;
  const exact = BigInt(digits);
  if (String(value) === exact.toString()) return value;
  return exact <= int64Max && exact >= -int64Max - 1n ? exact : value;
}

/** Makes an own property whatever the name; assignment would call the setter of `__proto__`. */
function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}

function textOf(path: Path): string {
  let text = "";
  for (let at = path; at; at = at.parent) text = at.step + text;
  return text;
}
