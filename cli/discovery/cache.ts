import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Resource } from "./discovery.js";

const cacheLifeMs = 10 * 60 * 1000;
const formatVersion = 1;

/** The file for one server; another server behind the same address has another certificate authority. */
export function cacheFile(
  env: Readonly<Record<string, string | undefined>>,
  folder: string | undefined,
  server: string,
  ca = "",
): string | undefined {
  const base =
    folder ??
    (env.XDG_CACHE_HOME ? join(env.XDG_CACHE_HOME, "navctl") : env.HOME && join(env.HOME, ".cache", "navctl"));
  if (!base) return undefined;
  const key = createHash("sha256").update(`${server}\n${ca}`).digest("hex").slice(0, 32);
  return join(base, `discovery-${key}.json`);
}

/** What was kept, unless it is too old or not ours; a file that cannot be read counts as absent. */
export function readCache(file: string, nowMs: number): readonly Resource[] | undefined {
  try {
    const kept = JSON.parse(readFileSync(file, "utf8")) as {
      readonly format: number;
      readonly savedMs: number;
      readonly resources: readonly Resource[];
    };
    const ageMs = nowMs - kept.savedMs;
    return kept.format === formatVersion && ageMs >= 0 && ageMs < cacheLifeMs ? kept.resources : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the answer for the next call; failing to is no failure of the command. */
export function writeCache(file: string, resources: readonly Resource[], nowMs: number): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, JSON.stringify({ format: formatVersion, savedMs: nowMs, resources }), { mode: 0o600 });
    renameSync(draft, file);
  } catch {
    // a read-only home, a full disk: the next call asks the server again
  }
}
