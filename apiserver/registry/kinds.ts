import { apiVersionOf, groupResourceOf, type ResourceDefinition, storedOf } from "../../apimachinery/resource.js";

/** What is served now; kinds come and go. */
export class Kinds {
  #all: readonly ResourceDefinition[] = [];
  #byPath: ReadonlyMap<string, ResourceDefinition> = new Map();

  /** Definitions that are served in other versions too. */
  #converted: ReadonlySet<ResourceDefinition> = new Set();

  constructor(definitions: readonly ResourceDefinition[]) {
    this.#set(definitions);
  }

  /** In the order in which discovery lists them; another array whenever anything changed. */
  all(): readonly ResourceDefinition[] {
    return this.#all;
  }

  at(path: Pick<ResourceDefinition, "group" | "version" | "plural">): ResourceDefinition | undefined {
    return this.#byPath.get(pathOf(path));
  }

  /** The version of a resource's objects that is called this (`autoscaling/v1`), whatever version they are given in. */
  version(definition: ResourceDefinition, apiVersion: string): ResourceDefinition | undefined {
    if (apiVersionOf(definition) === apiVersion) return definition;
    const stored = storedOf(definition);
    return this.#all.find((one) => storedOf(one) === stored && apiVersionOf(one) === apiVersion);
  }

  hasVersions(definition: ResourceDefinition): boolean {
    return definition.conversion !== undefined || this.#converted.has(definition);
  }

  /** Throws where the path is taken. */
  add(definition: ResourceDefinition): void {
    if (this.at(definition)) throw new Error(`${groupResourceOf(definition)} is served already`);
    this.#set([...this.#all, definition]);
  }

  remove(definition: ResourceDefinition): void {
    this.#set(this.#all.filter((one) => one !== definition));
  }

  #set(definitions: readonly ResourceDefinition[]): void {
    this.#all = definitions;
    this.#byPath = new Map(definitions.map((definition) => [pathOf(definition), definition]));
    this.#converted = new Set(definitions.flatMap(({ conversion }) => (conversion ? [conversion.stored] : [])));
  }
}

const pathOf = ({ group, version, plural }: Pick<ResourceDefinition, "group" | "version" | "plural">): string =>
  `${group}/${version}/${plural}`;
