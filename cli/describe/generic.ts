import { goText } from "../../base/go-text.js";
import type { Describer } from "./describer.js";
import type { Layout } from "./layout.js";

/** Any kind: all of its fields, in the order of their names. */
export const describeGeneric: Describer = (layout, object) => {
  const { metadata } = object;
  layout.line(0, `Name:\t${metadata.name}`);
  layout.line(0, `Namespace:\t${metadata.namespace ?? ""}`);
  layout.map(0, "Labels", metadata.labels);
  layout.annotations(0, object);
  const { labels: _, annotations: __, name: ___, namespace: ____, managedFields: _____, ...rest } = metadata;
  const { apiVersion, kind, metadata: ______, ...fields } = object;
  writeMap(
    layout,
    0,
    { "API Version": apiVersion, Kind: kind, Metadata: rest, ...fields } as Loose,
    new Set(["API Version"]),
  );
};

type Loose = Readonly<Record<string, unknown>>;
const nestingLimit = 40;

function writeMap(layout: Layout, level: number, map: Loose, asWritten: ReadonlySet<string> = new Set()): void {
  for (const key of Object.keys(map).sort((a, b) => (titleOf(a) < titleOf(b) ? -1 : 1))) {
    const value = map[key];
    if (value === undefined) continue;
    const title = asWritten.has(key) ? key : titleOf(key);
    if (typeof value !== "object" || value === null || level > nestingLimit)
      layout.line(level, `${title}:\t${goText(value)}`);
    else if (Array.isArray(value)) writeList(layout, level, title, value);
    else {
      layout.line(level, `${title}:`);
      writeMap(layout, level + 1, value as Loose);
    }
  }
}

function writeList(layout: Layout, level: number, title: string, list: readonly unknown[]): void {
  layout.line(level, `${title}:`);
  for (const item of list) {
    if (typeof item === "object" && item !== null && !Array.isArray(item)) writeMap(layout, level + 1, item as Loose);
    else layout.line(level + 1, goText(item));
  }
}

/** `holderIdentity` is `Holder Identity`. */
export const titleOf = (field: string): string =>
  /[^a-zA-Z]/.test(field)
    ? field
    : field
        .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
        .replaceAll(/([A-Z])([A-Z][a-z](?!$))/g, "$1 $2")
        .replace(/^./, (letter) => letter.toUpperCase())
        .replaceAll(/\b(?:Api|Guid|Osb|Uid|Url)\b/g, (word) => word.toUpperCase());
