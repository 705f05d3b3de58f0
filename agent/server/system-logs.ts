import { constants, type Dirent } from "node:fs";
import { type FileHandle, open, readdir, realpath } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { HttpProblem } from "./problem.js";

/**
 * The node's own logs: GET /logs/ lists a folder of them, GET /logs/PATH shows one. Whoever can write below that folder (a
 * pod that has it as a hostPath) may put links there: what leads out of it is not served.
 */
export async function serveSystemLogs(
  root: string,
  path: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (new URL(request.url ?? "/", "http://agent").search !== "")
    throw new HttpProblem(400, "logs are not queried here: ask for a file below /logs/, without parameters");
  const isFolder = path.at(-1) === "";
  const names = isFolder ? path.slice(0, -1) : path;
  if (names.some((name) => name === "" || name === "." || name === ".." || name.includes("\0"))) throw notFound();
  const file = await opened(join(root, ...names));
  try {
    const [real, top] = await Promise.all([realpath(whereIs(file)), realpath(root)]);
    if (real !== top && !real.startsWith(`${top}/`)) throw notFound();
    const stat = await file.stat();
    if (!stat.isDirectory() && !stat.isFile()) throw notFound();
    if (stat.isDirectory() !== isFolder) return redirect(response, isFolder ? `../${last(names)}` : `${last(names)}/`);
    if (isFolder) return listing(response, await readdir(whereIs(file), { withFileTypes: true }));
    response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
    if (request.method === "HEAD" || stat.size === 0) return void response.end();
    // As long as it is now: one that grows has an end.
    await pipeline(file.createReadStream({ start: 0, end: stat.size - 1, autoClose: false }), response).catch(() => {});
  } finally {
    await file.close();
  }
}

/** Entries of a folder that are shown. */
const entriesMax = 10_000;

function listing(response: ServerResponse, entries: readonly Dirent[]): void {
  const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
  const lines = names.slice(0, entriesMax).map((name) => {
    const link = encodeURIComponent(name).replace(/%2F$/, "/");
    return `<a href="${link}">${escaped(name)}</a>\n`;
  });
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
  response.end(`<pre>\n${lines.join("")}</pre>\n`);
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0) ?? 0};`);

/** By what was opened, not by a name that may lead elsewhere by now. */
const whereIs = (file: FileHandle): string => `/proc/self/fd/${file.fd}`;
const last = (names: readonly string[]): string => encodeURIComponent(names.at(-1) ?? "logs");

/** Pipes that nobody writes to hold up nobody. */
async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EACCES" || code === "EPERM") throw new HttpProblem(403, "the agent may not read it");
    throw notFound();
  }
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(301, { location });
  response.end();
}

const notFound = (): HttpProblem => new HttpProblem(404, "not found");
