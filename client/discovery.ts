import type { ResourceRef } from "../apimachinery/resource.js";
import { StatusError } from "../apimachinery/status.js";
import type { Client } from "./client.js";
import { statusErrorOf } from "./https-transport.js";

/** A resource that the server says it serves, under the version that its group prefers. */
export interface DiscoveredResource extends ResourceRef {
  readonly verbs: readonly string[];
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
}

export interface Discovery {
  readonly resources: readonly DiscoveredResource[];
  /** Group versions that could not be asked, with why: what they hold is unknown, not absent. */
  readonly failed: readonly { readonly groupVersion: string; readonly error: string }[];
}

/** Asks what is served. Throws only where nothing at all could be learnt. */
export async function discover(client: Client, signal?: AbortSignal): Promise<Discovery> {
  const [core, groups] = await Promise.all([
    ask<Versions>(client, "/api", signal),
    ask<GroupList>(client, "/apis", signal),
  ]);
  const wanted = [
    ...(core.versions ?? []).slice(0, 1).map((version) => ({ group: "", version, path: `/api/${version}` })),
    ...(groups.groups ?? []).flatMap(versionsOf),
  ];
  const resources = new Map<string, DiscoveredResource>();
  const failed: { readonly groupVersion: string; readonly error: string }[] = [];
  const answers = await Promise.allSettled(wanted.map(({ path }) => ask<ResourceList>(client, path, signal)));
  for (const [at, answer] of answers.entries()) {
    const asked = wanted[at];
    if (!asked) continue;
    const groupVersion = asked.group === "" ? asked.version : `${asked.group}/${asked.version}`;
    if (answer.status === "rejected") {
      failed.push({ groupVersion, error: String(answer.reason?.message ?? answer.reason) });
      continue;
    }
    for (const resource of answer.value.resources ?? []) {
      if (resource.name.includes("/")) continue;
      // Versions come in the group's order of preference: the first that has the resource counts.
      const key = `${asked.group}/${resource.name}`;
      if (!resources.has(key)) resources.set(key, discovered(asked, resource));
    }
  }
  return { resources: [...resources.values()], failed };
}

/** Names a resource in maps: what a kind's several versions have in common. */
export const groupPlural = ({ group, plural }: Pick<ResourceRef, "group" | "plural">): string => `${group}/${plural}`;

interface Versions {
  readonly versions?: readonly string[];
}
interface GroupVersion {
  readonly groupVersion: string;
  readonly version: string;
}
interface Group {
  readonly name: string;
  readonly versions: readonly GroupVersion[];
  readonly preferredVersion?: GroupVersion;
}
interface GroupList {
  readonly groups?: readonly Group[];
}
interface ApiResource {
  readonly name: string;
  readonly singularName?: string;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}
interface ResourceList {
  readonly resources?: readonly ApiResource[];
}
interface Asked {
  readonly group: string;
  readonly version: string;
  readonly path: string;
}

function versionsOf({ name, versions, preferredVersion }: Group): readonly Asked[] {
  const preferred = versions.filter(({ version }) => version === preferredVersion?.version);
  const others = versions.filter(({ version }) => version !== preferredVersion?.version);
  return [...preferred, ...others].map(({ version }) => ({ group: name, version, path: `/apis/${name}/${version}` }));
}

const discovered = ({ group, version }: Asked, resource: ApiResource): DiscoveredResource => ({
  group,
  version,
  plural: resource.name,
  kind: resource.kind,
  scope: resource.namespaced ? "Namespaced" : "Cluster",
  verbs: resource.verbs,
  singular: resource.singularName || resource.kind.toLowerCase(),
  shortNames: resource.shortNames ?? [],
  categories: resource.categories ?? [],
});

async function ask<T>(client: Client, path: string, signal: AbortSignal | undefined): Promise<T> {
  const headers = { accept: "application/json" };
  const response = await client.raw({ method: "GET", path, headers, ...(signal ? { signal } : {}) });
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  if (response.status >= 400) throw statusErrorOf(response, text);
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new StatusError("InternalError", `${path} did not answer with JSON`);
  }
}
