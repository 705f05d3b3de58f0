import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import type { Clock } from "../../base/clock.js";
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
    const caller = certified(request) ?? (await this.#bearer(request));
    if (!caller) throw new HttpProblem(401, "Unauthorized");
    const { allowedClients } = this.#options;
    if (caller.certified && allowedClients.includes(caller.name)) return;
    const verb = verbOf(request.method ?? "", path);
    for (const subresource of subresourcesOf(path)) if (await this.#may(caller, verb, subresource)) return;
    const [subresource = ""] = subresourcesOf(path).slice(-1);
    throw new HttpProblem(
      403,
      `Forbidden (user=${caller.name}, verb=${verb}, resource=nodes, subresource(s)=[${subresource}])`,
    );
  }

  async #bearer({ headers }: IncomingMessage): Promise<(Caller & { readonly certified: false }) | undefined> {
    const token = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
    if (token === undefined || !this.#reviews) return undefined;
    const caller = await this.#reviews.bearer(token);
    return caller && { ...caller, certified: false };
  }

  async #may(caller: Caller, verb: string, subresource: string): Promise<boolean> {
    const { reviews } = this.#options;
    if (!reviews || !this.#reviews) return false;
    const node = { group: "", version: "v1", resource: "nodes", subresource, name: reviews.nodeName, verb };
    return this.#reviews.may(caller, { resourceAttributes: node });
  }
}

/** A certificate that the cluster's authority signed for clients names its holder. */
function certified({ socket }: IncomingMessage): (Caller & { readonly certified: true }) | undefined {
  const tls = socket as TLSSocket;
  if (!tls.authorized) return undefined;
  const { CN: name, O: groups = [] } = tls.getPeerCertificate().subject ?? {};
  if (typeof name !== "string" || name === "") return undefined;
  const all = [...(typeof groups === "string" ? [groups] : groups), "system:authenticated"];
  return { name, uid: "", groups: all, extra: {}, certified: true };
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
