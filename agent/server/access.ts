import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import { tokenReviews } from "../../api/authentication/token-review.js";
import { subjectAccessReviews } from "../../api/authorization/subject-access-review.js";
import type { Clock } from "../../base/clock.js";
import type { Client } from "../../client/client.js";
import { HttpProblem } from "./problem.js";

export interface AccessOptions {
  readonly clock: Clock;
  /** Common names of certificates that may do all: the API server's. */
  readonly allowedClients: readonly string[];
  /** How others are looked up. Absent: nobody else may do anything. */
  readonly reviews: { readonly client: Client; readonly nodeName: string } | undefined;
}

interface Caller {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/**
 * Who may ask this node for what: known by a certificate of the cluster, or by a token that the API server confirms;
 * allowed by the rights to `nodes` that the API server confirms. Answers are kept a while, as Kubernetes keeps them.
 */
export class Access {
  readonly #options: AccessOptions;
  readonly #tokens: Kept<Caller | undefined>;
  readonly #rights: Kept<boolean>;

  constructor(options: AccessOptions) {
    this.#options = options;
    this.#tokens = new Kept(options.clock, (caller) => (caller ? tokenKeptMs : refusalKeptMs));
    this.#rights = new Kept(options.clock, (allowed) => (allowed ? rightKeptMs : refusalKeptMs));
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
    const { reviews } = this.#options;
    if (token === undefined || !reviews) return undefined;
    const key = createHash("sha256").update(token).digest("base64");
    const caller = await this.#tokens.get(key, async () => {
      const { status } = await reviews.client.create(tokenReviews, {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenReview",
        metadata: {},
        spec: { token },
      });
      const { username, uid = "", groups = [], extra = {} } = status?.user ?? {};
      return status?.authenticated && username ? { name: username, uid, groups, extra } : undefined;
    });
    return caller && { ...caller, certified: false };
  }

  async #may(caller: Caller, verb: string, subresource: string): Promise<boolean> {
    const { reviews } = this.#options;
    if (!reviews) return false;
    const { name: user, uid, groups, extra } = caller;
    const subject = { user, uid, groups: [...groups], extra: copied(extra) };
    return this.#rights.get(JSON.stringify([subject, verb, subresource]), async () => {
      const { status } = await reviews.client.create(subjectAccessReviews, {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SubjectAccessReview",
        metadata: {},
        spec: {
          ...subject,
          resourceAttributes: {
            group: "",
            version: "v1",
            resource: "nodes",
            subresource,
            name: reviews.nodeName,
            verb,
          },
        },
      });
      return status?.allowed ?? false;
    });
  }
}

const copied = (extra: Caller["extra"]): Record<string, string[]> =>
  Object.fromEntries(Object.entries(extra).map(([name, values]) => [name, [...values]]));

const tokenKeptMs = 2 * 60_000;
const rightKeptMs = 5 * 60_000;
const refusalKeptMs = 30_000;
const keptMaxCount = 1_000;

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

/** Answers by key for a while, the newest so many; who asks while an answer is on its way waits for it. */
class Kept<T> {
  readonly #clock: Clock;
  readonly #keepMs: (value: T) => number;
  readonly #entries = new Map<string, { readonly answer: Promise<T>; untilMs: number }>();

  constructor(clock: Clock, keepMs: (value: T) => number) {
    this.#clock = clock;
    this.#keepMs = keepMs;
  }

  async get(key: string, ask: () => Promise<T>): Promise<T> {
    const found = this.#entries.get(key);
    if (found && this.#clock.monotonic() < found.untilMs) return found.answer;
    const entry = { answer: ask(), untilMs: Number.POSITIVE_INFINITY };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const [oldest] of this.#entries) {
      if (this.#entries.size <= keptMaxCount) break;
      this.#entries.delete(oldest);
    }
    try {
      const value = await entry.answer;
      entry.untilMs = this.#clock.monotonic() + this.#keepMs(value);
      return value;
    } catch (error) {
      // What could not be asked is asked again, and refused meanwhile.
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
  }
}
