import type { AnyObject } from "../api.js";
import { kindInWords } from "../api.js";
import { type Call, defineCommand } from "../command.js";
import { dryRunFlag, dryRunOf } from "../dry-run.js";
import { CliError, isStatus } from "../errors.js";
import { bool, duration, int, optionalText, text } from "../flags.js";
import {
  allFlag,
  allNamespacesFlag,
  fileFlags,
  type Info,
  select,
  selectorFlags,
  settle,
} from "../resources/select.js";
import { withSource } from "../source-errors.js";
import { type Going, waitUntilGone } from "../waiting.js";

const flags = {
  ...fileFlags,
  ...selectorFlags,
  ...allFlag,
  ...allNamespacesFlag,
  ...dryRunFlag,
  cascade: optionalText("background, foreground or orphan: what happens to dependents.", {
    bare: "background",
    initial: "background",
  }),
  force: bool("Remove at once, without waiting for containers to end."),
  "grace-period": int("Seconds that containers get to end."),
  "ignore-not-found": bool("An object that does not exist is no error."),
  interactive: bool("Ask before deleting (not supported).", { short: "i" }),
  now: bool("Grace of one second."),
  output: text("name: print names alone.", { short: "o" }),
  timeout: duration("How long to wait."),
  wait: bool("Wait until the objects are gone.", { initial: true }),
};

export const deleteCommand = defineCommand({
  name: "delete",
  usage: "([-f FILE] | TYPE [NAME ... | -l SELECTOR | --all] | TYPE/NAME ...)",
  summary: "Delete objects by file, name, selector or kind.",
  examples: ["navctl delete pod web-0", "navctl delete -f app.yaml", "navctl delete pods -l app=web --now"],
  flags,
  run,
});

async function run(call: Call<typeof flags>): Promise<number | undefined> {
  const { session, args, flags: given } = call;
  const dryRun = dryRunOf(session, given["dry-run"]);
  const options = deletionOf(call);
  if (given.output !== undefined && given.output !== "" && given.output !== "name") {
    throw new CliError(`unexpected -o output mode: ${given.output}. We only support '-o name'`);
  }
  if (given.all && args.length === 0 && given.filename.length === 0)
    throw new CliError("at least one resource must be specified to use a selector");
  const byName = !given.all && !given.selector && !given["field-selector"];
  const { infos, failures } = await select(session, {
    args,
    flags: given,
    fetch: false,
    ...(byName ? {} : { kindMeansAll: true }),
  });
  if (infos.length > 0 && dryRun === "none") await session.announceCluster();
  if (options.gracePeriodSeconds === 0) {
    session.note(
      "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.",
    );
  }
  const suffix = dryRun === "client" ? " (dry run)" : dryRun === "server" ? " (server dry run)" : "";
  const verb = options.gracePeriodSeconds === 0 ? "force deleted" : "deleted";
  const api = await session.api();
  const ignore = given["ignore-not-found"] || !byName;
  const going = await settle(
    infos,
    async (info): Promise<Going | undefined> => {
      const { resource, namespace, name } = info;
      const object = await removeOne(info, ignore);
      if (!object) return undefined;
      if (given.output === "name") session.print(`${kindInWords(resource)}/${name}`);
      else session.print(`${kindInWords(resource)} ${JSON.stringify(name)} ${verb}${suffix}`);
      return { resource, namespace, name, uid: uidOf(object) };
    },
    failures,
  );
  if (infos.length + failures.length === 0 && given.output !== "name") session.print("No resources found");
  if (given.wait && dryRun === "none") await waitUntilGone(session, going, given.timeout);
  return 0;

  async function removeOne(
    { resource, namespace, name, source }: Info,
    mayBeGone: boolean,
  ): Promise<AnyObject | undefined> {
    try {
      if (dryRun === "client") return await api.get(resource, name, namespace);
      return await api.delete(resource, name, namespace, {
        ...options,
        ...(dryRun === "server" ? { dryRun: ["All"] } : {}),
      });
    } catch (error) {
      if (mayBeGone && isStatus(error, "NotFound")) return undefined;
      throw withSource(error, "deleting", source);
    }
  }
}

function deletionOf({ flags: given, given: set, session }: Call<typeof flags>): {
  readonly propagationPolicy: string;
  readonly gracePeriodSeconds?: number;
} {
  if (given.interactive) throw new CliError("--interactive is not supported by navctl");
  if (given.all && (given.selector || given["field-selector"]))
    throw new CliError("setting 'all' parameter but found a non empty selector. ");
  let grace = given["grace-period"] ?? -1;
  if (given.now) {
    if (set.has("grace-period") && grace !== -1)
      throw new CliError("--now and --grace-period cannot be specified together");
    grace = 1;
  }
  if (given.force) {
    if (grace > 0) throw new CliError("--force and --grace-period greater than 0 cannot be specified together");
    grace = 0;
  } else if (grace === 0) grace = 1;
  return {
    propagationPolicy: propagationOf(session, given.cascade),
    ...(grace < 0 ? {} : { gracePeriodSeconds: grace }),
  };
}

export function propagationOf(session: { note(line: string): void }, cascade: string | undefined): string {
  switch (cascade) {
    case "background":
    case "true":
    case undefined:
      return "Background";
    case "foreground":
      return "Foreground";
    case "orphan":
      return "Orphan";
    case "false":
      session.note("warning: --cascade=false is deprecated (boolean value) and can be replaced with --cascade=orphan.");
      return "Orphan";
    default:
      throw new CliError(`invalid cascade value (${cascade}). Must be "background", "foreground", or "orphan"`);
  }
}

/** Of the object, or of the Status that stands for it once it is gone. */
const uidOf = (answer: AnyObject): string | undefined =>
  answer.kind === "Status" ? (answer.details as { readonly uid?: string } | undefined)?.uid : answer.metadata.uid;
