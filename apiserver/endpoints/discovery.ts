import { createHash } from "node:crypto";
import { apiVersionOf, type ResourceDefinition, storedOf } from "../../apimachinery/resource.js";
import { subresourceKind } from "../registry/subresource-kinds.js";
import type { Answer, RequestContext } from "../request.js";
import { type PathEndpoint, textAnswer, unknownPath, withoutSlash } from "./paths.js";

/**
 * Tells clients which groups, versions and resources there are: at once (aggregated, by Accept) or document by document.
 * Everything follows from the definitions. https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
 */
export function discoveryEndpoints(
  definitions: () => readonly ResourceDefinition[],
  /** `host:port` under which clients reach this server. */
  serverAddress: () => string,
): readonly PathEndpoint[] {
  let known: { readonly of: readonly ResourceDefinition[]; readonly documents: Documents } | undefined;
  const documents = (): Documents => {
    const current = definitions();
    if (known?.of !== current) known = { of: current, documents: documentsOf(current) };
    return known.documents;
  };
  const endpoint = (path: string, plain: (documents: Documents) => unknown, named: boolean): PathEndpoint => ({
    path,
    below: true,
    handle(context) {
      const asked = withoutSlash(context.info.path);
      if (asked !== path) return below(documents(), asked);
      const version = aggregatedVersion(context.request.headers.accept ?? "");
      if (version === undefined) return value(plain(documents()));
      return aggregated(documents().aggregated(version, named), version, context);
    },
  });
  return [
    endpoint("/api", ({ coreVersions }) => coreVersions(serverAddress()), false),
    endpoint("/apis", ({ groupList }) => groupList, true),
  ];
}

const value = (document: unknown): Answer => ({
  type: "value",
  status: 200,
  value: document,
  headers: { vary: "Accept" },
});

function below({ byPath }: Documents, path: string): Answer {
  const document = byPath.get(path);
  if (!document) throw unknownPath();
  return value(document);
}

/** The newest form of the aggregated document that the client takes, in the order in which it names them. */
function aggregatedVersion(accept: string): string | undefined {
  for (const range of accept.split(",")) {
    const [type = "", ...given] = range.split(";").map((part) => part.trim());
    const parameters = new Map(
      given.map((part) => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)]),
    );
    const version = parameters.get("v");
    if (type !== "application/json" && type !== "application/*" && type !== "*/*") continue;
    if (parameters.get("as") !== "APIGroupDiscoveryList" || parameters.get("g") !== "apidiscovery.k8s.io") {
      if (given.length === 0 && type === "application/json") return undefined;
      continue;
    }
    if (version === "v2" || version === "v2beta1") return version;
  }
  return undefined;
}

function aggregated({ text, etag }: Encoded, version: string, { request }: RequestContext): Answer {
  const headers = { etag, vary: "Accept" };
  // What a 304 says of the content replaces what the client's cache knows of it.
  if (request.headers["if-none-match"] === etag) return { type: "stream", status: 304, headers, body: nothing() };
  const answer = textAnswer(200, text, `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`);
  return answer.type === "stream" ? { ...answer, headers: { ...answer.headers, ...headers } } : answer;
}

async function* nothing(): AsyncIterable<Uint8Array> {}

interface Encoded {
  readonly text: string;
  readonly etag: string;
}
interface Documents {
  readonly coreVersions: (serverAddress: string) => unknown;
  readonly groupList: unknown;
  /** `/api/v1`, `/apis/apps`, `/apis/apps/v1`. */
  readonly byPath: ReadonlyMap<string, unknown>;
  /** `named`: all groups but the core. */
  readonly aggregated: (version: string, named: boolean) => Encoded;
}

type Group = { readonly name: string; readonly versions: ReadonlyMap<string, readonly ResourceDefinition[]> };

function documentsOf(definitions: readonly ResourceDefinition[]): Documents {
  const groups = groupsOf(definitions);
  const named = groups.filter(({ name }) => name !== "");
  const byPath = new Map<string, unknown>();
  for (const { name, versions } of groups)
    for (const [version, resources] of versions)
      byPath.set(name === "" ? `/api/${version}` : `/apis/${name}/${version}`, resourceList(resources));
  for (const group of named)
    byPath.set(`/apis/${group.name}`, { kind: "APIGroup", apiVersion: "v1", ...groupEntry(group) });
  const encoded = new Map<string, Encoded>();
  return {
    coreVersions: (serverAddress) => ({
      kind: "APIVersions",
      versions: groups.filter(({ name }) => name === "").flatMap(({ versions }) => [...versions.keys()]),
      serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress }],
    }),
    groupList: { kind: "APIGroupList", apiVersion: "v1", groups: named.map(groupEntry) },
    byPath,
    aggregated(version, isNamed) {
      const key = `${version}/${isNamed}`;
      let document = encoded.get(key);
      if (!document) {
        document = encode(aggregatedDocument(version, isNamed ? named : groups.filter(({ name }) => name === "")));
        encoded.set(key, document);
      }
      return document;
    },
  };
}

function groupsOf(definitions: readonly ResourceDefinition[]): readonly Group[] {
  const groups = new Map<string, Map<string, ResourceDefinition[]>>();
  for (const definition of definitions) {
    const versions = groups.get(definition.group) ?? new Map<string, ResourceDefinition[]>();
    groups.set(definition.group, versions);
    versions.set(definition.version, [...(versions.get(definition.version) ?? []), definition]);
  }
  return [...groups].map(([name, versions]) => ({ name, versions }));
}

/** The first version in the list of kinds is the preferred one. */
function groupEntry({ name, versions }: Group): object {
  const entries = [...versions.keys()].map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

function resourceList(definitions: readonly ResourceDefinition[]): unknown {
  const [first] = definitions;
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: first ? apiVersionOf(first) : "",
    resources: definitions.flatMap((definition) => [resourceEntry(definition), ...subresourceEntries(definition)]),
  };
}

function resourceEntry(definition: ResourceDefinition): unknown {
  const { plural, singular, scope, kind, verbs, shortNames, categories, virtual } = definition;
  return {
    name: plural,
    singularName: singular,
    namespaced: scope === "Namespaced",
    kind,
    verbs: [...verbs].sort(),
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(virtual ? {} : { storageVersionHash: storageHash(storageOf(definition)) }),
  };
}

const storageOf = (definition: ResourceDefinition): string => {
  const { group, version, kind } = storedOf(definition);
  return `${group}/${version}/${kind}`;
};

/** Tells whether the form in which objects are stored may have changed. */
const storageHash = (text: string): string =>
  createHash("sha256").update(text).digest().subarray(0, 8).toString("base64");

const subresourceEntries = (definition: ResourceDefinition): readonly unknown[] =>
  subresourcesOf(definition).map(({ name, verbs, responseKind }) => {
    const { group, version, kind } = responseKind;
    const foreign = group !== definition.group || version !== definition.version;
    return {
      name: `${definition.plural}/${name}`,
      singularName: "",
      namespaced: definition.scope === "Namespaced",
      ...(foreign ? { group, version } : {}),
      kind,
      verbs,
    };
  });

function subresourcesOf(definition: ResourceDefinition) {
  const { subresources, plural, group, version, kind } = definition;
  const verbsByName = new Map<string, readonly string[]>(Object.entries(subresources.others ?? {}));
  if (subresources.status) verbsByName.set("status", ["get", "patch", "update"]);
  if (subresources.scale) verbsByName.set("scale", ["get", "patch", "update"]);
  return [...verbsByName.entries()]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, verbs]) => ({
      name,
      verbs: [...verbs].sort(),
      responseKind: subresourceKind(plural, name) ?? { group, version, kind },
    }));
}

function aggregatedDocument(documentVersion: string, groups: readonly Group[]): unknown {
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: `apidiscovery.k8s.io/${documentVersion}`,
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: name === "" ? {} : { name },
      versions: [...versions].map(([version, definitions]) => ({
        version,
        freshness: "Current",
        resources: definitions.map(aggregatedResource),
      })),
    })),
  };
}

function aggregatedResource(definition: ResourceDefinition): unknown {
  const { group, version, kind, plural, singular, scope, verbs, shortNames, categories } = definition;
  const subresources = subresourcesOf(definition).map(({ name, verbs: allowed, responseKind }) => ({
    subresource: name,
    responseKind,
    verbs: allowed,
  }));
  return {
    resource: plural,
    responseKind: { group, version, kind },
    scope: scope === "Namespaced" ? "Namespaced" : "Cluster",
    singularResource: singular,
    verbs: [...verbs].sort(),
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  };
}

function encode(document: unknown): Encoded {
  const text = JSON.stringify(document);
  return { text, etag: `"${createHash("sha512").update(text).digest("hex").toUpperCase()}"` };
}
