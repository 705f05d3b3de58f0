import type { Clock, Timer } from "../../base/clock.js";
import type { RequestContext } from "../request.js";
import { type PathEndpoint, textAnswer, unknownPath, withoutSlash } from "./paths.js";

/** One thing that must be well. Rejects when it is not; why is for the log alone. */
export interface HealthCheck {
  readonly name: string;
  readonly check: (signal: AbortSignal) => void | Promise<void>;
}

/** The checks behind each of the three paths. */
export interface HealthChecks {
  readonly livez: readonly HealthCheck[];
  readonly readyz: readonly HealthCheck[];
}

export type OnUnhealthy = (path: string, failed: readonly string[]) => void;

/**
 * /livez (restart me when it fails), /readyz (send me nothing when it fails) and /healthz (as /livez). `?verbose` shows
 * each check, `?exclude=NAME` leaves one out, and each check has a path of its own.
 */
export function healthEndpoints(checks: HealthChecks, clock: Clock, onUnhealthy: OnUnhealthy): readonly PathEndpoint[] {
  const outcomeOf = (check: HealthCheck, signal: AbortSignal): Promise<Outcome> => outcomeWithin(clock, check, signal);
  const endpoint = (path: string, list: readonly HealthCheck[]): PathEndpoint => ({
    path,
    below: true,
    handle: (context) => {
      const asked = withoutSlash(context.info.path);
      return asked === path ? all(path.slice(1), list, context) : one(asked.slice(path.length + 1), list, context);
    },
  });
  const all = async (name: string, list: readonly HealthCheck[], { request, signal }: RequestContext) => {
    const excluded = new Set(request.query.getAll("exclude"));
    const results = await Promise.all(
      list.map(async (check) => ({
        name: check.name,
        outcome: excluded.has(check.name) ? ("excluded" as const) : await outcomeOf(check, signal),
      })),
    );
    const failed = results.filter(({ outcome }) => outcome === "failed").map((result) => result.name);
    if (failed.length > 0) onUnhealthy(name, failed);
    const unknown = [...excluded].filter((wanted) => !list.some((check) => check.name === wanted));
    const lines = results.map((result) => lineOf[result.outcome](result.name));
    if (unknown.length > 0)
      lines.push(
        `warn: some health checks cannot be excluded: no matches for ${unknown.map((u) => JSON.stringify(u)).join(", ")}`,
      );
    if (failed.length > 0) return textAnswer(500, `${lines.join("\n")}\n${name} check failed\n`);
    return textAnswer(200, request.query.has("verbose") ? `${lines.join("\n")}\n${name} check passed\n` : "ok");
  };
  const one = async (name: string, list: readonly HealthCheck[], { signal }: RequestContext) => {
    const check = list.find((candidate) => candidate.name === name);
    if (!check) throw unknownPath();
    const outcome = await outcomeOf(check, signal);
    return outcome === "ok" ? textAnswer(200, "ok") : textAnswer(500, "internal server error: reason withheld\n");
  };
  return [endpoint("/healthz", checks.livez), endpoint("/livez", checks.livez), endpoint("/readyz", checks.readyz)];
}

/** A check that does not answer in this time has failed. */
const checkTimeoutMs = 5_000;

type Outcome = "ok" | "failed" | "excluded";
const lineOf: Readonly<Record<Outcome, (name: string) => string>> = {
  ok: (name) => `[+]${name} ok`,
  failed: (name) => `[-]${name} failed: reason withheld`,
  excluded: (name) => `[+]${name} excluded: ok`,
};

async function outcomeWithin(clock: Clock, { check }: HealthCheck, signal: AbortSignal): Promise<Outcome> {
  let timer: Timer | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = clock.after(checkTimeoutMs, () => reject(new Error("no answer in time")));
  });
  try {
    await Promise.race([check(signal), late]);
    return "ok";
  } catch {
    return "failed";
  } finally {
    timer?.cancel();
  }
}
