import type { Api } from "../api.js";
import type { Resource } from "./discovery.js";

const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

interface AggregatedList {
  readonly kind: string;
  readonly items: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly {
      readonly version: string;
      readonly resources?: readonly AggregatedResource[];
    }[];
  }[];
}
interface AggregatedResource {
  readonly resource: string;
  readonly responseKind?: { readonly kind?: string };
  readonly scope: "Namespaced" | "Cluster";
  readonly singularResource?: string;
  readonly verbs?: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly { readonly subresource: string }[];
}
interface GroupList {
  readonly groups?: readonly {
    readonly name: string;
    readonly versions: readonly { readonly version: string; readonly groupVersion: string }[];
    readonly preferredVersion?: { readonly version: string };
  }[];
}
interface VersionList {
  readonly versions?: readonly string[];
}
interface PlainResourceList {
  readonly resources?: readonly {
    readonly name: string;
    readonly singularName?: string;
    readonly namespaced: boolean;
    readonly kind: string;
    readonly verbs?: readonly string[];
    readonly shortNames?: readonly string[];
    readonly categories?: readonly string[];
  }[];
}

/** All kinds of the server, in two requests where it serves aggregated discovery. */
export async function fetchResources(api: Api): Promise<readonly Resource[]> {
  const [core, groups] = await Promise.all(
    ["/api", "/apis"].map((path) => api.json<{ readonly kind: string }>({ path, accept: aggregated })),
  );
  const coreResources = isAggregated(core) ? fromAggregated(core) : await plainCore(api, core as VersionList);
  const groupResources = isAggregated(groups) ? fromAggregated(groups) : await plainGroups(api, groups as GroupList);
  return [...coreResources, ...groupResources];
}

const isAggregated = (answer: { readonly kind: string } | undefined): answer is AggregatedList =>
  answer?.kind === "APIGroupDiscoveryList";

const fromAggregated = ({ items }: AggregatedList): Resource[] =>
  items.flatMap(({ metadata, versions = [] }) =>
    versions.flatMap(({ version, resources = [] }) =>
      resources.map(
        (one): Resource => ({
          group: metadata?.name ?? "",
          version,
          plural: one.resource,
          kind: one.responseKind?.kind ?? "",
          scope: one.scope,
          singular: one.singularResource ?? "",
          shortNames: one.shortNames ?? [],
          categories: one.categories ?? [],
          verbs: one.verbs ?? [],
          subresources: (one.subresources ?? []).map(({ subresource }) => subresource),
        }),
      ),
    ),
  );

const plainCore = async (api: Api, { versions = [] }: VersionList): Promise<Resource[]> =>
  (await Promise.all(versions.map((version) => plainVersion(api, "", version, `/api/${version}`)))).flat();

async function plainGroups(api: Api, { groups = [] }: GroupList): Promise<Resource[]> {
  const lists = groups.flatMap(({ name, versions, preferredVersion }) =>
    versions
      .toSorted(
        (a, b) => Number(b.version === preferredVersion?.version) - Number(a.version === preferredVersion?.version),
      )
      .map(({ version, groupVersion }) => plainVersion(api, name, version, `/apis/${groupVersion}`)),
  );
  return (await Promise.all(lists)).flat();
}

async function plainVersion(api: Api, group: string, version: string, path: string): Promise<Resource[]> {
  const { resources = [] } = await api.json<PlainResourceList>({ path });
  return resources
    .filter(({ name }) => !name.includes("/"))
    .map((one) => ({
      group,
      version,
      plural: one.name,
      kind: one.kind,
      scope: one.namespaced ? "Namespaced" : "Cluster",
      singular: one.singularName ?? "",
      shortNames: one.shortNames ?? [],
      categories: one.categories ?? [],
      verbs: one.verbs ?? [],
      subresources: resources
        .filter(({ name }) => name.startsWith(`${one.name}/`))
        .map(({ name }) => name.slice(one.name.length + 1)),
    }));
}
