import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/log.js";
import type { Metrics } from "../../base/metrics.js";
import type { Random } from "../../base/random.js";
import type { ApiRequest, RequestInfo, User } from "../request.js";
import { connectionOf, isLongRunning } from "./request-info.js";

export interface ObserverOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Whether the server has such a resource and subresource now. */
  readonly serves: (resource: Resource) => boolean;
}
type Resource = NonNullable<RequestInfo["resource"]>;

/** One request as it is seen from outside: its id, and what is counted and logged of it when it is over. */
export interface Visit {
  readonly id: string;
  /** Learnt on the way. */
  info: RequestInfo | undefined;
  /** Who it was proved to come from. */
  caller: User | undefined;
  /** As whom the caller acts: itself unless it impersonates. */
  user: User | undefined;
  /** The user has the rights that it takes. */
  isAllowed: boolean;
  /** It may be answered now, however long that takes. */
  admitted(): void;
  end(status: number): void;
}
export type Observe = (request: ApiRequest) => Visit;

/** Counts each request and logs it once: who, what, answer and time; no query, header or body, which may hold secrets. */
export function createObserver({ clock, random, log, metrics, serves }: ObserverOptions): Observe {
  const total = metrics.counter("apiserver_request_total", "Requests by what they asked and what they were answered.", [
    ...requestLabels,
    "dry_run",
    "code",
  ]);
  const longRunning = metrics.gauge(
    "apiserver_longrunning_requests",
    "Watches and other long answers under way.",
    requestLabels,
  );
  const seconds = metrics.histogram(
    "apiserver_request_duration_seconds",
    "Time from a request's arrival to the end of its answer; watches and other long answers are left out.",
    [...requestLabels, "dry_run"],
    durationBuckets,
  );
  return (request) => {
    const startMs = clock.monotonic();
    const id = requestIdOf(request.headers["audit-id"]) ?? random.uuid();
    let open: readonly string[] | undefined;
    const labels = (): readonly string[] => {
      const { info, isAllowed } = visit;
      return labelsOf(request, info, isAllowed && info?.resource && serves(info.resource) ? info.resource : undefined);
    };
    const visit: Visit = {
      id,
      info: undefined,
      caller: undefined,
      user: undefined,
      isAllowed: false,
      admitted() {
        if (visit.info === undefined || !isLongRunning(visit.info)) return;
        open = labels();
        longRunning.add(1, ...open);
      },
      end(status) {
        if (open) longRunning.add(-1, ...open);

        const { info, caller, user } = visit;
        const tookMs = clock.monotonic() - startMs;
        const values = labels();
        const dryRun = request.query.has("dryRun") ? "All" : "";
        total.add(1, ...values, dryRun, String(status));
        if (info === undefined || !isLongRunning(info)) seconds.observe(tookMs / 1000, ...values, dryRun);
        log.debug("request", {
          requestId: id,
          method: request.method.slice(0, 16),
          path: request.path.slice(0, loggedPathMaxCharacters),
          verb: info?.verb,
          user: caller?.name.slice(0, loggedNameMaxCharacters),
          ...(user === caller ? {} : { impersonated: user?.name.slice(0, loggedNameMaxCharacters) }),
          from: request.remoteAddress,
          status,
          ms: Math.round(tookMs * 10) / 10,
        });
      },
    };
    return visit;
  };
}

const requestLabels = ["verb", "group", "version", "resource", "subresource", "scope", "component"];
const component = "apiserver";
const durationBuckets = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
];
const loggedPathMaxCharacters = 512;
const loggedNameMaxCharacters = 256;
const knownVerbs: ReadonlySet<string> = new Set([
  "get",
  "list",
  "watch",
  "create",
  "update",
  "patch",
  "delete",
  "deletecollection",
]);

/** A caller may name its request; only what is safe to log and send back. */
const requestIdOf = (given: string | undefined): string | undefined =>
  given !== undefined && /^[A-Za-z0-9-]{1,64}$/.test(given) ? given : undefined;

/**
 * What the server does not know by itself is not counted under the caller's own words, nor is what somebody without rights
 * asks for: there are more ways to combine even known words than series are kept.
 */
function labelsOf(
  request: ApiRequest,
  info: RequestInfo | undefined,
  resource: Resource | undefined,
): readonly string[] {
  const verb =
    info && knownVerbs.has(info.verb) ? info.verb.toUpperCase() : request.method === "POST" ? "POST" : "OTHER";
  if (!resource) return [verb, "", "", "", "", "", component];
  const { group, version, plural, subresource, name, namespace } = resource;
  const scope = name !== "" || info?.verb === "create" ? "resource" : namespace === "" ? "cluster" : "namespace";
  // What leads out of this server has no verb of its own.
  const shown = connectionOf(resource) ? "CONNECT" : verb;
  return [shown, group, version, plural, subresource, scope, component];
}
