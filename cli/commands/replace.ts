import { kindInWords } from "../api.js";
import { type Call, defineCommand } from "../command.js";
import { dryRunFlag, dryRunOf, writeQuery } from "../dry-run.js";
import { CliError } from "../errors.js";
import { bool, duration, int, optionalText, text } from "../flags.js";
import { lastAppliedAnnotation, withLastApplied } from "../last-applied.js";
import { outputFlag, resultPrinter } from "../printers/result.js";
import { fileFlags, type Info, manifestInfos, refuseKustomize, settle } from "../resources/select.js";
import { withSource } from "../source-errors.js";
import { validationFlag, validationOf } from "../validation-flag.js";
import { waitUntilGone } from "../waiting.js";
import { propagationOf } from "./delete.js";

const flags = {
  ...fileFlags,
  ...dryRunFlag,
  ...outputFlag,
  ...validationFlag,
  force: bool("Delete the objects and create them again."),
  cascade: optionalText("With --force: what happens to dependents.", { bare: "background", initial: "background" }),
  "grace-period": int("With --force: seconds that containers get to end."),
  timeout: duration("With --force: how long to wait for the deletion."),
  wait: bool("With --force: wait until the old object is gone.", { initial: true }),
  "save-config": bool("Record the object for a later apply."),
  subresource: text("Replace a subresource (not supported)."),
  "field-manager": text("Name under which the server records the change."),
};

export const replace = defineCommand({
  name: "replace",
  usage: "-f FILE",
  summary: "Replace objects by what files say.",
  flags,
  run,
});

async function run(call: Call<typeof flags>): Promise<number | undefined> {
  const { session, args, flags: given } = call;
  refuseKustomize(given.kustomize);
  if (args.length > 0) throw call.usageError(`unexpected arguments: [${args.join(" ")}]`);
  if (given.filename.length === 0) throw call.usageError("Must specify --filename to replace");
  if (given.subresource !== undefined) throw new CliError("--subresource is not supported by navctl replace");
  const dryRun = dryRunOf(session, given["dry-run"]);
  if (given.force && dryRun !== "none") throw new CliError("--dry-run can not be used when --force is set");
  if (given.timeout !== undefined && !given.force) throw new CliError("--timeout must have --force specified");
  const report = await resultPrinter(session, given.output, dryRun);
  const infos = await manifestInfos(session, given.filename, given.recursive);
  if (infos.length === 0) throw new CliError("no objects passed to replace");
  const query = writeQuery(dryRun, given["field-manager"] ?? "kubectl-replace", validationOf(given.validate));
  const api = await session.api();
  if (given.force) await removeAll(call, infos);
  await settle(infos, async ({ resource, namespace, wanted, source }) => {
    if (!wanted) return;
    const recorded = wanted.metadata.annotations?.[lastAppliedAnnotation] !== undefined;
    const body = given["save-config"] || recorded ? withLastApplied(wanted) : wanted;
    try {
      const object = given.force
        ? await api.create(resource, body, namespace, query)
        : dryRun === "client"
          ? body
          : await api.replace(resource, body, namespace, query);
      report(resource, object, "replaced");
    } catch (error) {
      throw withSource(error, "replacing", source);
    }
  });
  return 0;
}

async function removeAll({ session, flags: given }: Call<typeof flags>, infos: readonly Info[]): Promise<void> {
  await session.announceCluster();
  const api = await session.api();
  const grace = given["grace-period"] ?? -1;
  const going = await settle(infos, async ({ resource, namespace, name }) => {
    const live = await api.find(resource, name, namespace);
    if (!live) return undefined;
    await api.delete(resource, name, namespace, {
      propagationPolicy: propagationOf(session, given.cascade),
      ...(grace < 0 ? {} : { gracePeriodSeconds: grace }),
    });
    session.print(`${kindInWords(resource)} ${JSON.stringify(name)} deleted`);
    return { resource, namespace, name, uid: live.metadata.uid };
  });
  await waitUntilGone(session, going, given.timeout);
}
