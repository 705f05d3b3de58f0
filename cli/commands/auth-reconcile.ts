import { apiVersionOf } from "../../apimachinery/resource.js";
import type { AnyObject, Api } from "../api.js";
import { type Call, defineCommand } from "../command.js";
import { dryRunFlag, dryRunOf, writeQuery } from "../dry-run.js";
import { CliError } from "../errors.js";
import { bool } from "../flags.js";
import { goJson } from "../printers/jsonpath.js";
import { outputFlag, resultPrinter } from "../printers/result.js";
import { fileFlags, type Info, manifestInfos, settle } from "../resources/select.js";

const flags = {
  filename: fileFlags.filename,
  recursive: fileFlags.recursive,
  ...dryRunFlag,
  ...outputFlag,
  "remove-extra-permissions": bool("Take away rules that the file does not have."),
  "remove-extra-subjects": bool("Take away subjects that the file does not have."),
};

interface Rule {
  readonly verbs?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}
interface Subject {
  readonly kind: string;
  readonly apiGroup?: string;
  readonly name: string;
  readonly namespace?: string;
}
/** What has to be done to an object, and what is told of it. */
interface Plan {
  readonly operation: "none" | "create" | "update" | "recreate";
  readonly object: AnyObject;
  readonly notes: readonly string[];
}

const rbac = "rbac.authorization.k8s.io";

/** Roles and bindings get what the files have and they have not; nothing is taken away unless asked for. */
export const reconcile = defineCommand({
  name: "reconcile",
  usage: "-f FILENAME",
  summary: "Bring roles and bindings to grant at least what files say.",
  examples: ["navctl auth reconcile -f roles.yaml"],
  flags,
  async run({ session, flags: given }: Call<typeof flags>) {
    if (given.filename.length === 0) throw new CliError("must specify one of -f and -k");
    const dryRun = dryRunOf(session, given["dry-run"]);
    if (dryRun === "server") throw new CliError("--dry-run=server is not supported by navctl auth reconcile");
    const report = await resultPrinter(session, given.output, dryRun);
    const { infos, failures } = await manifestInfos(session, given.filename, given.recursive);
    const api = await session.api();
    await settle(
      infos,
      async (info) => {
        if (info.resource.group !== rbac) return;
        if (info.resource.version !== "v1")
          throw new CliError(`only rbac.authorization.k8s.io/v1 is supported: not ${apiVersionOf(info.resource)}`);
        const live = await api.find(info.resource, info.name, info.namespace);
        const plan = planFor(info, live, given["remove-extra-permissions"], given["remove-extra-subjects"]);
        const query = writeQuery(dryRun, "kubectl-auth");
        if (dryRun === "none") await carryOut(api, info, plan, query);
        report(info.resource, plan.object, "reconciled");
        if (given.output === undefined) for (const note of plan.notes) session.note(note);
      },
      failures,
    );
    return 0;
  },
});

async function carryOut(
  api: Api,
  info: Info,
  plan: Plan,
  query: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const { resource, namespace, name } = info;
  switch (plan.operation) {
    case "none":
      return;
    case "create":
      await api.create(resource, plan.object, namespace, query);
      return;
    case "update":
      await api.replace(resource, plan.object, namespace, query);
      return;
    case "recreate":
      await api.delete(resource, name, namespace, { propagationPolicy: "Background" });
      await api.create(resource, plan.object, namespace, query);
  }
}

const isBinding = ({ resource }: Info): boolean => resource.kind.endsWith("Binding");

export function planFor(info: Info, live: AnyObject | undefined, removeRules: boolean, removeSubjects: boolean): Plan {
  const { wanted } = info;
  if (!wanted) throw new CliError("there is nothing to reconcile");
  return isBinding(info) ? planBinding(wanted, live, removeSubjects) : planRole(wanted, live, removeRules);
}

function planRole(wanted: AnyObject, live: AnyObject | undefined, remove: boolean): Plan {
  const asked = ((wanted.rules ?? []) as readonly Rule[]).flatMap(broken);
  const has = ((live?.rules ?? []) as readonly Rule[]).flatMap(broken);
  const missing = asked.filter((rule) => !has.some((other) => covers(other, rule)));
  const extra = has.filter((rule) => !asked.some((other) => covers(other, rule)));
  const metadata = mergedMetadata(wanted, live);
  const changed = missing.length > 0 || metadata.changed || (remove && extra.length > 0);
  const operation = !live ? "create" : changed ? "update" : "none";
  const kept = remove
    ? (wanted.rules as readonly Rule[] | undefined)
    : [...((live?.rules ?? []) as readonly Rule[]), ...missing];
  const object: AnyObject = live ? { ...live, ...metadata.object, rules: kept } : wanted;
  const notes = [
    ...(operation === "none" ? [] : [`\treconciliation required ${operation}`]),
    ...(missing.length > 0 ? ["\tmissing rules added:", ...missing.map((rule) => `\t\t${ruleText(rule)}`)] : []),
    ...(remove && extra.length > 0 ? ["\textra rules removed:", ...extra.map((rule) => `\t\t${ruleText(rule)}`)] : []),
  ];
  return { operation, object, notes };
}

function planBinding(wanted: AnyObject, live: AnyObject | undefined, remove: boolean): Plan {
  const asked = (wanted.subjects ?? []) as readonly Subject[];
  const sameRole = live && goJson(live.roleRef) === goJson(wanted.roleRef);
  const has = (sameRole ? ((live.subjects ?? []) as readonly Subject[]) : []) as readonly Subject[];
  const missing = asked.filter((subject) => !has.some((other) => sameSubject(subject, other)));
  const extra = has.filter((subject) => !asked.some((other) => sameSubject(subject, other)));
  const metadata = mergedMetadata(wanted, live);
  const changed = missing.length > 0 || metadata.changed || (remove && extra.length > 0);
  const operation = !live ? "create" : !sameRole ? "recreate" : changed ? "update" : "none";
  const object: AnyObject =
    live && sameRole ? { ...live, ...metadata.object, subjects: remove ? asked : [...has, ...missing] } : wanted;
  const notes = [
    ...(operation === "none" ? [] : [`\treconciliation required ${operation}`]),
    ...(missing.length > 0 ? ["\tmissing subjects added:", ...missing.map((one) => `\t\t${subjectText(one)}`)] : []),
    ...(remove && extra.length > 0
      ? ["\textra subjects removed:", ...extra.map((one) => `\t\t${subjectText(one)}`)]
      : []),
  ];
  return { operation, object, notes };
}

/** Labels and annotations of the file are added; what is there stays. */
function mergedMetadata(
  wanted: AnyObject,
  live: AnyObject | undefined,
): { readonly changed: boolean; readonly object: Pick<AnyObject, "metadata"> } {
  if (!live) return { changed: true, object: wanted };
  const labels = { ...live.metadata.labels, ...wanted.metadata.labels };
  const annotations = { ...live.metadata.annotations, ...wanted.metadata.annotations };
  const changed =
    goJson(labels) !== goJson(live.metadata.labels ?? {}) ||
    goJson(annotations) !== goJson(live.metadata.annotations ?? {});
  const metadata = {
    ...live.metadata,
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
  };
  return { changed, object: { metadata } };
}

/** A rule as several that each name one verb, one group, one resource. */
function broken(rule: Rule): readonly Rule[] {
  const { verbs = [], apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const plain = verbs.flatMap((verb) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        (resourceNames.length > 0 ? resourceNames : [undefined]).map((name) => ({
          verbs: [verb],
          apiGroups: [group],
          resources: [resource],
          ...(name === undefined ? {} : { resourceNames: [name] }),
        })),
      ),
    ),
  );
  return [
    ...plain,
    ...verbs.flatMap((verb) => nonResourceURLs.map((url) => ({ verbs: [verb], nonResourceURLs: [url] }))),
  ];
}

/** Whether all that the one allows (a broken rule), the other allows. */
function covers(owner: Rule, asked: Rule): boolean {
  const within = (own: readonly string[] = [], wanted: readonly string[] = []): boolean =>
    own.includes("*") || wanted.every((one) => own.includes(one));
  if (asked.nonResourceURLs)
    return (
      within(owner.verbs, asked.verbs) &&
      asked.nonResourceURLs.every((url) =>
        owner.nonResourceURLs?.some((own) => own === url || (own.endsWith("*") && url.startsWith(own.slice(0, -1)))),
      )
    );
  const names = owner.resourceNames ?? [];
  return (
    owner.nonResourceURLs === undefined &&
    within(owner.verbs, asked.verbs) &&
    within(owner.apiGroups, asked.apiGroups) &&
    within(owner.resources, asked.resources) &&
    (names.length === 0 || (asked.resourceNames ?? []).some((name) => names.includes(name)))
  );
}

const sameSubject = (a: Subject, b: Subject): boolean =>
  a.kind === b.kind && groupOf(a) === groupOf(b) && a.name === b.name && (a.namespace ?? "") === (b.namespace ?? "");
const groupOf = ({ kind, apiGroup }: Subject): string => apiGroup ?? (kind === "ServiceAccount" ? "" : rbac);

const shown = (values: readonly string[] = []): string => `[${values.join(" ")}]`;
const ruleText = ({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: Rule): string =>
  `{Verbs:${shown(verbs)} APIGroups:${shown(apiGroups)} Resources:${shown(resources)} ResourceNames:${shown(resourceNames)} NonResourceURLs:${shown(nonResourceURLs)}}`;
const subjectText = (subject: Subject): string =>
  `{Kind:${subject.kind} APIGroup:${groupOf(subject)} Name:${subject.name} Namespace:${subject.namespace ?? ""}}`;
