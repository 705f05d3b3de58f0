import type { ResourceRef } from "../../apimachinery/resource.js";
import type { Clock } from "../../base/clock.js";
import type { Api } from "../api.js";
import { closeMisspelling, suggestionsFor } from "../did-you-mean.js";
import { CliError } from "../errors.js";
import { readCache, writeCache } from "./cache.js";
import { fetchResources } from "./fetch.js";

/** What the server says of one kind in one version. */
export interface Resource extends ResourceRef {
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources: readonly string[];
}

/** The server's kinds, kept in a file for a while; what is not found there is asked for again. */
export class Discovery {
  readonly #api: Api;
  readonly #file: string | undefined;
  readonly #clock: Clock;
  #resources: Promise<readonly Resource[]> | undefined;
  #fresh = false;

  constructor(api: Api, file: string | undefined, clock: Clock) {
    this.#api = api;
    this.#file = file;
    this.#clock = clock;
  }

  /** Groups in the server's order (core first), each with its preferred version first. */
  resources(): Promise<readonly Resource[]> {
    this.#resources ??= this.#load();
    return this.#resources;
  }

  /** Asks the server, whatever is in the file. */
  refresh(): Promise<readonly Resource[]> {
    this.#fresh = true;
    this.#resources = this.#fetch();
    return this.#resources;
  }

  /** The kind that an argument means: `po`, `pod`, `pods`, `deployments.apps`, `deployments.v1.apps`. */
  async resolve(word: string): Promise<Resource> {
    const found = await this.#search((resources) => findByWord(resources, word));
    if (found) return found;
    throw unknownType(word, await this.resources());
  }

  /** Every kind of a category; undefined when there is no such category. */
  async category(word: string): Promise<readonly Resource[] | undefined> {
    const resources = preferred(await this.resources());
    const members = resources.filter(({ categories, verbs }) => categories.includes(word) && verbs.includes("list"));
    return members.length === 0 ? undefined : members;
  }

  /** The kind of an object in a file. */
  async ofObject({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): Promise<Resource> {
    const slash = apiVersion.indexOf("/");
    const group = slash < 0 ? "" : apiVersion.slice(0, slash);
    const version = apiVersion.slice(slash + 1);
    const found = await this.#search((resources) =>
      resources.find((one) => one.group === group && one.version === version && one.kind === kind),
    );
    if (found) return found;
    const kinds = (await this.resources()).map((one) => one.kind);
    const [near] = kinds.includes(kind) ? [] : suggestionsFor(kind, kinds, 1, closeMisspelling(kind));
    throw new CliError(
      `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}${near ? `\ndid you mean ${JSON.stringify(near)}?` : ""}`,
    );
  }

  async #search(find: (resources: readonly Resource[]) => Resource | undefined): Promise<Resource | undefined> {
    const found = find(await this.resources());
    return found || this.#fresh ? found : find(await this.refresh());
  }

  async #load(): Promise<readonly Resource[]> {
    const kept = this.#file === undefined ? undefined : readCache(this.#file, this.#clock.now());
    if (kept) return kept;
    this.#fresh = true;
    return this.#fetch();
  }

  async #fetch(): Promise<readonly Resource[]> {
    const resources = await fetchResources(this.#api);
    if (this.#file !== undefined) writeCache(this.#file, resources, this.#clock.now());
    return resources;
  }
}

/** One version a kind: the first that the server lists. */
export function preferred(resources: readonly Resource[]): Resource[] {
  const seen = new Set<string>();
  return resources.filter(({ group, plural }) => {
    const key = `${plural}.${group}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

export function findByWord(resources: readonly Resource[], word: string): Resource | undefined {
  const [name = "", ...rest] = word.split(".");
  const wanted = name.toLowerCase();
  const inGroup = (candidates: readonly Resource[]): Resource | undefined =>
    candidates.find((one) => one.plural === wanted || one.singular === wanted) ??
    candidates.find((one) => one.shortNames.includes(wanted)) ??
    candidates.find((one) => one.kind.toLowerCase() === wanted);
  if (rest.length === 0) return inGroup(resources);
  const versioned = resources.filter((one) => one.version === rest[0] && one.group === rest.slice(1).join("."));
  return inGroup(versioned) ?? inGroup(resources.filter((one) => one.group === rest.join(".")));
}

function unknownType(word: string, resources: readonly Resource[]): CliError {
  // Short names are too near to each other to be guessed.
  const names = [...resources.map(({ plural }) => plural), ...resources.map(({ singular }) => singular)];
  const [near] = suggestionsFor(word, names, 1, closeMisspelling(word));
  const hint = near ? `\ndid you mean ${JSON.stringify(near)}?` : "";
  const [type = ""] = word.split(".");
  return new CliError(`the server doesn't have a resource type ${JSON.stringify(type)}${hint}`);
}
