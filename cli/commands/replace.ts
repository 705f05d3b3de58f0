import { type AnyObject, type Api, kindInWords, type Query } from "../api.js";
import { type Call, defineCommand } from "../command.js";
import { dryRunFlag, dryRunOf, writeQuery } from "../dry-run.js";
import { CliError, isStatus } from "../errors.js";
import { bool, duration, int, optionalText, text } from "../flags.js";
import { lastAppliedAnnotation, withLastApplied } from "../last-applied.js";
import { outputFlag, resultPrinter } from "../printers/result.js";
import {
  attempt,
  fileFlags,
  type Info,
  manifestInfos,
  refuseKustomize,
  type Selection,
  settleSelected,
} from "../resources/select.js";
import { withSource } from "../source-errors.js";
import { validates, validationFlag, validationOf } from "../validation-flag.js";
import { type Going, waitUntilGone } from "../waiting.js";
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
  if (given.filename.length === 0) throw new CliError("must specify -f: the files to replace from");
  if (given.subresource !== undefined) throw new CliError("--subresource is not supported by navctl replace");
  const dryRun = dryRunOf(session, given["dry-run"]);
  if (given.force && dryRun !== "none") throw new CliError("--dry-run can not be used when --force is set");
  if (given.timeout !== undefined && !given.force) throw new CliError("--timeout must have --force specified");
  const report = await resultPrinter(session, given.output, dryRun);
  const { infos, failures } = await manifestInfos(
    session,
    given.filename,
    given.recursive,
    undefined,
    validates(given.validate),
  );
  if (infos.length + failures.length === 0) throw new CliError("no objects passed to replace");
  const query = writeQuery(dryRun, given["field-manager"] ?? "kubectl-replace", validationOf(given.validate));
  const api = await session.api();
  const bodyOf = ({ wanted }: Info): AnyObject | undefined => {
    const recorded = wanted?.metadata.annotations?.[lastAppliedAnnotation] !== undefined;
    return wanted && (given["save-config"] || recorded) ? withLastApplied(wanted) : wanted;
  };
  const replacing = given.force ? await removeAll(call, { infos, failures }, bodyOf, query) : { infos, failures };
  await settleSelected(replacing, async (info) => {
    const { resource, namespace, source } = info;
    const body = bodyOf(info);
    if (!body) return;
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

/** Deletes what can be created again, and answers that: an object that the server would refuse is left as it is. */
async function removeAll(
  { session, flags: given }: Call<typeof flags>,
  { infos, failures }: Selection,
  bodyOf: (info: Info) => AnyObject | undefined,
  query: Query,
): Promise<Selection> {
  await session.announceCluster();
  const api = await session.api();
  const grace = given["grace-period"] ?? -1;
  const removing = await attempt(infos, async (info): Promise<{ info: Info; going?: Going } | undefined> => {
    const { resource, namespace, name, source } = info;
    const body = bodyOf(info);
    const live = body && (await api.find(resource, name, namespace));
    if (!live) return { info };
    await refuseWhatServerWould(api, info, body, query).catch((error: unknown) => {
      throw withSource(error, "replacing", source);
    });
    await api.delete(resource, name, namespace, {
      propagationPolicy: propagationOf(session, given.cascade),
      ...(grace < 0 ? {} : { gracePeriodSeconds: grace }),
    });
    session.print(`${kindInWords(resource)} ${JSON.stringify(name)} deleted`);
    return { info, going: { resource, namespace, name, uid: live.metadata.uid } };
  });
  const going = removing.results.flatMap((one) => one.going ?? []);
  await waitUntilGone(session, going, given.timeout);
  return { infos: removing.results.map(({ info }) => info), failures: [...failures, ...removing.failures] };
}

/** A trial of the creation; that the object is there already, and holds what only one may hold, is as it should be. */
async function refuseWhatServerWould(api: Api, { resource, namespace }: Info, body: AnyObject, query: Query) {
  try {
    await api.create(resource, body, namespace, { ...query, dryRun: "All" });
  } catch (error) {
    if (isStatus(error, "BadRequest")) throw error;
    if (isStatus(error, "Invalid") && !/already allocated/.test((error as Error).message)) throw error;
  }
}
