import {
  COLLECTION_STYLE,
  dump,
  type LoadOptions,
  loadAll,
  type Node,
  SCALAR_STYLE,
  visit,
  YAMLException,
} from "js-yaml";
import { badRequest } from "../status.js";
import { jsonMaxDepth, parseJson } from "./json.js";
import { duplicateKeys } from "./yaml-duplicates.js";
import { foldLong } from "./yaml-fold.js";
import { kubernetesYaml, readsAsString } from "./yaml-schema.js";

/**
 * YAML with the meanings that kubectl's reader gives it: YAML 1.1 booleans (`yes`, `on`), octal `0644`, `1_000`, merge keys;
 * timestamps stay strings and keys become strings. What comes out is what JSON can say.
 */

/** Characters of all documents together. */
export const yamlMaxCharacters = 16 * 1024 * 1024;
/** Aliases (`*name`) of one document. */
export const yamlMaxAliases = 1000;
/** Values that a document's aliases may stand for in all. */
export const yamlMaxAliasedValues = 100_000;

export interface ParsedYaml {
  /** Empty documents are left out. */
  readonly documents: readonly unknown[];
  /** What is wrong with repeated keys: `line 6: key "a" already set in map`; the last value has won. */
  readonly duplicateKeys: readonly string[];
}

/** All documents of the text; a repeated key is an error. Throws BadRequest naming the line. */
export function parseYaml(text: string): unknown[] {
  const { documents, duplicateKeys } = readYaml(text);
  if (duplicateKeys.length > 0)
    throw badRequest(`${prefix}yaml: unmarshal errors:\n${duplicateKeys.map((line) => `  ${line}`).join("\n")}`);
  return [...documents];
}

/** All documents of the text; repeated keys are reported. Throws BadRequest naming the line. */
export function readYaml(text: string): ParsedYaml {
  if (text.length > yamlMaxCharacters)
    throw badRequest(`${prefix}yaml: the document is larger than ${yamlMaxCharacters} characters`);
  const asJson = /^\s*\{/.test(text) ? readAsJson(text) : undefined;
  if (asJson !== undefined) return { documents: [asJson], duplicateKeys: [] };
  try {
    return { documents: load(text, options), duplicateKeys: [] };
  } catch (error) {
    if (!(error instanceof YAMLException && error.reason === "duplicated mapping key")) throw refusal(error);
    try {
      return { documents: load(text, { ...options, json: true }), duplicateKeys: duplicatesOf(text, error) };
    } catch (later) {
      throw refusal(later);
    }
  }
}

/**
 * The text of one value, laid out as kubectl does: members in the order given, lists not indented, strings quoted where a
 * YAML 1.1 reader would take them for something else, long ones folded.
 */
export function toYaml(value: unknown): string {
  const text = dump(value, {
    schema: kubernetesYaml,
    noRefs: true,
    seqNoIndent: true,
    lineWidth: -1,
    skipInvalid: true,
    transform: (documents) => visit(documents, styleNode),
  });
  // A last string with trailing line breaks makes the writer mark the end of the document.
  return foldLong(text.replace(/\n\.\.\.\n$/, "\n"));
}

const prefix = "error converting YAML to JSON: ";
const options: LoadOptions = { schema: kubernetesYaml, maxDepth: jsonMaxDepth, maxAliases: yamlMaxAliases };

// JSON is YAML, but reading it as JSON is many times faster.
function readAsJson(text: string): unknown {
  try {
    const { value, duplicateFields } = parseJson(text, { strict: true });
    return duplicateFields.length === 0 ? value : undefined;
  } catch {
    return undefined;
  }
}

function load(text: string, loadOptions: LoadOptions): unknown[] {
  const documents = loadAll(text, loadOptions).filter((document) => document !== null && document !== undefined);
  for (const document of documents) checkValues(document);
  return documents;
}

/**
 * An alias shares what its anchor built: counted as often as they appear, shared values must stay few. Infinities and NaN
 * have no JSON form.
 */
function checkValues(document: unknown): void {
  const sizes = new Map<object, number>();
  let own = 1;
  const sizeOf = (value: unknown): number => {
    if (typeof value === "number" && !Number.isFinite(value))
      throw badRequest(`${prefix}json: unsupported value: ${goNames.get(String(value))}`);
    if (typeof value !== "object" || value === null) return 1;
    const known = sizes.get(value);
    if (known !== undefined) {
      if (known === underWay) throw badRequest(`${prefix}yaml: an anchor's value contains itself`);
      return known;
    }
    sizes.set(value, underWay);
    let size = 1;
    for (const item of Object.values(value)) {
      size += sizeOf(item);
      own++;
    }
    sizes.set(value, size);
    return size;
  };
  if (sizeOf(document) - own > yamlMaxAliasedValues)
    throw badRequest(`${prefix}yaml: document contains excessive aliasing`);
}

const underWay = -1;
const goNames = new Map([
  ["Infinity", "+Inf"],
  ["-Infinity", "-Inf"],
  ["NaN", "NaN"],
]);

function refusal(error: unknown): unknown {
  if (!(error instanceof YAMLException)) return error;
  const line = error.mark ? `line ${error.mark.line + 1}: ` : "";
  return badRequest(`${prefix}yaml: ${line}${error.reason}`);
}

/** One at least: what is written differently may still be the same key. */
function duplicatesOf(text: string, error: YAMLException): readonly string[] {
  const found = duplicateKeys(text, options);
  return found.length > 0 ? found : [duplicateKey(error)];
}

// The mark stands at the key's text, after the quote of a quoted one.
function duplicateKey({ mark }: YAMLException): string {
  if (!mark) return "a key is already set in map";
  const quote = mark.buffer[mark.position - 1];
  const end = quote === '"' ? /"/ : quote === "'" ? /'/ : /[\s:,}]/;
  const [key = ""] = mark.buffer.slice(mark.position).split(end, 1);
  return `line ${mark.line + 1}: key ${JSON.stringify(key)} already set in map`;
}

function styleNode(node: Node): void {
  if (node.kind === "alias") return;
  if (node.kind !== "scalar") {
    if (node.items.length === 0) node.style = COLLECTION_STYLE.FLOW;
    return;
  }
  if (node.tag !== stringTag) return;
  const { value } = node;
  // A block whose first line is blank or indented, or that ends lines in blanks, is not read alike by all readers.
  if (value.includes("\n") && !otherBreaks.test(value))
    node.style = /^\s|[ \t]\n|\n\s*$/.test(value.replace(/\n$/, ""))
      ? SCALAR_STYLE.DOUBLE_QUOTED
      : SCALAR_STYLE.LITERAL_BLOCK;
  else if (!readsAsString(value) || otherBreaks.test(value)) node.style = SCALAR_STYLE.DOUBLE_QUOTED;
}

// Line breaks to YAML 1.1 alone.
const otherBreaks = /[\u0085\u2028\u2029]/;
const stringTag = "tag:yaml.org,2002:str";
