import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { AnyObject } from "../api.js";
import { CliError } from "../errors.js";
import { missingOf } from "../identity.js";
import { readAll } from "../io.js";
import type { Session } from "../session.js";

/** An object of a file, and where it stood. */
export interface Manifest {
  readonly object: AnyObject;
  readonly source: string;
}

const inputMaxBytes = 32 * 1024 * 1024;
const filesMax = 10_000;
const extensions = [".json", ".yaml", ".yml"];

/** What files hold, and what of them cannot be read: one bad document keeps none of the others waiting. */
export interface Manifests {
  readonly manifests: readonly Manifest[];
  readonly failures: readonly unknown[];
}

/** Objects of the files, folders, URLs and `-` (standard input) that `-f` names, in order; lists are opened up. */
export async function readManifests(
  session: Session,
  names: readonly string[],
  recursive: boolean,
  validated = false,
): Promise<Manifests> {
  const manifests: Manifest[] = [];
  const failures: unknown[] = [];
  const orFailure = async (read: () => Promise<void> | void): Promise<void> => {
    try {
      await read();
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      failures.push(error);
    }
  };
  for (const name of names) {
    for (const { source, text } of await readTexts(session, name, recursive)) {
      await orFailure(async () => {
        for (const document of await documentsOf(text, source))
          await orFailure(() => {
            if (validated) validate(document, source);
            manifests.push(...openList(document, source));
          });
      });
    }
  }
  return { manifests, failures };
}

async function readTexts(
  session: Session,
  name: string,
  recursive: boolean,
): Promise<readonly { readonly source: string; readonly text: string }[]> {
  if (name === "-") return [{ source: "STDIN", text: await readAll(session.io.stdin, inputMaxBytes) }];
  if (/^https?:\/\//.test(name)) return [{ source: name, text: await download(name) }];
  const path = resolve(session.io.cwd, name);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new CliError(`the path ${JSON.stringify(name)} does not exist`);
  if (!found.isDirectory()) return [{ source: name, text: readText(path, name) }];
  const files = [...filesIn(name, path, recursive)].slice(0, filesMax);
  if (files.length === 0) {
    throw new CliError(`error reading [${name}]: recognized file extensions are [${extensions.join(" ")}]`);
  }
  return files.map(([source, file]) => ({ source, text: readText(file, source) }));
}

function readText(path: string, name: string): string {
  const { size } = statSync(path);
  if (size > inputMaxBytes) throw new CliError(`${name} is larger than ${inputMaxBytes} bytes`);
  return readFileSync(path, "utf8");
}

function* filesIn(name: string, path: string, recursive: boolean): Iterable<[string, string]> {
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const below = join(path, entry.name);
    const shown = join(name, entry.name);
    if (entry.isDirectory()) {
      if (recursive) yield* filesIn(shown, below, recursive);
    } else if (extensions.some((extension) => entry.name.endsWith(extension))) yield [shown, below];
  }
}

async function download(url: string): Promise<string> {
  const response = await fetch(url).catch((error: unknown) => {
    throw new CliError(`unable to read URL ${JSON.stringify(url)}: ${error instanceof Error ? error.message : error}`);
  });
  if (!response.ok) {
    throw new CliError(
      `unable to read URL ${JSON.stringify(url)}, server reported ${response.status} ${response.statusText}, status code=${response.status}`,
    );
  }
  return readAll(response.body as AsyncIterable<Uint8Array>, inputMaxBytes);
}

async function documentsOf(text: string, source: string): Promise<readonly unknown[]> {
  const { parseYaml } = await import("../../apimachinery/codec/yaml.js");
  try {
    return parseYaml(text).filter((document) => document !== null && document !== undefined);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const asJson = /^\s*\{/.test(text) ? await jsonProblem(text) : undefined;
    if (asJson !== undefined) throw new CliError(`error parsing ${source}: ${asJson}`);
    const prefix = why.startsWith("error converting") ? "" : "error converting YAML to JSON: ";
    throw new CliError(`error parsing ${source}: ${prefix}${why}`);
  }
}

/** What is begun like JSON and is not YAML either is told of as JSON. */
async function jsonProblem(text: string): Promise<string | undefined> {
  const { parseJson } = await import("../../apimachinery/codec/json.js");
  try {
    parseJson(text);
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return /unexpected end of JSON input/.test(why) ? "unexpected EOF" : `json: ${why}`;
  }
}

function validate(document: unknown, source: string): void {
  const why = missingOf(document);
  if (why === undefined) return;
  throw new CliError(
    `error validating ${JSON.stringify(source)}: error validating data: ${why}; if you choose to ignore these errors, turn validation off with --validate=false`,
  );
}

function openList(document: unknown, source: string): readonly Manifest[] {
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw new CliError(`unable to decode ${JSON.stringify(source)}: a document is not an object`);
  }
  const { apiVersion, kind, metadata, items } = document as Record<string, unknown>;
  const missing = !kind ? "Kind" : !apiVersion ? "apiVersion" : undefined;
  if (missing || typeof kind !== "string" || typeof apiVersion !== "string") {
    throw new CliError(
      `unable to decode ${JSON.stringify(source)}: Object '${missing ?? "Kind"}' is missing in '${JSON.stringify(document).slice(0, 200)}'`,
    );
  }
  if (kind.endsWith("List") && Array.isArray(items)) return items.flatMap((item) => openList(item, source));
  if (metadata !== undefined && metadata !== null && (typeof metadata !== "object" || Array.isArray(metadata))) {
    throw new CliError(`unable to decode ${JSON.stringify(source)}: metadata is not a map`);
  }
  return [{ object: { ...document, apiVersion, kind, metadata: metadata ?? {} } as AnyObject, source }];
}
