import type { AnyObject } from "../api.js";
import type { Resource } from "../discovery/discovery.js";
import { AggregateFailure, CliError, listFailure } from "../errors.js";
import { bool, type FlagValues, list, text } from "../flags.js";
import type { Session } from "../session.js";
import { parseResourceArguments } from "./arguments.js";
import { readManifests } from "./files.js";

/** One object that a command is about. */
export interface Info {
  readonly resource: Resource;
  /** Undefined for cluster-scoped kinds. */
  readonly namespace: string | undefined;
  readonly name: string;
  /** The live object where it was listed or fetched. */
  readonly live?: AnyObject;
  /** The object as a file has it. */
  readonly wanted?: AnyObject;
  readonly source?: string;
}

export const fileFlags = {
  filename: list("File, folder or URL with objects; `-` reads standard input.", { short: "f" }),
  kustomize: text("Folder with a kustomization (not supported).", { short: "k", hidden: true }),
  recursive: bool("Go down into folders.", { short: "R" }),
};
export const selectorFlags = {
  selector: text("Label selector.", { short: "l" }),
  "field-selector": text("Field selector."),
};
export const allFlag = { all: bool("All objects of the named kinds in the namespace.") };
export const allNamespacesFlag = { "all-namespaces": bool("In all namespaces.", { short: "A" }) };

/** The objects that were found, and what kept others from being found. */
export interface Selection {
  readonly infos: readonly Info[];
  readonly failures: readonly unknown[];
}

export interface SelectOptions {
  readonly args: readonly string[];
  readonly flags: Partial<
    FlagValues<typeof fileFlags & typeof selectorFlags & typeof allFlag & typeof allNamespacesFlag>
  >;
  /** Fetch what is only named. */
  readonly fetch: boolean;
  /** A kind alone means all of its objects, without --all. */
  readonly kindMeansAll?: boolean;
  readonly ignoreNotFound?: boolean;
  /** Kind of arguments that are names alone (`cordon NODE`). */
  readonly defaultType?: string;
}

/** The objects that a command line means; throws where one of them cannot be had. */
export async function selectObjects(session: Session, options: SelectOptions): Promise<readonly Info[]> {
  const { infos, failures } = await select(session, options);
  throwAll(failures);
  return infos;
}

/** The objects that a command line means, by file, by name, by selector or all of a kind. */
export async function select(session: Session, options: SelectOptions): Promise<Selection> {
  const { args, flags } = options;
  refuseKustomize(flags.kustomize);
  if (flags.filename && flags.filename.length > 0) {
    if (args.length > 0) {
      throw new CliError(
        "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well",
      );
    }
    return fromFiles(session, flags.filename, flags.recursive ?? false, options);
  }
  if (args.length === 0) throw nothingNamed();
  const chosen = await parseResourceArguments(args, await session.discovery());
  const everywhere = flags["all-namespaces"] ?? false;
  if (chosen.type === "names") {
    if (flags.selector) throw new CliError("name cannot be provided when a selector is specified");
    if (flags.all) throw new CliError("setting 'all' parameter but found a non empty selector. ");
    if (everywhere) throw new CliError("a resource cannot be retrieved by name across all namespaces");
    const namespace = await session.namespace();
    const { results, failures } = await attempt(chosen.items, ({ resource, name }) =>
      named(session, resource, name, namespace, options),
    );
    return { infos: results, failures };
  }
  if (!flags.all && !flags.selector && !flags["field-selector"] && !options.kindMeansAll) {
    throw new CliError("resource(s) were provided, but no name was specified");
  }
  const { results, failures } = await attempt(chosen.resources, (resource) =>
    listed(session, resource, everywhere, flags),
  );
  return { infos: results.flat(), failures };
}

export const refuseKustomize = (folder: string | undefined): void => {
  if (folder !== undefined)
    throw new CliError(
      "-k is not supported by navctl: build the kustomization and pipe it in, as by 'kubectl kustomize FOLDER | navctl apply -f -'",
    );
};

export const nothingNamed = (): CliError =>
  new CliError(
    "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'",
  );

/** Runs all, then reports every failure together, those from before too; what worked stays done. */
export async function settle<T, R>(
  items: readonly T[],
  task: (item: T) => Promise<R | undefined>,
  before: readonly unknown[] = [],
): Promise<R[]> {
  const { results, failures } = await attempt(items, task);
  throwAll([...before, ...failures]);
  return results;
}

/** As `settle`, for what a command line selected. */
export const settleSelected = <R>(
  { infos, failures }: Selection,
  task: (item: Info) => Promise<R | undefined>,
): Promise<R[]> => settle(infos, task, failures);

export function throwAll(failures: readonly unknown[]): void {
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateFailure(failures);
}

/** Runs all; what failed beside what worked. */
export async function attempt<T, R>(
  items: readonly T[],
  task: (item: T) => Promise<R | undefined>,
): Promise<{ readonly results: R[]; readonly failures: readonly unknown[] }> {
  const failures: unknown[] = [];
  const results: R[] = [];
  for (const item of items) {
    try {
      const result = await task(item);
      if (result !== undefined) results.push(result);
    } catch (error) {
      failures.push(error);
    }
  }
  return { results, failures };
}

async function named(
  session: Session,
  resource: Resource,
  name: string,
  namespace: string,
  { fetch, ignoreNotFound }: SelectOptions,
): Promise<Info | undefined> {
  const place = resource.scope === "Namespaced" ? namespace : undefined;
  if (!fetch) return { resource, namespace: place, name };
  const api = await session.api();
  const live = ignoreNotFound ? await api.find(resource, name, place) : await api.getNamed(resource, name, place);
  return live && { resource, namespace: place, name, live };
}

async function listed(
  session: Session,
  resource: Resource,
  everywhere: boolean,
  flags: SelectOptions["flags"],
): Promise<readonly Info[]> {
  const namespace = resource.scope === "Namespaced" && !everywhere ? await session.namespace() : undefined;
  const selectors = { labelSelector: flags.selector, fieldSelector: flags["field-selector"] };
  const api = await session.api();
  const { items } = await api.list(resource, namespace, selectors).catch((error: unknown) => {
    throw listFailure(error, resource, selectors);
  });
  return items.map((live) => ({
    resource,
    namespace: resource.scope === "Namespaced" ? live.metadata.namespace : undefined,
    name: live.metadata.name ?? "",
    live,
  }));
}

async function fromFiles(
  session: Session,
  names: readonly string[],
  recursive: boolean,
  { fetch, ignoreNotFound, flags }: SelectOptions,
): Promise<Selection> {
  const read = await manifestInfos(session, names, recursive, flags.selector);
  if (!fetch) return read;
  const api = await session.api();
  const { results, failures } = await attempt(read.infos, async (info) => {
    const live = ignoreNotFound
      ? await api.find(info.resource, info.name, info.namespace)
      : await api.getNamed(info.resource, info.name, info.namespace);
    return live && { ...info, live };
  });
  return { infos: results, failures: [...read.failures, ...failures] };
}

/** What files hold, each object with its kind and the namespace that it goes to; what is wrong with one stops no other. */
export async function manifestInfos(
  session: Session,
  names: readonly string[],
  recursive: boolean,
  selector?: string,
  validated = false,
): Promise<Selection> {
  const matches = await selectorOf(selector);
  const { manifests, failures: unread } = await readManifests(session, names, recursive, validated);
  const discovery = await session.discovery();
  const wanted = manifests.filter(({ object }) => matches(object));
  const { results, failures } = await attempt(wanted, async ({ object, source }) => {
    const resource = await discovery.ofObject(object).catch((error: unknown) => {
      if (!(error instanceof CliError)) throw error;
      throw new CliError(
        `resource mapping not found for name: ${JSON.stringify(object.metadata.name ?? "")} namespace: ${JSON.stringify(object.metadata.namespace ?? "")} from ${JSON.stringify(source)}: ${error.message}\nensure CRDs are installed first`,
      );
    });
    return placed(session, resource, object, source);
  });
  return { infos: results, failures: [...unread, ...failures] };
}

async function placed(session: Session, resource: Resource, object: AnyObject, source: string): Promise<Info> {
  const name = object.metadata.name ?? "";
  if (resource.scope === "Cluster") return { resource, namespace: undefined, name, wanted: object, source };
  const namespace = await session.namespace();
  const written = object.metadata.namespace;
  if (written && session.namespaceEnforced && written !== namespace) {
    throw new CliError(
      `the namespace from the provided object ${JSON.stringify(written)} does not match the namespace ${JSON.stringify(namespace)}. You must pass '--namespace=${written}' to perform this operation.`,
    );
  }
  const place = written || namespace;
  const wanted = { ...object, metadata: { ...object.metadata, namespace: place } };
  return { resource, namespace: place, name, wanted, source };
}

async function selectorOf(selector: string | undefined): Promise<(object: AnyObject) => boolean> {
  if (!selector) return () => true;
  const { parseLabelSelector } = await import("../../apimachinery/selector/label.js");
  const matcher = parseLabelSelector(selector);
  return (object) => matcher.matches(object.metadata.labels);
}
