import { ageOf } from "../../../apimachinery/duration.js";
import { collectionPath, objectPath } from "../../../client/rest.js";
import { type AnyObject, nameIn, type Query } from "../../api.js";
import type { Resource } from "../../discovery/discovery.js";
import { CliError, isStatus, listFailure } from "../../errors.js";
import type { Table } from "../../printers/table.js";
import { parseResourceArguments } from "../../resources/arguments.js";
import { manifestInfos, settle } from "../../resources/select.js";
import type { Session } from "../../session.js";

export const tableType = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

export interface GetQuery {
  readonly everywhere: boolean;
  readonly labelSelector: string | undefined;
  readonly fieldSelector: string | undefined;
  readonly pageSize: number;
  readonly subresource: string | undefined;
  /** Rows carry their whole object (for sorting), not its metadata alone. */
  readonly wholeObjects: boolean;
  readonly ignoreNotFound: boolean;
  /** The server makes the tables; else they are made here, of name and age. */
  readonly serverPrint: boolean;
}

/** One request: an object by name, or a collection. */
export interface GetTarget {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name?: string;
}
export interface GetPlan {
  readonly targets: readonly GetTarget[];
  /** One object was asked for by name: it is printed by itself, not in a list. */
  readonly single: boolean;
  readonly severalTypes: boolean;
  /** What of the arguments names nothing that can be asked for. */
  readonly failures: readonly unknown[];
}

/** What there is to ask for. */
export async function planOf(
  session: Session,
  args: readonly string[],
  files: readonly string[],
  recursive: boolean,
  query: GetQuery,
): Promise<GetPlan> {
  const targets: Targets =
    files.length > 0 ? await fileTargets(session, args, files, recursive) : await argumentTargets(session, args, query);
  return {
    targets: targets.list,
    single: targets.list.length === 1 && !targets.failures?.length && targets.list[0]?.name !== undefined,
    severalTypes: targets.severalTypes,
    failures: targets.failures ?? [],
  };
}

interface Targets {
  readonly list: readonly GetTarget[];
  readonly severalTypes: boolean;
  readonly failures?: readonly unknown[];
}

async function fileTargets(
  session: Session,
  args: readonly string[],
  files: readonly string[],
  recursive: boolean,
): Promise<Targets> {
  if (args.length > 0) {
    throw new CliError(
      "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well",
    );
  }
  const { infos, failures } = await manifestInfos(session, files, recursive);
  return {
    list: infos.map(({ resource, namespace, name }) => ({ resource, namespace, name })),
    severalTypes: new Set(infos.map(({ resource }) => resource)).size > 1,
    failures,
  };
}

async function argumentTargets(session: Session, args: readonly string[], query: GetQuery): Promise<Targets> {
  const chosen = await parseResourceArguments(args, await session.discovery());
  const namespace = query.everywhere ? undefined : await session.namespace();
  const place = (resource: Resource): string | undefined => (resource.scope === "Namespaced" ? namespace : undefined);
  if (chosen.type === "kinds") {
    if (query.subresource) throw new CliError("subresource cannot be used when bulk resources are specified");
    const list = chosen.resources.map((resource) => ({ resource, namespace: place(resource) }));
    return { list, severalTypes: chosen.severalTypes };
  }
  if (query.everywhere) throw new CliError("a resource cannot be retrieved by name across all namespaces");
  if (query.labelSelector) throw new CliError("name cannot be provided when a selector is specified");
  return {
    list: chosen.items.map(({ resource, name }) => ({ resource, namespace: place(resource), name })),
    severalTypes: new Set(chosen.items.map(({ resource }) => resource)).size > 1,
  };
}

/** A table for each target, pages joined; what failed beside it, so that the rest is shown. */
export async function fetchTables(
  session: Session,
  plan: GetPlan,
  query: GetQuery,
): Promise<{ tables: readonly { readonly target: GetTarget; readonly table: Table }[]; failures: readonly unknown[] }> {
  const failures: unknown[] = [...plan.failures];
  const tables: { target: GetTarget; table: Table }[] = [];
  const asked = await Promise.allSettled(plan.targets.map((target) => fetchTable(session, target, query)));
  asked.forEach((outcome, index) => {
    const target = plan.targets[index];
    if (!target) return;
    if (outcome.status === "fulfilled") tables.push({ target, table: outcome.value });
    else if (!(query.ignoreNotFound && isStatus(outcome.reason, "NotFound")))
      failures.push(failureOf(outcome.reason, target, query));
  });
  return { tables, failures };
}

const failureOf = (error: unknown, { resource, name }: GetTarget, query: GetQuery): unknown =>
  name === undefined ? listFailure(error, resource, query) : error;

export async function fetchTable(session: Session, target: GetTarget, query: GetQuery): Promise<Table> {
  const api = await session.api();
  const path = pathOf(target, query);
  const named = async (error: unknown): Promise<never> => {
    throw target.name === undefined ? error : await api.betterTold(error, target.namespace);
  };
  let next: string | undefined;
  let whole: Table | undefined;
  do {
    const answer: Table | AnyObject = await api
      .json<Table | AnyObject>({
        path,
        ...(query.serverPrint ? { accept: tableType } : {}),
        query: {
          ...queryOf(target, query),
          continue: next,
          includeObject: query.serverPrint && query.wholeObjects ? "Object" : undefined,
        },
      })
      .catch(named);
    const page = answer.kind === "Table" ? (answer as Table) : plainTable(answer as AnyObject, session.clock.now());
    whole = whole ? { ...whole, rows: [...whole.rows, ...page.rows] } : page;
    next = page.metadata?.continue || undefined;
  } while (next !== undefined);
  return whole;
}

export const pathOf = (
  { resource, namespace, name }: GetTarget,
  { subresource }: Pick<GetQuery, "subresource">,
): string =>
  name === undefined
    ? collectionPath(resource, namespace)
    : objectPath(resource, nameIn(resource, name, namespace), subresource);

export const queryOf = ({ name }: GetTarget, query: GetQuery): Query =>
  name === undefined
    ? { labelSelector: query.labelSelector, fieldSelector: query.fieldSelector, limit: query.pageSize || undefined }
    : {};

/** For a server that makes no tables of a kind: name and age. */
function plainTable(answer: AnyObject, nowMs: number): Table {
  const items = Array.isArray(answer.items) ? (answer.items as readonly AnyObject[]) : [answer];
  return {
    kind: "Table",
    metadata: answer.metadata as { readonly resourceVersion?: string; readonly continue?: string },
    columnDefinitions: [
      { name: "Name", type: "string", format: "name" },
      { name: "Age", type: "string" },
    ],
    rows: items.map((object) => ({
      cells: [object.metadata.name, ageOf(object.metadata.creationTimestamp, nowMs)],
      object,
    })),
  };
}

export async function fetchObjects(
  session: Session,
  plan: GetPlan,
  query: GetQuery,
): Promise<{ objects: readonly AnyObject[]; failures: readonly unknown[] }> {
  const api = await session.api();
  const failures: unknown[] = [...plan.failures];
  const objects = await settle(plan.targets, async (target): Promise<readonly AnyObject[] | undefined> => {
    try {
      if (target.name !== undefined) {
        const told = (error: unknown): Promise<unknown> => api.betterTold(error, target.namespace);
        return [
          await api
            .json<AnyObject>({ path: pathOf(target, query) })
            .catch(async (error) => Promise.reject(await told(error))),
        ];
      }
      const { labelSelector, fieldSelector, pageSize } = query;
      return (
        await api.list(target.resource, target.namespace, {
          labelSelector,
          fieldSelector,
          limit: pageSize || undefined,
        })
      ).items;
    } catch (error) {
      if (!(query.ignoreNotFound && isStatus(error, "NotFound"))) failures.push(failureOf(error, target, query));
      return undefined;
    }
  });
  return { objects: objects.flat(), failures };
}
