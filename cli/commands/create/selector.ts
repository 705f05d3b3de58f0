import { CliError } from "../../errors.js";

interface Expression {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values?: readonly string[];
}
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly Expression[];
}

/** A selector as it is written on a command line (`app=web,tier in (a, b),!old`) as the object that specs hold. */
export function selectorFrom(written: string): LabelSelector {
  const labels: Record<string, string> = {};
  const expressions: Expression[] = [];
  for (const term of written.match(/(?:[^,(]|\([^)]*\))+/g) ?? []) readTerm(term.trim(), labels, expressions);
  return {
    ...(Object.keys(labels).length > 0 ? { matchLabels: labels } : {}),
    ...(expressions.length > 0 ? { matchExpressions: expressions } : {}),
  };
}

function readTerm(term: string, labels: Record<string, string>, expressions: Expression[]): void {
  const [, key, operator, value] = /^([^\s=!,()]+)\s*(==|=|!=)\s*([^\s=!,()]*)$/.exec(term) ?? [];
  if (key !== undefined && value !== undefined) {
    if (operator === "!=") expressions.push({ key, operator: "NotIn", values: [value] });
    else Object.defineProperty(labels, key, { value, enumerable: true, configurable: true, writable: true });
    return;
  }
  const [, name, not, list] = /^([^\s=!,()]+)\s+(notin|in)\s*\(([^()]*)\)$/.exec(term) ?? [];
  if (name !== undefined && list !== undefined) {
    const values = list.split(",").map((one) => one.trim());
    expressions.push({ key: name, operator: not === "in" ? "In" : "NotIn", values });
    return;
  }
  const [, absent, present] = /^(!?)\s*([^\s=!,()]+)$/.exec(term) ?? [];
  if (present === undefined) throw new CliError(`couldn't parse the selector string ${JSON.stringify(term)}`);
  expressions.push({ key: present, operator: absent === "!" ? "DoesNotExist" : "Exists" });
}
