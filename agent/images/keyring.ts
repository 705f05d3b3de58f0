import type { Secret } from "../../api/core/secret.js";
import type { ImageAuth } from "../runtime/runtime.js";
import { defaultDomain, type ImageName, repositoryOf } from "./image-name.js";

/** What one pull may show to the registry, and the secret that it came from. */
export interface Credential {
  readonly auth: ImageAuth & { readonly username: string; readonly password: string };
  readonly from: { readonly uid: string; readonly namespace: string; readonly name: string };
}

interface Entry {
  readonly host: string;
  readonly port: string;
  /** With its leading slash; empty: all of the registry. */
  readonly path: string;
  readonly credential: Credential;
}

/** Names a secret whose contents cannot be used, and never what it holds. */
export class BadPullSecret extends Error {
  override readonly name = "BadPullSecret";
}

/**
 * The registries' credentials in these secrets of the types kubernetes.io/dockerconfigjson and kubernetes.io/dockercfg;
 * others are passed over. Throws BadPullSecret. https://kubernetes.io/docs/concepts/containers/images/#config-json
 */
export function keyringOf(secrets: readonly Secret[]): Keyring {
  return new Keyring(secrets.flatMap(entriesOf));
}

export class Keyring {
  readonly #entries: readonly Entry[];

  constructor(entries: readonly Entry[]) {
    // Of two keys that match, the one with more to it goes first.
    this.#entries = entries.toSorted((a, b) => compare(keyOf(b), keyOf(a)));
  }

  /** To be tried one after the other; none: ask without. */
  lookup(image: ImageName): readonly Credential[] {
    const repository = repositoryOf(image);
    const slash = repository.indexOf("/");
    const target = splitHost(repository.slice(0, slash));
    const path = repository.slice(slash);
    const matching = this.#entries.filter(
      (entry) => entry.port === target.port && path.startsWith(entry.path) && hostMatches(entry.host, target.host),
    );
    const found =
      matching.length === 0 && image.domain === defaultDomain
        ? this.#entries.filter(({ host, port, path: below }) => host === hubHost && port === "" && below === "")
        : matching;
    const seen = new Set<string>();
    return found
      .map(({ credential }) => credential)
      .filter(({ auth, from }) => {
        const key = JSON.stringify([auth.username, auth.password, from.uid]);
        return seen.has(key) ? false : seen.add(key);
      })
      .slice(0, triedMax);
  }
}

const hubHost = "index.docker.io";
/** A secret holds thousands of keys that match one image, and each costs the registry a request. */
const triedMax = 16;
const keyOf = ({ host, port, path }: Entry): string => `${host}${port === "" ? "" : `:${port}`}${path}`;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function entriesOf(secret: Secret): readonly Entry[] {
  const { type, data = {}, metadata } = secret;
  const key = dataKeys.get(type);
  const encoded = key === undefined ? undefined : data[key];
  if (key === undefined || encoded === undefined) return [];
  const bad = (what: string): BadPullSecret =>
    new BadPullSecret(`secret "${metadata.namespace ?? ""}/${metadata.name}": ${key}: ${what}`);
  const content = parseJson(Buffer.from(encoded, "base64").toString("utf8"));
  if (!isRecord(content)) throw bad("not a JSON object");
  const auths = type === "kubernetes.io/dockercfg" ? content : (content.auths ?? {});
  if (!isRecord(auths)) throw bad("auths is not a JSON object");
  const from = { uid: metadata.uid, namespace: metadata.namespace ?? "", name: metadata.name };
  return Object.entries(auths).flatMap(([registry, value]) => {
    const location = locationOf(registry);
    if (!location) return [];
    const login = loginOf(value);
    if (typeof login === "string") throw bad(login);
    return [{ ...location, credential: { auth: login, from } }];
  });
}

const dataKeys: ReadonlyMap<string, string> = new Map([
  ["kubernetes.io/dockerconfigjson", ".dockerconfigjson"],
  ["kubernetes.io/dockercfg", ".dockercfg"],
]);

/** The parser's own words quote what it could not read: they are not passed on. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Who logs in, or what is wrong with the entry. */
function loginOf(value: unknown): Credential["auth"] | string {
  if (!isRecord(value)) return "an entry is not a JSON object";
  const text = (name: string): string => {
    const field = value[name];
    return typeof field === "string" ? field : "";
  };
  const auth = text("auth");
  if (auth === "") return { username: text("username"), password: text("password") };
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(auth.trim())) return "auth of an entry is not base64";
  const decoded = Buffer.from(auth, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon < 0) return "unable to parse auth field, must be formatted as base64(username:password)";
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

/** `https://host:port/v1/path`, scheme and version of which say nothing; undefined: no place that one could pull from. */
function locationOf(registry: string): Omit<Entry, "credential"> | undefined {
  const bare = registry.replace(/^https?:\/\//, "");
  const slash = bare.indexOf("/");
  const authority = slash < 0 ? bare : bare.slice(0, slash);
  const rest = slash < 0 ? "" : bare.slice(slash).replace(/^\/v[12]\//, "/");
  const { host, port } = splitHost(authority);
  if (host === "" || /[\s?#@\\]/.test(authority)) return undefined;
  return { host, port, path: rest === "/" ? "" : rest };
}

function splitHost(authority: string): { readonly host: string; readonly port: string } {
  const [, host = "", port = ""] = /^(.*?)(?::(\d+))?$/.exec(authority) ?? [];
  return { host, port };
}

/** Label by label: `*` stands for any part of one label, never for a dot. */
function hostMatches(pattern: string, host: string): boolean {
  const patterns = pattern.split(".");
  const labels = host.split(".");
  return patterns.length === labels.length && patterns.every((part, index) => labelMatches(part, labels[index] ?? ""));
}

/** Without going back further than to the last star. */
function labelMatches(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let mark = 0;
  for (let index = 0; index < text.length; ) {
    if (pattern[at] === "*") {
      star = at++;
      mark = index;
    } else if (pattern[at] === text[index]) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++mark;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}
