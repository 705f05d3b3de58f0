import { createThreeWayPatch } from "../../apimachinery/patch/strategic.js";
import { apiVersionOf } from "../../apimachinery/resource.js";
import { StatusError } from "../../apimachinery/status.js";
import type { AnyObject, Api } from "../api.js";
import { type Call, defineCommand } from "../command.js";
import { dryRunFlag, dryRunOf, writeQuery } from "../dry-run.js";
import { CliError, HintedError, isStatus } from "../errors.js";
import { array, bool, duration, int, optionalText, text } from "../flags.js";
import { lastAppliedAnnotation, lastAppliedOf, withLastApplied } from "../last-applied.js";
import { createObjectPrinter, listOf, parseOutput } from "../printers/output.js";
import { type DryRun, outputFlag, resultPrinter } from "../printers/result.js";
import { fileFlags, type Info, manifestInfos, refuseKustomize, settle } from "../resources/select.js";
import { schemaOf } from "../schemas.js";
import { fieldHint, retold, withSource } from "../source-errors.js";
import { validates, validationFlag, validationOf } from "../validation-flag.js";
import { waitUntilGone } from "../waiting.js";
import { lastAppliedCommands } from "./apply/last-applied.js";
import { checkPrune, prune } from "./apply/prune.js";
import { applyServerSide, checkServerSide } from "./apply/server-side.js";

const flags = {
  ...fileFlags,
  ...dryRunFlag,
  ...outputFlag,
  ...validationFlag,
  selector: text("Only objects of the files with these labels.", { short: "l" }),
  overwrite: bool("Take the file's value where someone else changed a field.", { initial: true }),
  force: bool("Delete and create again what cannot be patched."),
  "grace-period": int("Seconds of grace where --force deletes."),
  timeout: duration("How long --force waits for a deletion."),
  cascade: optionalText("What happens to what --force leaves behind.", { bare: "background", initial: "background" }),
  wait: bool("With --force: wait until the old object is gone.", { initial: true }),
  "field-manager": text("Name under which the server records the change."),
  prune: bool("Delete what an earlier apply made and the files no longer name (with -l or --all)."),
  "prune-allowlist": array("With --prune: only kinds such as core/v1/ConfigMap; may be repeated."),
  applyset: text("Not supported.", { hidden: true }),
  all: bool("With --prune: whatever its labels."),
  "server-side": bool("Let the server merge, and keep account of who set which field."),
  "force-conflicts": bool("With --server-side: take over fields that others manage."),
  "show-managed-fields": bool("Keep managedFields in JSON and YAML."),
};

/** Brings objects to what files say: creates what is missing, patches what differs, leaves alone what others manage. */
export const apply = defineCommand({
  name: "apply",
  usage: "-f FILE",
  summary: "Create or change objects so that they are as files say.",
  examples: ["navctl apply -f app.yaml", "navctl apply -R -f manifests/", "cat app.yaml | navctl apply -f -"],
  flags,
  subcommands: lastAppliedCommands,
  run,
});

interface Applying {
  readonly api: Api;
  readonly info: Info;
  readonly dryRun: DryRun;
  readonly query: Readonly<Record<string, string | undefined>>;
}

async function run(call: Call<typeof flags>): Promise<number | undefined> {
  const { session, args, flags: given } = call;
  refuse(given);
  if (args.length > 0) throw call.usageError(`Unexpected args: [${args.join(" ")}]`);
  if (given.filename.length === 0) throw new CliError("must specify -f: the files to apply");
  const dryRun = dryRunOf(session, given["dry-run"]);
  checkServerSide(given, dryRun);
  const format = await parseOutput(given.output, session.io.cwd, false);
  const report = await resultPrinter(session, undefined, dryRun);
  const { infos, failures } = await manifestInfos(
    session,
    given.filename,
    given.recursive,
    given.selector,
    validates(given.validate),
  );
  if (infos.length + failures.length === 0) throw new CliError("no objects passed to apply");
  const api = await session.api();
  const query = writeQuery(dryRun, given["field-manager"] ?? "kubectl-client-side-apply", validationOf(given.validate));
  const done: AnyObject[] = [];
  try {
    await settle(
      infos,
      async (info) => {
        const applied = given["server-side"]
          ? applyServerSide(api, info, given, dryRun)
          : applyOne(call, { api, info, dryRun, query });
        const { object, operation } = await applied.catch(async (error: unknown) => {
          const hint = await fieldHint(error, info.resource);
          throw hint ? new HintedError(error, hint) : error;
        });
        done.push(object);
        if (format.type === "default" || format.type === "wide") report(info.resource, object, operation);
      },
      failures,
    );
    if (given.prune) {
      if (dryRun === "none") await session.announceCluster();
      const { selector, all, "prune-allowlist": allowed } = given;
      await prune(session, done, infos, { selector, all, allowed, dryRun, report, body: deletionOf(given) });
    }
  } finally {
    if (format.type !== "default" && format.type !== "wide" && done.length > 0) {
      const printer = await createObjectPrinter(format, { showManagedFields: given["show-managed-fields"] });
      const [only] = done;
      session.io.stdout.write(printer(done.length === 1 && only ? only : listOf(done)));
    }
  }
  return 0;
}

function refuse(given: Call<typeof flags>["flags"]): void {
  refuseKustomize(given.kustomize);
  if (given.applyset !== undefined) throw new CliError("--applyset is not supported by navctl: use --prune with -l");
  if (given.prune) checkPrune(given);
  else if (given.all || given["prune-allowlist"].length > 0)
    throw new CliError("--all and --prune-allowlist go with --prune only");
}

interface Applied {
  readonly object: AnyObject;
  readonly operation: "created" | "configured" | "unchanged";
}

async function applyOne(call: Call<typeof flags>, applying: Applying): Promise<Applied> {
  const { api, info, dryRun, query } = applying;
  const { resource, namespace, name, source } = info;
  if (name === "" && info.wanted?.metadata.generateName) {
    throw new CliError(`from ${info.wanted.metadata.generateName}: cannot use generate name with apply`);
  }
  if (name === "") {
    throw new CliError(
      `error when retrieving current configuration of:\n${identity(info)}\nfrom server for: ${JSON.stringify(source)}: resource name may not be empty`,
    );
  }
  const modified = withLastApplied(info.wanted ?? emptyObject);
  const live = await api.find(resource, name, namespace).catch((error: unknown) => {
    throw error instanceof StatusError
      ? retold(
          error,
          `error when retrieving current configuration of:\n${identity(info)}\nfrom server for: ${JSON.stringify(source)}: ${error.message}`,
        )
      : error;
  });
  if (live) return change(call, applying, modified, live);
  if (dryRun === "client") return { object: modified, operation: "created" };
  try {
    return { object: await api.create(resource, modified, namespace, query), operation: "created" };
  } catch (error) {
    throw withSource(error, "creating", source);
  }
}

const conflictRetries = 5;

async function change(
  call: Call<typeof flags>,
  applying: Applying,
  modified: AnyObject,
  first: AnyObject,
): Promise<Applied> {
  const { api, info, dryRun, query } = applying;
  const { resource, namespace, name } = info;
  if (first.metadata.annotations?.[lastAppliedAnnotation] === undefined) {
    call.session.note(
      `Warning: resource ${resource.plural}/${name} is missing the ${lastAppliedAnnotation} annotation which is required by navctl apply. navctl apply should only be used on resources created declaratively by either navctl create --save-config or navctl apply. The missing annotation will be patched automatically.`,
    );
  }
  if (dryRun === "client") return { object: modified, operation: "configured" };
  const schema = await schemaOf(resource);
  let live = first;
  for (let attempt = 0; ; attempt++) {
    const body = createThreeWayPatch(schema, lastAppliedOf(live) ?? {}, modified, live);
    if (isEmpty(body)) return { object: live, operation: "unchanged" };
    try {
      const object = await api.patch(resource, name, namespace, { type: schema ? "strategic" : "merge", body, query });
      return { object, operation: "configured" };
    } catch (error) {
      if (isStatus(error, "Conflict") && attempt < conflictRetries) {
        live = await api.get(resource, name, namespace);
        continue;
      }
      if (call.flags.force && (isStatus(error, "Conflict") || isStatus(error, "Invalid"))) {
        return recreate(call, applying, modified, live);
      }
      throw error instanceof StatusError
        ? retold(
            error,
            `error when applying patch:\n${JSON.stringify(body)}\nto:\n${identity(info)}\nfor: ${JSON.stringify(info.source)}: ${error.message}`,
          )
        : error;
    }
  }
}

async function recreate(
  { session, flags: given }: Call<typeof flags>,
  { api, info, query }: Applying,
  modified: AnyObject,
  live: AnyObject,
): Promise<Applied> {
  const { resource, namespace, name } = info;
  await session.announceCluster();
  await api.delete(resource, name, namespace, deletionOf(given));
  await waitUntilGone(session, [{ resource, namespace, name, uid: live.metadata.uid }], given.timeout);
  return { object: await api.create(resource, modified, namespace, query), operation: "configured" };
}

const deletionOf = ({ "grace-period": grace }: Call<typeof flags>["flags"]): Readonly<Record<string, unknown>> => ({
  propagationPolicy: "Background",
  ...(grace === undefined || grace < 0 ? {} : { gracePeriodSeconds: grace }),
});

const emptyObject: AnyObject = { apiVersion: "", kind: "", metadata: {} };

const isEmpty = (patch: unknown): boolean =>
  patch === undefined || (typeof patch === "object" && patch !== null && Object.keys(patch).length === 0);

const identity = ({ resource, namespace, name }: Info): string =>
  `Resource: "${apiVersionOf(resource)}, Resource=${resource.plural}", GroupVersionKind: "${apiVersionOf(resource)}, Kind=${resource.kind}"\nName: ${JSON.stringify(name)}, Namespace: ${JSON.stringify(namespace ?? "")}`;
