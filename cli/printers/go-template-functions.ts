import { TemplateError } from "./go-template-parse.js";

/** What a key that is not there leads to. */
export const missing: unique symbol = Symbol("no value");

type Function = (values: readonly unknown[]) => unknown;

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function truth(value: unknown): boolean {
  if (value === missing || value === null || value === undefined) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (isMap(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** As Go prints a value by itself. */
export function valueText(value: unknown): string {
  return value === missing || value === null || value === undefined ? "<no value>" : shown(value);
}

function shown(value: unknown): string {
  if (value === missing || value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(shown).join(" ")}]`;
  if (isMap(value)) {
    return `map[${Object.keys(value)
      .sort()
      .map((key) => `${key}:${shown(value[key])}`)
      .join(" ")}]`;
  }
  return typeof value === "number" ? floatText(value) : String(value);
}

/** JSON's numbers are floats to Go, which writes 1000000 as 1e+06 (but not 21600). */
function floatText(value: number): string {
  const [digits = "0", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

const kindOf = (value: unknown): string => {
  if (value === missing || value === null || value === undefined) return "invalid";
  if (typeof value === "bigint") return "int";
  if (typeof value === "number") return "float";
  if (typeof value === "boolean") return "bool";
  return typeof value === "string" ? "string" : Array.isArray(value) ? "slice" : "map";
};

function same(a: unknown, b: unknown): boolean {
  const [one, other] = [kindOf(a), kindOf(b)];
  if (one === "invalid" || other === "invalid") return one === other;
  if (one === "map" || one === "slice" || other === "map" || other === "slice")
    throw new TemplateError("incomparable type for comparison");
  if (one !== other) throw new TemplateError("incompatible types for comparison");
  return a === b;
}

function less(a: unknown, b: unknown): boolean {
  const [one, other] = [kindOf(a), kindOf(b)];
  if (one !== other) throw new TemplateError("incompatible types for comparison");
  if (one !== "int" && one !== "float" && one !== "string") throw new TemplateError("invalid type for comparison");
  return (a as number) < (b as number);
}

const needed = (values: readonly unknown[], count: number): readonly unknown[] => {
  if (values.length !== count) throw new TemplateError(`wrong number of args: want ${count} got ${values.length}`);
  return values;
};

function index(value: unknown, key: unknown): unknown {
  if (value === missing || value === null) throw new TemplateError("index of untyped nil");
  if (Array.isArray(value)) {
    if (typeof key !== "bigint") throw new TemplateError(`cannot index slice/array with type ${kindOf(key)}`);
    if (key < 0n || key >= BigInt(value.length)) throw new TemplateError(`reflect: slice index out of range: ${key}`);
    return value[Number(key)];
  }
  if (isMap(value)) {
    if (typeof key !== "string") throw new TemplateError(`value has type ${kindOf(key)}; should be string`);
    return Object.hasOwn(value, key) ? value[key] : missing;
  }
  if (typeof value === "string" && typeof key === "bigint") {
    const byte = Buffer.from(value)[Number(key)];
    if (byte === undefined) throw new TemplateError(`index out of range: ${key}`);
    return BigInt(byte);
  }
  throw new TemplateError(`can't index item of type ${kindOf(value)}`);
}

/** Operands that are no texts are parted by blanks, as Go's Sprint does. */
const print = (values: readonly unknown[]): string =>
  values
    .map((value, at) => {
      const before = values[at - 1];
      const apart = at > 0 && typeof value !== "string" && typeof before !== "string";
      return `${apart ? " " : ""}${shown(value)}`;
    })
    .join("");

function printf(values: readonly unknown[]): string {
  const [format, ...rest] = values;
  if (typeof format !== "string") throw new TemplateError("the format is no text");
  let next = 0;
  const text = format.replaceAll(
    /%([-+ 0#]*)(\d{1,4})?(?:\.(\d{1,3}))?([a-zA-Z%])/g,
    (_, flags: string, width: string | undefined, precision: string | undefined, verb: string) => {
      if (verb === "%") return "%";
      if (next >= rest.length) return `%!${verb}(MISSING)`;
      const body = formatted(verb, rest[next++], precision === undefined ? undefined : Number(precision));
      const wide = Number(width ?? 0);
      if (flags.includes("-")) return body.padEnd(wide);
      return body.padStart(wide, flags.includes("0") && verb !== "s" ? "0" : " ");
    },
  );
  const extra = rest.slice(next);
  return extra.length === 0
    ? text
    : `${text}%!(EXTRA ${extra.map((value) => `${goType(value)}=${shown(value)}`).join(", ")})`;
}

const goTypes: Readonly<Record<string, string>> = {
  int: "int",
  float: "float64",
  bool: "bool",
  string: "string",
  slice: "[]interface {}",
  map: "map[string]interface {}",
};
const goType = (value: unknown): string => goTypes[kindOf(value)] ?? "<nil>";

function formatted(verb: string, value: unknown, precision: number | undefined): string {
  const kind = kindOf(value);
  const wrong = (): string => (kind === "invalid" ? `%!${verb}(<nil>)` : `%!${verb}(${goType(value)}=${shown(value)})`);
  switch (verb) {
    case "v":
      return shown(value);
    case "s":
      return kind === "int" || kind === "float" || kind === "bool" || kind === "invalid"
        ? wrong()
        : shown(value).slice(0, precision);
    case "q":
      return kind === "string" ? JSON.stringify(value) : wrong();
    case "d":
      return kind === "int" ? String(value) : wrong();
    case "x":
      return kind === "int"
        ? (value as bigint).toString(16)
        : kind === "string"
          ? Buffer.from(value as string).toString("hex")
          : wrong();
    case "f":
      return kind === "float" ? (value as number).toFixed(Math.min(precision ?? 6, 100)) : wrong();
    case "g":
      return kind === "float" ? floatText(value as number) : wrong();
    case "t":
      return kind === "bool" ? String(value) : wrong();
    case "T":
      return goType(value);
    default:
      return wrong();
  }
}

const entities: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  '"': "&#34;",
  "'": "&#39;",
};

/** What a template may call; `and` and `or` are the evaluator's own. */
export const functions: Readonly<Record<string, Function>> = {
  not: (values) => !truth(needed(values, 1)[0]),
  eq: ([first, ...others]) => {
    if (others.length === 0) throw new TemplateError("missing argument for comparison");
    return others.some((other) => same(first, other));
  },
  ne: (values) => !same(needed(values, 2)[0], values[1]),
  lt: (values) => less(needed(values, 2)[0], values[1]),
  le: (values) => less(needed(values, 2)[0], values[1]) || same(values[0], values[1]),
  gt: (values) => less(needed(values, 2)[1], values[0]),
  ge: (values) => less(needed(values, 2)[1], values[0]) || same(values[0], values[1]),
  index: ([value, ...keys]) => keys.reduce(index, value),
  slice: ([value, start, end]) => {
    if (typeof value !== "string" && !Array.isArray(value))
      throw new TemplateError(`can't slice item of type ${kindOf(value)}`);
    return value.slice(start === undefined ? 0 : Number(start), end === undefined ? undefined : Number(end));
  },
  len: (values) => {
    const [value] = needed(values, 1);
    if (typeof value === "string") return BigInt(Buffer.byteLength(value));
    if (Array.isArray(value)) return BigInt(value.length);
    if (isMap(value)) return BigInt(Object.keys(value).length);
    throw new TemplateError(
      value === missing || value === null ? "len of nil pointer" : `len of type ${goType(value)}`,
    );
  },
  print,
  println: (values) => `${values.map(shown).join(" ")}\n`,
  printf,
  html: (values) => print(values).replaceAll(/[<>&"']/g, (letter) => entities[letter] ?? letter),
  urlquery: (values) => encodeURIComponent(print(values)).replaceAll("%20", "+"),
  js: (values) => JSON.stringify(print(values)).slice(1, -1),
  base64decode: (values) => {
    const [value] = needed(values, 1);
    if (typeof value !== "string" || !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value))
      throw new TemplateError("base64 decode: illegal base64 data");
    return Buffer.from(value, "base64").toString("utf8");
  },
  exists: ([value, ...keys]) => {
    let current = value;
    for (const key of keys) {
      if (isMap(current) && typeof key === "string" && Object.hasOwn(current, key)) current = current[key];
      else if (Array.isArray(current) && typeof key === "bigint" && key >= 0n && key < BigInt(current.length))
        current = current[Number(key)];
      else return false;
    }
    return true;
  },
};
