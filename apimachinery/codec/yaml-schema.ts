import {
  defineMappingTag,
  defineScalarTag,
  defineSequenceTag,
  type MappingTagOptions,
  mergeTag,
  NOT_RESOLVED,
  Schema,
  type SequenceTagOptions,
  strTag,
} from "js-yaml";

/**
 * What plain YAML scalars mean to kubectl's reader. https://yaml.org/type/ with these differences: octal may also be
 * written `0o17`, base 60 and timestamps are strings, infinities are left to the caller, because JSON has none.
 */
const tag = (name: string): string => `tag:yaml.org,2002:${name}`;

const nulls = new Set(["", "~", "null", "Null", "NULL"]);
const booleans = new Map<string, boolean>([
  ...["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"].map((text) => [text, true] as const),
  ...["n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"].map((text) => [text, false] as const),
]);
const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0))$/;
const decimal = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const notFinite = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const int64Max = 2n ** 63n - 1n;

const nullTag = defineScalarTag<null>(tag("null"), {
  implicit: true,
  resolve: (text) => (nulls.has(text) ? null : NOT_RESOLVED),
  identify: (value) => value === null,
  represent: () => "null",
});

const booleanTag = defineScalarTag<boolean>(tag("bool"), {
  implicit: true,
  resolve: (text) => booleans.get(text) ?? NOT_RESOLVED,
  identify: (value) => typeof value === "boolean",
});

const integerTag = defineScalarTag<number | bigint>(tag("int"), {
  implicit: true,
  resolve: (text) => integerOf(text) ?? NOT_RESOLVED,
  identify: (value) => typeof value === "bigint" || (Number.isInteger(value) && Math.abs(value) < 1e21),
  represent: (value) => goNumber(value),
});

const floatTag = defineScalarTag<number | string>(tag("float"), {
  implicit: true,
  resolve: (text) => floatOf(text) ?? NOT_RESOLVED,
  identify: (value) => typeof value === "number",
  represent: (value) => goNumber(value),
});

const mapping: MappingTagOptions<Record<string, unknown>> = {
  create: () => ({}),
  addPair(carrier, key, value) {
    const name = keyText(key);
    if (name === undefined) return "unsupported map key: only strings, numbers and booleans can be keys";
    // Assignment to `__proto__` would change the prototype.
    if (name === "__proto__")
      Object.defineProperty(carrier, name, { value, enumerable: true, configurable: true, writable: true });
    else carrier[name] = value;
    return "";
  },
  has: (carrier, key) => Object.hasOwn(carrier, keyText(key) ?? ""),
  keys: (result) => Object.keys(result),
  get: (result, key) => result[keyText(key) ?? ""],
  identify: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  represent: (value: Record<string, unknown>) =>
    new Map(Object.entries(value).filter(([, member]) => member !== undefined)),
};
const sequence: SequenceTagOptions<unknown[]> = {
  create: () => [],
  addItem: (carrier, item) => void carrier.push(item),
  identify: (value) => Array.isArray(value),
};

const binaryTag = defineScalarTag<string>(tag("binary"), {
  resolve: (text) => Buffer.from(text, "base64").toString("utf8"),
  identify: () => false,
});

// Tags that nobody here knows are passed over, as kubectl's reader does.
const passedOver = { matchByTagPrefix: true, identify: () => false };
const unknownTags = ["!", "tag:"].flatMap((start) => [
  defineScalarTag<string>(start, { ...passedOver, resolve: (text) => text }),
  defineMappingTag(start, { ...mapping, ...passedOver }),
  defineSequenceTag(start, { ...sequence, ...passedOver }),
]);

export const kubernetesYaml = new Schema([
  strTag,
  nullTag,
  booleanTag,
  integerTag,
  floatTag,
  mergeTag,
  defineMappingTag(tag("map"), mapping),
  defineSequenceTag(tag("seq"), sequence),
  binaryTag,
  ...unknownTags,
]);

/** False where a plain scalar with this text would be read as something else than the string. */
export function readsAsString(text: string): boolean {
  return (
    !nulls.has(text) &&
    !booleans.has(text) &&
    text !== "<<" &&
    text !== "=" &&
    !timestamp.test(text) &&
    !base60.test(text) &&
    integerOf(text) === undefined &&
    floatOf(text) === undefined
  );
}

const timestamp = /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:$|[Tt \t])/;
const base60 = /^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

function integerOf(text: string): number | bigint | undefined {
  const parts = /^[-+0-9]/.test(text) ? integer.exec(text.replaceAll("_", "")) : null;
  if (!parts) return undefined;
  const [, sign, hex, binary, octal, plain = "0"] = parts;
  const magnitude = BigInt(hex ? `0x${hex}` : binary ? `0b${binary}` : octal ? `0o${octal}` : plain);
  const value = sign === "-" ? -magnitude : magnitude;
  if (String(Number(value)) === value.toString()) return Number(value);
  return value <= int64Max && value >= -int64Max - 1n ? value : Number(value);
}

function floatOf(text: string): number | undefined {
  if (notFinite.test(text)) return /nan$/i.test(text) ? Number.NaN : text.startsWith("-") ? -Infinity : Infinity;
  if (!/^[-+.0-9]/.test(text)) return undefined;
  const plain = text.replaceAll("_", "");
  const value = decimal.test(plain) ? Number(plain) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

function keyText(key: unknown): string | undefined {
  if (typeof key === "string") return key;
  return typeof key === "number" || typeof key === "boolean" || typeof key === "bigint" ? String(key) : undefined;
}

/** Go's shortest form: exponents of at least two digits, from 1e21 on and below 1e-6. */
const goNumber = (value: number | bigint): string => String(value).replace(/e([-+])(\d)$/, "e$10$2");
