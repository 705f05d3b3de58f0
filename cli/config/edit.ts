import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { CliError } from "../errors.js";
import type { Session } from "../session.js";
import type { ConfigFile, Kubeconfig } from "./kubeconfig.js";

type Section = "clusters" | "contexts" | "users";
type Entry = { name: string } & Record<string, unknown>;

/** The kubeconfig's entries of one kind, as loose maps: what we do not know is kept. */
export const entriesOf = (config: Kubeconfig, section: Section): Entry[] =>
  (config[section] ?? []) as unknown as Entry[];

export const hasEntry = (config: Kubeconfig, section: Section, name: string): boolean =>
  entriesOf(config, section).some((entry) => entry.name === name);

/** The file to change: the one that has the entry, else the first that exists, else the last. */
export async function fileFor(session: Session, has: (config: Kubeconfig) => boolean): Promise<ConfigFile> {
  const { files } = await session.config();
  const file = files.find(({ config }) => has(config)) ?? files.find(({ exists }) => exists) ?? files.at(-1);
  if (!file) throw new CliError("there is no kubeconfig to change");
  return file;
}

/** Changes a copy of a file's kubeconfig and puts it in the file's place, mode 0600. */
export async function rewrite(file: ConfigFile, change: (config: Kubeconfig) => void): Promise<void> {
  const config: Kubeconfig = structuredClone({ apiVersion: "v1", kind: "Config", ...file.config });
  change(config);
  const { toYaml } = await import("../../apimachinery/codec/yaml.js");
  mkdirSync(dirname(file.path), { recursive: true, mode: 0o700 });
  const draft = `${file.path}.${process.pid}.new`;
  writeFileSync(draft, toYaml(config), { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, file.path);
}

/** Adds an entry or changes fields of it; undefined leaves a field, null takes it away. Answers whether it was there. */
export function putEntry(
  config: Kubeconfig,
  section: Section,
  key: string,
  name: string,
  fields: Readonly<Record<string, unknown>>,
): boolean {
  const entries = entriesOf(config, section);
  const found = entries.find((entry) => entry.name === name);
  const before = (found?.[key] ?? {}) as Record<string, unknown>;
  const after = { ...before };
  for (const [field, value] of Object.entries(fields)) {
    if (value === null) delete after[field];
    else if (value !== undefined) after[field] = value;
  }
  if (found) found[key] = after;
  else setEntries(config, section, [...entries, { name, [key]: after }]);
  return found !== undefined;
}

export function dropEntry(config: Kubeconfig, section: Section, name: string): void {
  setEntries(
    config,
    section,
    entriesOf(config, section).filter((entry) => entry.name !== name),
  );
}

function setEntries(config: Kubeconfig, section: Section, entries: Entry[]): void {
  (config as Record<string, unknown>)[section] = entries;
}
