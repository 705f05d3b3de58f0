import type { IncomingMessage } from "node:http";
import type { Clock } from "../../base/clock.js";
import { bearerToken, certifiedCaller } from "../../client/callers.js";
import type { Client } from "../../client/client.js";
import { type Caller, Reviews } from "../../client/reviews.js";
import { HttpProblem } from "./problem.js";

export interface AccessOptions {
  readonly clock: Clock;
  /** Common names of certificates that may do all: the API server's. */
  readonly allowedClients: readonly string[];
  /** How others are looked up. Absent: nobody else may do anything. */
  readonly reviews: { readonly client: Client; readonly nodeName: string } | undefined;
}

/**
 * Who may ask this node for what: known by a certificate of the cluster, or by a token that the API server confirms;
 * allowed by the rights to `nodes` that the API server confirms.
 */
export class Access {
  readonly #options: AccessOptions;
  readonly #reviews: Reviews | undefined;

  constructor(options: AccessOptions) {
    this.#options = options;
    this.#reviews = options.reviews && new Reviews(options.reviews.client, options.clock);
  }

  /** Throws HttpProblem 401, 403. */
  async check(request: IncomingMessage, path: readonly string[]): Promise<void> {
    if (path.length === 1 && path[0] === "healthz") return;
    const certified = certifiedCaller(request);
    const caller = certified ?? (await this.#bearer(request));
    if (!caller) throw new HttpProblem(401, "Unauthorized");
    if (certified && this.#options.allowedClients.includes(certified.name)) return;
    const verb = verbOf(request.method ?? "", path);
    for (const subresource of subresourcesOf(path)) if (await this.#may(caller, verb, subresource)) return;
    const [subresource = ""] = subresourcesOf(path).slice(-1);
    throw new HttpProblem(
      403,
      `Forbidden (user=${caller.name}, verb=${verb}, resource=nodes, subresource(s)=[${subresource}])`,
    );
  }

  async #bearer(request: IncomingMessage): Promise<Caller | undefined> {
    const token = bearerToken(request);
    return token === undefined ? undefined : this.#reviews?.bearer(token);
  }

  async #may(caller: Caller, verb: string, subresource: string): Promise<boolean> {
    const { reviews } = this.#options;
    if (!reviews || !this.#reviews) return false;
    const node = { group: "", version: "v1", resource: "nodes", subresource, name: reviews.nodeName, verb };
    return this.#reviews.may(caller, { resourceAttributes: node });
  }
}

/** Reaching into containers is never merely a read, whatever the method of its request. */
const reaching: ReadonlySet<string> = new Set(["exec", "attach", "run", "portForward"]);
const verbs = new Map([
  ["POST", "create"],
  ["PUT", "update"],
  ["PATCH", "patch"],
  ["DELETE", "delete"],
]);

export const verbOf = (method: string, [service = ""]: readonly string[]): string =>
  reaching.has(service) ? "create" : (verbs.get(method) ?? "get");

/** Any of these subresources of nodes lets a path be asked for. https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/ */
export const subresourcesOf = ([service = ""]: readonly string[]): readonly string[] =>
  subresources.get(service) ?? ["proxy"];

const subresources: ReadonlyMap<string, readonly string[]> = new Map([
  ["stats", ["stats"]],
  ["metrics", ["metrics"]],
  ["logs", ["log"]],
  ["spec", ["spec"]],
  ["checkpoint", ["checkpoint"]],
  ["configz", ["configz", "proxy"]],
  ["healthz", ["healthz", "proxy"]],
  ["pods", ["pods", "proxy"]],
  ["runningpods", ["pods", "proxy"]],
]);
