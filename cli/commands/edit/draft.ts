import { parseYaml } from "../../../apimachinery/codec/yaml.js";
import type { AnyObject } from "../../api.js";
import { missingOf } from "../../identity.js";

/** What an editor left: nothing, an object, or what cannot be one and why. */
export type Draft =
  | { readonly type: "empty" }
  | { readonly type: "object"; readonly object: AnyObject }
  | { readonly type: "broken"; readonly why: string };

export function readDraft(text: string): Draft {
  let documents: readonly unknown[];
  try {
    documents = parseYaml(text).filter((document) => document !== null && document !== undefined);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { type: "broken", why: why.replace(/^error converting YAML to JSON: /, "") };
  }
  const [document, ...more] = documents;
  if (document === undefined) return { type: "empty" };
  if (more.length > 0) return { type: "broken", why: "there is more than one document" };
  const missing = missingOf(document);
  return missing === undefined ? { type: "object", object: document as AnyObject } : { type: "broken", why: missing };
}

const usage = [
  "Lines that begin with '#' are ignored; an empty file leaves the object as it is.",
  "What is refused comes back here with the reasons on top; left unchanged then, it is kept in a file that is named.",
];

/** The lines above the object; `what` was refused for these reasons. */
export function headingOf(what: string, reasons: readonly string[] = []): string {
  const lines = [
    ...usage,
    "",
    ...(reasons.length > 0 ? [`${what} was not valid:`, ...reasons.map((reason) => `* ${reason}`), ""] : []),
  ];
  const commented = lines.flatMap((line) => line.split(/\r\n|\r|\n/)).map((line) => (line === "" ? "#" : `# ${line}`));
  return `${commented.join("\n")}\n`;
}

/** Without the comments on top, ours among them; those further down are the writer's own. */
export const withoutHeading = (text: string): string => text.replace(/^(?:#[^\n]*(?:\n|$))+/, "");
