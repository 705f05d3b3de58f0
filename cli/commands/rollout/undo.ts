import { sameJson } from "../../../apimachinery/patch/json.js";
import type { AnyObject, PatchRequest } from "../../api.js";
import { type Call, defineCommand } from "../../command.js";
import { dryRunFlag, dryRunOf, writeQuery } from "../../dry-run.js";
import { CliError } from "../../errors.js";
import { int } from "../../flags.js";
import { outputFlag, resultPrinter } from "../../printers/result.js";
import { fileFlags, type Info, select, selectorFlags, settleSelected } from "../../resources/select.js";
import { type Revision, revisionsOf, type Template } from "./revisions.js";

const flags = {
  ...fileFlags,
  ...selectorFlags,
  ...dryRunFlag,
  ...outputFlag,
  "to-revision": int("The revision to go back to; 0 for the one before."),
};

export const undo = defineCommand({
  name: "undo",
  usage: "(TYPE NAME | TYPE/NAME)",
  summary: "Go back to an earlier revision.",
  flags,
  run,
});

async function run({ session, args, flags: given }: Call<typeof flags>): Promise<number | undefined> {
  if (args.length === 0 && given.filename.length === 0) throw new CliError("required resource not specified");
  const dryRun = dryRunOf(session, given["dry-run"]);
  const report = await resultPrinter(session, given.output, dryRun);
  const selected = await select(session, { args, flags: given, fetch: true, kindMeansAll: true });
  const api = await session.api();
  await settleSelected(selected, async (info) => {
    const { resource, namespace, name, live } = info;
    const revision = targetOf(await revisionsOf(session, info, "rollbacker"), given["to-revision"] ?? 0, info);
    if (!live) return;
    const spec = live.spec as { readonly paused?: boolean; readonly template?: Template };
    if (spec.paused) {
      throw new CliError(
        "you cannot rollback a paused deployment; resume it first with 'navctl rollout resume' and try again",
      );
    }
    const template = withoutHash(revision.template);
    if (dryRun === "client") {
      const { describeTemplate } = await import("../../describe/pod-template.js");
      report(resource, live, describeTemplate(revision.template));
      return;
    }
    if (sameJson(template, withoutHash(spec.template ?? {}))) {
      report(resource, live, `skipped rollback (current template already matches revision ${revision.number})`);
      return;
    }
    const patch = { ...patchTo(revision, template, live), query: writeQuery(dryRun, "kubectl-rollout") };
    report(resource, await api.patch(resource, name, namespace, patch), "rolled back");
  });
  return 0;
}

/** A ControllerRevision holds its patch; of a ReplicaSet template and annotations are taken. */
function patchTo({ object }: Revision, template: Template, live: AnyObject): Pick<PatchRequest, "type" | "body"> {
  if (object.data !== undefined) return { type: "strategic", body: object.data };
  return {
    type: "json",
    body: [
      { op: "replace", path: "/spec/template", value: template },
      {
        op: live.metadata.annotations ? "replace" : "add",
        path: "/metadata/annotations",
        value: annotationsFor(live, object),
      },
    ],
  };
}

function targetOf(revisions: readonly Revision[], wanted: number, { resource, name }: Info): Revision {
  if (wanted < 0) throw new CliError(`unable to find specified revision ${wanted} in history`);
  const found = wanted === 0 ? revisions.at(-2) : revisions.find(({ number }) => Number(number) === wanted);
  if (found) return found;
  if (wanted > 0) throw new CliError(`unable to find specified revision ${wanted} in history`);
  if (resource.kind !== "Deployment") throw new CliError("no last revision to roll back to");
  throw new CliError(`no rollout history found for deployment ${JSON.stringify(name)}`);
}

/** The label that tells replica sets of one deployment apart is the controller's to set. */
function withoutHash(template: Template): Template {
  const { "pod-template-hash": hash, ...labels } = template.metadata?.labels ?? {};
  return hash === undefined ? template : { ...template, metadata: { ...template.metadata, labels } };
}

/** The revision's annotations, but what belongs to the deployment alone stays. */
function annotationsFor(live: AnyObject, replicaSet: AnyObject): Readonly<Record<string, string>> {
  const own = new Set([
    "kubectl.kubernetes.io/last-applied-configuration",
    "deployment.kubernetes.io/revision",
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
  ]);
  const pick = (annotations: Readonly<Record<string, string>> | undefined, mine: boolean): [string, string][] =>
    Object.entries(annotations ?? {}).filter(([key]) => own.has(key) === mine);
  return Object.fromEntries([
    ...pick(replicaSet.metadata.annotations, false),
    ...pick(live.metadata.annotations, true),
  ]);
}
