import type { AnyObject, Api } from "../../api.js";
import type { Resource } from "../../discovery/discovery.js";
import { CliError, isStatus } from "../../errors.js";
import { lastAppliedAnnotation } from "../../last-applied.js";
import type { DryRun, ReportResult } from "../../printers/result.js";
import type { Info } from "../../resources/select.js";
import type { Session } from "../../session.js";

/** Kinds that are looked through unless others are named, `group/version/Kind`. */
const usual = [
  "core/v1/ConfigMap",
  "core/v1/Endpoints",
  "core/v1/Namespace",
  "core/v1/PersistentVolumeClaim",
  "core/v1/PersistentVolume",
  "core/v1/Pod",
  "core/v1/ReplicationController",
  "core/v1/Secret",
  "core/v1/Service",
  "batch/v1/Job",
  "batch/v1/CronJob",
  "networking.k8s.io/v1/Ingress",
  "apps/v1/DaemonSet",
  "apps/v1/Deployment",
  "apps/v1/ReplicaSet",
  "apps/v1/StatefulSet",
];

export interface PruneOptions {
  readonly selector: string | undefined;
  readonly all: boolean;
  readonly allowed: readonly string[];
  readonly dryRun: DryRun;
  readonly report: ReportResult;
  readonly body: Readonly<Record<string, unknown>>;
}

export function checkPrune(options: Pick<PruneOptions, "selector" | "all">): void {
  if (options.all && options.selector) throw new CliError("cannot set --all and --selector at the same time");
  if (!options.all && !options.selector) {
    throw new CliError(
      "all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector",
    );
  }
}

/**
 * Deletes what an earlier apply made (it carries its record), what the selector takes, and what the files no longer name.
 * Namespaced kinds are looked for in the namespaces of the files; others only where no namespace was named.
 */
export async function prune(
  session: Session,
  applied: readonly AnyObject[],
  infos: readonly Info[],
  options: PruneOptions,
): Promise<void> {
  const kept = new Set(applied.map(({ metadata }) => metadata.uid));
  const namespaces = new Set(infos.flatMap(({ namespace }) => (namespace === undefined ? [] : [namespace])));
  const api = await session.api();
  for (const resource of await kindsOf(session, options.allowed)) {
    const places = resource.scope === "Namespaced" ? [...namespaces] : session.namespaceEnforced ? [] : [undefined];
    for (const place of places) await pruneIn(api, resource, place, kept, options);
  }
}

async function kindsOf(session: Session, allowed: readonly string[]): Promise<readonly Resource[]> {
  const resources = await (await session.discovery()).resources();
  return (allowed.length > 0 ? allowed : usual).flatMap((written) => {
    const [group = "", version = "", kind = "", ...more] = written.split("/");
    if (kind === "" || more.length > 0)
      throw new CliError(`invalid GroupVersionKind format: ${written}, please follow <group/version/kind>`);
    const found = resources.find(
      (one) => one.group === (group === "core" ? "" : group) && one.version === version && one.kind === kind,
    );
    return found ? [found] : [];
  });
}

async function pruneIn(
  api: Api,
  resource: Resource,
  namespace: string | undefined,
  kept: ReadonlySet<string | undefined>,
  { selector, dryRun, report, body }: PruneOptions,
): Promise<void> {
  const { items } = await api.list(resource, namespace, { labelSelector: selector });
  for (const object of items) {
    const { uid, name = "", annotations = {}, deletionTimestamp } = object.metadata;
    if (annotations[lastAppliedAnnotation] === undefined || kept.has(uid) || deletionTimestamp) continue;
    try {
      if (dryRun !== "client") {
        await api.delete(resource, name, object.metadata.namespace, {
          ...body,
          preconditions: { uid },
          ...(dryRun === "server" ? { dryRun: ["All"] } : {}),
        });
      }
    } catch (error) {
      if (!isStatus(error, "NotFound")) throw error;
    }
    report(resource, object, "pruned");
  }
}
