import { readdirSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { CliError } from "../../errors.js";
import type { Io } from "../../io.js";
import { read } from "./read-file.js";

/** What is made of them, for messages. */
export interface Made {
  readonly kind: "ConfigMap" | "Secret";
  readonly name: string;
}

/** Keys and contents that `--from-literal`, `--from-file` and `--from-env-file` name. */
export function readSources(
  { cwd, env }: Pick<Io, "cwd" | "env">,
  { kind, name }: Made,
  flags: {
    readonly "from-literal": readonly string[];
    readonly "from-file": readonly string[];
    readonly "from-env-file": readonly string[];
  },
): ReadonlyMap<string, Buffer> {
  if (flags["from-env-file"].length > 0 && flags["from-literal"].length + flags["from-file"].length > 0) {
    throw new CliError("from-env-file cannot be combined with from-file or from-literal");
  }
  const data = new Map<string, Buffer>();
  const add = (key: string, content: Buffer): void => {
    if (!/^[-._a-zA-Z0-9]+$/.test(key) || key.length > keyMaxCharacters) {
      throw new CliError(
        `${JSON.stringify(key)} is not valid key name for a ${kind} a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
      );
    }
    if (data.has(key))
      throw new CliError(
        `cannot add key ${JSON.stringify(key)}, another key by that name already exists in Data for ${kind} ${JSON.stringify(name)}`,
      );
    data.set(key, content);
  };
  for (const source of flags["from-file"]) addFile(source, cwd, add);
  for (const literal of flags["from-literal"]) {
    const equals = literal.indexOf("=");
    if (equals < 1) throw new CliError(`invalid literal source ${literal}, expected key=value`);
    const value = literal.slice(equals + 1).replace(/^(["'])(.*)\1$/s, "$2");
    add(literal.slice(0, equals), Buffer.from(value));
  }
  for (const file of flags["from-env-file"]) {
    for (const [key, value] of envLines(read(cwd, file).toString("utf8"), env)) add(key, Buffer.from(value));
  }
  return data;
}

const keyMaxCharacters = 253;

function addFile(source: string, cwd: string, add: (key: string, content: Buffer) => void): void {
  const equals = source.indexOf("=");
  const key = equals < 0 ? undefined : source.slice(0, equals);
  const name = equals < 0 ? source : source.slice(equals + 1);
  if (key === "") throw new CliError(`key name for file path ${name} missing`);
  if (name === "") throw new CliError(`file path for key name ${key} missing`);
  const path = resolve(cwd, name);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new CliError(`error reading ${name}: no such file or directory`);
  if (!found.isDirectory()) {
    add(key ?? basename(path), read(cwd, name));
    return;
  }
  if (key !== undefined) throw new CliError("cannot give a key name for a directory path");
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.isFile()) add(entry.name, read(path, entry.name));
  }
}

function* envLines(text: string, env: Readonly<Record<string, string | undefined>>): Iterable<[string, string]> {
  for (const raw of text.split("\n")) {
    const line = raw.trimStart().replace(/\r$/, "");
    if (line === "" || line.startsWith("#")) continue;
    const equals = line.indexOf("=");
    yield equals < 0 ? [line, env[line] ?? ""] : [line.slice(0, equals), line.slice(equals + 1)];
  }
}

/** UTF-8 text, or undefined for bytes that are none. */
export function asText(content: Buffer): string | undefined {
  const text = content.toString("utf8");
  return Buffer.from(text, "utf8").equals(content) ? text : undefined;
}
