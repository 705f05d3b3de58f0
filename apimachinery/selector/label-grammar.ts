import { aggregate, type LabelOperator, type LabelRequirement, requirementErrors } from "./requirement.js";

/**
 * The grammar of label selectors in text form: requirements joined by commas, each `key`, `!key`, `key = value`,
 * `key in (a, b)` or `key > 1`. A word is anything but white space and the characters `=!(),<>`; words may be empty
 * where a value is expected.
 */
export function parseRequirements(
  text: string,
): { readonly requirements: readonly LabelRequirement[] } | { readonly error: string } {
  try {
    return { requirements: new Parser(text).selector() };
  } catch (error) {
    if (error instanceof GrammarError) return { error: error.message };
    throw error;
  }
}

class GrammarError extends Error {}

type Token = { readonly type: "word" | "symbol" | "end"; readonly text: string };

const wordOperators: ReadonlyMap<string, LabelOperator> = new Map([
  ["in", "in"],
  ["notin", "notin"],
]);
const symbolOperators: ReadonlyMap<string, LabelOperator> = new Map([
  ["=", "="],
  ["==", "=="],
  ["!=", "!="],
  [">", "gt"],
  ["<", "lt"],
]);

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  selector(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    if (this.#peek().type === "end") return requirements;
    if (!this.#startsRequirement())
      throw new GrammarError(`found '${this.#peek().text}', expected: !, identifier, or 'end of string'`);
    for (;;) {
      requirements.push(this.#requirement());
      const separator = this.#next();
      if (separator.type === "end") return requirements;
      if (!isSymbol(separator, ","))
        throw new GrammarError(`found '${separator.text}', expected: ',' or 'end of string'`);
      if (!this.#startsRequirement())
        throw new GrammarError(`found '${this.#peek().text}', expected: identifier after ','`);
    }
  }

  #requirement(): LabelRequirement {
    try {
      const negated = isSymbol(this.#peek(), "!") && this.#next() !== undefined;
      const { type, text: key } = this.#next();
      if (type !== "word") throw new GrammarError(`found '${key}', expected: identifier`);
      const keyErrors = requirementErrors({ key, operator: "exists", values: [] });
      // The key is checked on its own first, without a path.
      if (keyErrors[0] !== undefined) throw new GrammarError(keyErrors[0].replace(/^key:/, "<nil>:"));
      if (negated) return { key, operator: "!", values: [] };
      if (this.#peek().type === "end" || isSymbol(this.#peek(), ",")) return { key, operator: "exists", values: [] };
      const operator = this.#operator();
      const values = operator === "in" || operator === "notin" ? this.#valueSet() : [this.#value()];
      const requirement = { key, operator, values: [...new Set(values)].sort() };
      const errors = requirementErrors(requirement);
      if (errors.length > 0) throw new GrammarError(aggregate(errors));
      return requirement;
    } catch (error) {
      if (error instanceof GrammarError) error.message = `unable to parse requirement: ${error.message}`;
      throw error;
    }
  }

  #operator(): LabelOperator {
    const { type, text } = this.#next();
    const operator = (type === "word" ? wordOperators : symbolOperators).get(text);
    if (!operator) throw new GrammarError(`found '${text}', expected: in, notin, =, ==, !=, gt, lt`);
    return operator;
  }

  #value(): string {
    if (this.#peek().type === "end" || isSymbol(this.#peek(), ",")) return "";
    const { type, text } = this.#next();
    if (type !== "word") throw new GrammarError(`found '${text}', expected: identifier`);
    return text;
  }

  #valueSet(): string[] {
    const open = this.#next();
    if (!isSymbol(open, "(")) throw new GrammarError(`found '${open.text}' expected: '('`);
    if (isSymbol(this.#peek(), ")")) {
      this.#next();
      return [""];
    }
    if (this.#peek().type !== "word" && !isSymbol(this.#peek(), ","))
      throw new GrammarError(`found '${this.#peek().text}', expected: ',', ')' or identifier`);
    const values: string[] = [];
    for (;;) {
      const isWord = this.#peek().type === "word";
      values.push(isWord ? this.#next().text : "");
      const separator = this.#next();
      if (isSymbol(separator, ")")) return values;
      if (isSymbol(separator, ",")) continue;
      throw new GrammarError(`found '${separator.text}', expected: ',' or ${isWord ? "')'" : "identifier"}`);
    }
  }

  #startsRequirement(): boolean {
    return this.#peek().type === "word" || isSymbol(this.#peek(), "!");
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? end;
  }

  #next(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }
}

const end: Token = { type: "end", text: "" };
const isSymbol = (token: Token, text: string): boolean => token.type === "symbol" && token.text === text;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (const [token] of text.matchAll(/==|!=|[=!(),<>]|[^\s=!(),<>]+/g))
    tokens.push({ type: /^[=!(),<>]/.test(token) ? "symbol" : "word", text: token });
  return tokens;
}
