import { unreachable } from "../../base/assert.js";
import { isRecord } from "../../base/record.js";
import { besides, completed } from "./completed.js";
import type { FieldError, Schema, SchemaNode } from "./schema.js";

/**
 * The second pass, after defaults and admission: what a schema requires of values that decoding has let through. Paths
 * are put together only where something is wrong.
 */

/** The first errors in the order of the fields, at most `maxFieldErrors`. */
export function validateSchema(schema: Schema<unknown>, value: unknown): FieldError[] {
  const findings = new Findings();
  checkOf(schema)?.(value, findings);
  return findings.errors;
}

/** Enough to see what is wrong; a hostile object does not get to fill the answer. */
export const maxFieldErrors = 100;

type Check = (value: unknown, findings: Findings) => void;

class Findings {
  readonly errors: FieldError[] = [];
  /** Fields that the schema requires and that are not there. */
  missing = 0;

  get full(): boolean {
    return this.errors.length >= maxFieldErrors;
  }
}

const checks = new WeakMap<Schema<unknown>, { readonly check: Check | undefined }>();

/** Undefined where every decoded value will do. */
function checkOf(schema: Schema<unknown>): Check | undefined {
  let known = checks.get(schema);
  if (!known) {
    known = { check: compile(schema.node) };
    checks.set(schema, known);
  }
  return known.check;
}

function compile(node: SchemaNode): Check | undefined {
  switch (node.type) {
    case "string":
      return stringCheck(node);
    case "integer":
    case "number":
      return numberCheck(node);
    case "boolean":
    case "int-or-string":
    case "any":
      return undefined;
    case "list":
      return listCheck(node);
    case "map":
      return mapCheck(node);
    case "object":
      return objectCheck(node);
    case "ref":
      return laterCheckOf({ node });
    default:
      return unreachable(node);
  }
}

function stringCheck({ enum: values, maxLength, refusal }: SchemaNode & { type: "string" }): Check | undefined {
  if (!values && maxLength === undefined) return undefined;
  const allowed = values && new Set<unknown>(values);
  const message =
    values &&
    `supported values: ${[...values]
      .sort()
      .map((value) => JSON.stringify(value))
      .join(", ")}`;
  return (value, { errors }) => {
    if (allowed && message && !allowed.has(value))
      errors.push({
        path: "",
        value,
        ...(refusal ? { reason: "Invalid", message: refusal } : { reason: "NotSupported", message }),
      });
    if (maxLength !== undefined && typeof value === "string" && Buffer.byteLength(value) > maxLength)
      errors.push({ path: "", reason: "TooLong", message: `may not be more than ${maxLength} bytes` });
  };
}

function numberCheck({ min, max }: { readonly min?: number; readonly max?: number }): Check | undefined {
  if (min === undefined && max === undefined) return undefined;
  const message =
    min === undefined
      ? `must be less than or equal to ${max}`
      : max === undefined
        ? `must be greater than or equal to ${min}`
        : `must be between ${min} and ${max}, inclusive`;
  const [least, most] = [min ?? Number.NEGATIVE_INFINITY, max ?? Number.POSITIVE_INFINITY];
  return (value, { errors }) => {
    if ((typeof value === "number" || typeof value === "bigint") && (value < least || value > most))
      errors.push({ path: "", reason: "Invalid", value, message });
  };
}

function listCheck({ item }: SchemaNode & { type: "list" }): Check | undefined {
  const check = laterCheckOf(item);
  if (!check) return undefined;
  return (value, findings) => {
    if (!Array.isArray(value)) return;
    for (let index = 0; index < value.length && !findings.full; index++) {
      const before = findings.errors.length;
      check(value[index], findings);
      if (findings.errors.length > before) prefix(findings.errors, before, `[${index}]`);
    }
  };
}

function mapCheck({ value: entry }: SchemaNode & { type: "map" }): Check | undefined {
  const check = laterCheckOf(entry);
  if (!check) return undefined;
  return (value, findings) => {
    if (!isRecord(value)) return;
    for (const key of Object.keys(value)) {
      const before = findings.errors.length;
      check(value[key], findings);
      if (findings.errors.length > before) prefix(findings.errors, before, `[${key}]`);
    }
  };
}

/** As checkOf, but definitions are compiled when a value first needs it. */
function laterCheckOf(schema: Schema<unknown>): Check | undefined {
  const { node } = schema;
  if (node.type !== "ref") return checkOf(schema);
  let target: Check | undefined;
  return (value, findings) => {
    target ??= checkOf(node.target()) ?? nothing;
    target(value, findings);
  };
}
const nothing: Check = () => {};

interface FieldCheck {
  readonly name: string;
  readonly required: boolean;
  readonly nonEmpty: boolean;
  readonly check: Check | undefined;
}

function objectCheck(node: SchemaNode & { type: "object" }): Check {
  const fields: FieldCheck[] = [];
  for (const [name, schema] of node.fields) {
    const { optional = false, nonEmpty = false } = schema.node;
    const check = laterCheckOf(schema);
    if (!optional || nonEmpty || check) fields.push({ name, required: !optional, nonEmpty, check });
  }
  const validate = node.validate as ((value: unknown) => readonly FieldError[]) | undefined;
  return (value, findings) => {
    if (!isRecord(value)) return;
    const { missing, errors } = findings;
    const first = errors.length;
    for (const { name, required, nonEmpty, check } of fields) {
      const entry = value[name];
      if (entry === undefined || (nonEmpty && isEmpty(entry))) {
        if (required || (nonEmpty && entry !== undefined)) {
          errors.push({ path: name, reason: "Required", message: "" });
          if (entry === undefined) findings.missing++;
        }
        continue;
      }
      if (!check) continue;
      const before = findings.errors.length;
      check(entry, findings);
      if (findings.errors.length > before) prefix(findings.errors, before, name);
    }
    if (!validate || findings.full) return;
    const whole = findings.missing === missing ? value : completed({ node }, value);
    errors.push(...besides(errors.slice(first), validate(whole)));
  };
}

function prefix(errors: FieldError[], from: number, step: string): void {
  for (let index = from; index < errors.length; index++) {
    const error = errors[index];
    if (error) errors[index] = { ...error, path: joinPath(step, error.path) };
  }
}

/** `spec` and `containers[0]`, `containers` and `[0].name`. */
export const joinPath = (outer: string, inner: string): string =>
  inner === "" ? outer : outer === "" || inner.startsWith("[") ? outer + inner : `${outer}.${inner}`;

/** Errors of a part, seen from the object that holds it. */
export const under = (path: string, errors: readonly FieldError[]): FieldError[] =>
  errors.map((error) => ({ ...error, path: joinPath(path, error.path) }));

function isEmpty(value: unknown): boolean {
  if (value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return isRecord(value) && Object.keys(value).length === 0;
}
