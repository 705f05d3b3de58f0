import { badRequest } from "../status.js";

/**
 * Field selectors: `status.phase!=Running,spec.nodeName=a`. Values escape `\`, `,` and `=` with a backslash.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/
 */
export interface FieldRequirement {
  readonly field: string;
  readonly operator: "=" | "!=";
  readonly value: string;
}

export interface FieldSelector {
  readonly requirements: readonly FieldRequirement[];
  /** `read` gives a field's value, "" where the object has none. */
  matches(read: (field: string) => string): boolean;
  /** The value that the field must equal, if the selector says so: lets an index be used. */
  exactValue(field: string): string | undefined;
  /** Canonical text. "" selects everything. */
  toString(): string;
}

/** Throws BadRequest with Kubernetes' message. Which fields exist is for the caller to say. */
export function parseFieldSelector(text: string): FieldSelector {
  if (text === "") return everyField;
  const terms = (text.match(termPattern) ?? []).filter((term) => term !== "").sort();
  const requirements = terms.map((term) => requirementOf(term, text));
  return selectorFrom(requirements.filter(({ field, value }) => field !== "" || value !== ""));
}

export const escapeFieldValue = (value: string): string => value.replace(/[\\,=]/g, "\\$&");

// A term ends at a comma that no backslash precedes; a backslash takes the next character with it.
const termPattern = /(?:\\[\s\S]?|[^\\,])+/g;

function requirementOf(term: string, text: string): FieldRequirement {
  const [whole, field = "", operator] = /^([\s\S]*?)(!=|==?)/.exec(term) ?? [];
  if (whole === undefined) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
  return { field, operator: operator === "!=" ? "!=" : "=", value: unescaped(term.slice(whole.length)) };
}

function unescaped(escaped: string): string {
  return escaped.replace(/\\([\s\S]?)|[,=]/gu, (found, escapedCharacter: string | undefined) => {
    if (escapedCharacter === undefined)
      throw badRequest(`invalid field selector: unescaped character in value: ${found.codePointAt(0)}`);
    if (!"\\,=".includes(escapedCharacter) || escapedCharacter === "")
      throw badRequest(`invalid field selector: invalid escape sequence: ${found}`);
    return escapedCharacter;
  });
}

function selectorFrom(requirements: readonly FieldRequirement[]): FieldSelector {
  return {
    requirements,
    matches(read) {
      for (const { field, operator, value } of requirements)
        if ((read(field) === value) !== (operator === "=")) return false;
      return true;
    },
    exactValue: (field) =>
      requirements.find((requirement) => requirement.field === field && requirement.operator === "=")?.value,
    toString: () =>
      requirements.map(({ field, operator, value }) => `${field}${operator}${escapeFieldValue(value)}`).join(","),
  };
}

export const everyField: FieldSelector = selectorFrom([]);
