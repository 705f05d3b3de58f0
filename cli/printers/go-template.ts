import { functions, missing, truth, valueText } from "./go-template-functions.js";
import {
  type Operand,
  type Pipeline,
  parseTemplate,
  type Template,
  TemplateError,
  type TemplateNode,
} from "./go-template-parse.js";

export { TemplateError };

/** Runs a template over an object and answers its text. */
export function printTemplate(source: string, root: unknown): string {
  let template: Template;
  try {
    template = parseTemplate(source);
  } catch (error) {
    throw retold(error, `error parsing template ${source}, template: output:1:`);
  }
  const run: Run = { out: [], length: 0, steps: 0, depth: 0, named: template.named };
  try {
    execute(run, template.nodes, root, new Scope(undefined, [["$", root]]));
    return run.out.join("");
  } catch (error) {
    throw retold(error, `error executing template ${JSON.stringify(source)}: template: output:1:`);
  }
}

const retold = (error: unknown, before: string): unknown =>
  error instanceof TemplateError ? new TemplateError(`${before} ${error.message}`) : error;

const templateDepthMax = 500;
const stepsMax = 5_000_000;
const outputMaxLength = 256 * 1024 * 1024;

interface Run {
  readonly out: string[];
  readonly named: Template["named"];
  length: number;
  steps: number;
  /** How many templates deep. */
  depth: number;
}

class Scope {
  readonly #outer: Scope | undefined;
  readonly #values: Map<string, unknown>;

  constructor(outer: Scope | undefined, values: readonly (readonly [string, unknown])[] = []) {
    this.#outer = outer;
    this.#values = new Map(values);
  }

  get(name: string): unknown {
    if (this.#values.has(name)) return this.#values.get(name);
    if (!this.#outer) throw new TemplateError(`undefined variable ${JSON.stringify(name)}`);
    return this.#outer.get(name);
  }

  declare(name: string, value: unknown): void {
    this.#values.set(name, value);
  }

  assign(name: string, value: unknown): void {
    if (this.#values.has(name)) this.#values.set(name, value);
    else if (this.#outer) this.#outer.assign(name, value);
    else throw new TemplateError(`undefined variable ${JSON.stringify(name)}`);
  }
}

/** Answers how the surrounding range is to go on. */
function execute(
  run: Run,
  nodes: readonly TemplateNode[],
  dot: unknown,
  scope: Scope,
): "break" | "continue" | undefined {
  for (const node of nodes) {
    count(run);
    switch (node.type) {
      case "text":
        write(run, node.text);
        break;
      case "action": {
        const value = evaluate(run, node.pipeline, dot, scope);
        if (node.pipeline.names.length === 0) write(run, valueText(value));
        break;
      }
      case "if":
      case "with": {
        const inner = new Scope(scope);
        const value = evaluate(run, node.pipeline, dot, inner);
        const yes = truth(value);
        const next = execute(run, yes ? node.body : node.otherwise, yes && node.type === "with" ? value : dot, inner);
        if (next) return next;
        break;
      }
      case "range":
        executeRange(run, node.pipeline, node, dot, scope);
        break;
      case "template":
        executeNamed(run, node, dot, scope);
        break;
      default:
        return node.type;
    }
  }
  return undefined;
}

/** It sees its argument, and none of the caller's variables. */
function executeNamed(
  run: Run,
  { template, pipeline }: TemplateNode & { type: "template" },
  dot: unknown,
  scope: Scope,
): void {
  const nodes = run.named.get(template);
  if (!nodes) throw new TemplateError(`template ${JSON.stringify(template)} not defined`);
  if (run.depth >= templateDepthMax) throw new TemplateError(`exceeded maximum template depth (${templateDepthMax})`);
  const value = pipeline ? evaluate(run, pipeline, dot, scope) : missing;
  run.depth++;
  execute(run, nodes, value, new Scope(undefined, [["$", value]]));
  run.depth--;
}

function executeRange(
  run: Run,
  { names, ...pipeline }: Pipeline,
  node: { readonly body: readonly TemplateNode[]; readonly otherwise: readonly TemplateNode[] },
  dot: unknown,
  scope: Scope,
): void {
  const value = evaluate(run, { ...pipeline, names: [] }, dot, scope);
  const entries = entriesOf(value);
  if (entries.length === 0) {
    execute(run, node.otherwise, dot, new Scope(scope));
    return;
  }
  for (const [key, element] of entries) {
    count(run);
    const inner = new Scope(scope);
    const [first, second] = names;
    if (second !== undefined) {
      inner.declare(first ?? "", key);
      inner.declare(second, element);
    } else if (first !== undefined) inner.declare(first, element);
    if (execute(run, node.body, element, inner) === "break") return;
  }
}

function entriesOf(value: unknown): readonly (readonly [unknown, unknown])[] {
  if (value === missing || value === null) return [];
  if (Array.isArray(value)) return value.map((element, index) => [BigInt(index), element]);
  if (typeof value === "object") {
    const map = value as Readonly<Record<string, unknown>>;
    return Object.keys(map)
      .sort()
      .map((key) => [key, map[key]]);
  }
  throw new TemplateError(`range can't iterate over ${valueText(value)}`);
}

function evaluate(run: Run, { names, declares, commands }: Pipeline, dot: unknown, scope: Scope): unknown {
  let value: unknown;
  commands.forEach((command, index) => {
    value = call(run, command, dot, scope, index === 0 ? [] : [value]);
  });
  const [name] = names;
  if (name !== undefined) {
    if (declares) scope.declare(name, value);
    else scope.assign(name, value);
  }
  return value;
}

function call(run: Run, command: readonly Operand[], dot: unknown, scope: Scope, piped: readonly unknown[]): unknown {
  count(run);
  const [head, ...rest] = command;
  if (!head) throw new TemplateError("missing value for command");
  if (head.type !== "function") {
    if (rest.length + piped.length > 0) throw new TemplateError("can't give argument to non-function");
    return operandValue(run, head, dot, scope);
  }
  if (head.name === "and" || head.name === "or") {
    // Neither looks further than it must.
    let value: unknown = missing;
    for (const argument of [
      ...rest.map((operand) => () => operandValue(run, operand, dot, scope)),
      ...piped.map((one) => () => one),
    ]) {
      value = argument();
      if (truth(value) === (head.name === "or")) return value;
    }
    return value;
  }
  const body = Object.hasOwn(functions, head.name) ? functions[head.name] : undefined;
  if (!body) throw new TemplateError(`function ${JSON.stringify(head.name)} not defined`);
  const values = [...rest.map((operand) => operandValue(run, operand, dot, scope)), ...piped];
  try {
    return body(values);
  } catch (error) {
    throw retold(error, `error calling ${head.name}:`);
  }
}

function operandValue(run: Run, operand: Operand, dot: unknown, scope: Scope): unknown {
  switch (operand.type) {
    case "literal":
      return operand.value;
    case "dot":
      return dot;
    case "variable":
      return scope.get(operand.name);
    case "function":
      return call(run, [operand], dot, scope, []);
    case "group":
      return evaluate(run, operand.pipeline, dot, scope);
    case "chain":
      return operand.fields.reduce(fieldOf, operandValue(run, operand.of, dot, scope));
  }
}

function fieldOf(value: unknown, name: string): unknown {
  if (value === missing) return missing;
  if (value === null) throw new TemplateError(`nil pointer evaluating interface {}.${name}`);
  if (typeof value !== "object" || Array.isArray(value))
    throw new TemplateError(`can't evaluate field ${name} in type interface {}`);
  return Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : missing;
}

function write(run: Run, text: string): void {
  run.length += text.length;
  if (run.length > outputMaxLength) throw new TemplateError("the output is too long");
  run.out.push(text);
}

function count(run: Run): void {
  if (++run.steps > stepsMax) throw new TemplateError(`more than ${stepsMax} steps`);
}
