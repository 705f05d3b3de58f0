import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createThreeWayPatch } from "../../apimachinery/patch/strategic.js";
import { objectPath } from "../../client/rest.js";
import { type AnyObject, nameIn } from "../api.js";
import { type Call, defineCommand } from "../command.js";
import { runEditor } from "../editor.js";
import { CliError, isStatus, isStatusError } from "../errors.js";
import { bool, text } from "../flags.js";
import { goJson } from "../printers/jsonpath.js";
import { createObjectPrinter } from "../printers/output.js";
import { resultPrinter } from "../printers/result.js";
import { fileFlags, type Info, selectObjects } from "../resources/select.js";
import { schemaOf } from "../schemas.js";
import type { Session } from "../session.js";
import { headingOf, readDraft, withoutHeading } from "./edit/draft.js";

const flags = {
  ...fileFlags,
  output: text("Edit as yaml (the default) or json.", { short: "o" }),
  "show-managed-fields": bool("Keep managedFields in the text."),
  subresource: text("Edit a subresource: status or scale."),
  "field-manager": text("Name under which the server records the change."),
};

export const edit = defineCommand({
  name: "edit",
  usage: "(TYPE NAME | -f FILE)",
  summary: "Change objects in $KUBE_EDITOR, $EDITOR or vi.",
  flags,
  run,
});

/** Nobody mends one file so often; a program that is the editor might. */
const reopenedMax = 100;

async function run(call: Call<typeof flags>): Promise<number | undefined> {
  const { session, args, flags: given } = call;
  const infos = await selectObjects(session, { args, flags: given, fetch: true, kindMeansAll: true });
  for (const info of infos) {
    if (info.live) await editOne(call, info, await shownOf(session, info, info.live, given.subresource));
  }
  return 0;
}

async function shownOf(
  session: Session,
  { resource, name, namespace }: Info,
  live: AnyObject,
  subresource: string | undefined,
): Promise<AnyObject> {
  if (subresource === undefined) return live;
  const path = objectPath(resource, nameIn(resource, name, namespace), subresource);
  return (await session.api()).json<AnyObject>({ path });
}

/** Opens the editor again on what is refused, until it is taken, given up, or left as it was refused. */
async function editOne(call: Call<typeof flags>, info: Info, shown: AnyObject): Promise<void> {
  const { session, flags: given } = call;
  const form = given.output === "json" ? "json" : "yaml";
  const printer = await createObjectPrinter({ type: form }, { showManagedFields: given["show-managed-fields"] });
  const before = printer(shown);
  const folder = await mkdtemp(join(tmpdir(), "navctl-edit-"));
  const file = join(folder, `${info.name.replaceAll(/[^\w.-]/g, "_")}.${form}`);
  const what = `${resourceName(info)} ${JSON.stringify(info.name)}`;
  let offered = before;
  let reasons: readonly string[] = [];
  for (let opened = 0; ; opened++) {
    await writeFile(file, form === "yaml" ? headingOf(what, reasons) + offered : offered, { mode: 0o600 });
    const text = await edited(session, file, offered, before);
    const unchanged = opened > 0 && text === offered;
    if (unchanged || opened > reopenedMax) throw keptIn(session, file, "Edit cancelled, no valid changes were saved.");
    const outcome = await take(call, info, { shown, before, text, file });
    if (!outcome) break;
    session.note(`error: ${what} is invalid`);
    reasons = outcome;
    offered = text;
  }
  await rm(folder, { recursive: true, force: true });
}

/** What the editor left; where it failed, the file stays if there is something in it to lose. */
async function edited(session: Session, file: string, offered: string, before: string): Promise<string> {
  try {
    await runEditor(session, file);
  } catch (error) {
    const left = await readFile(file, "utf8").then(withoutHeading, () => before);
    if (left === before && offered === before) await rm(dirname(file), { recursive: true, force: true });
    else noteCopy(session, file);
    throw error;
  }
  return withoutHeading(await readFile(file, "utf8"));
}

interface Left {
  readonly shown: AnyObject;
  readonly before: string;
  readonly text: string;
  readonly file: string;
}

/** Undefined: it is done, or there was nothing to do. Else why it is to be mended. */
async function take(
  { session, flags: given }: Call<typeof flags>,
  info: Info,
  { shown, before, text, file }: Left,
): Promise<readonly string[] | undefined> {
  const { resource, namespace, name } = info;
  const draft = readDraft(text);
  if (draft.type === "broken") return [`<nil>: Invalid value: "The edited file failed validation": ${draft.why}`];
  const first = readDraft(before);
  const original = first.type === "object" ? first.object : shown;
  if (draft.type === "empty" || goJson(draft.object) === goJson(original)) {
    session.note("Edit cancelled, no changes made.");
    return undefined;
  }
  const { object } = draft;
  if (object.kind !== shown.kind || object.apiVersion !== shown.apiVersion || object.metadata?.name !== name)
    throw keptIn(session, file, "At least one of apiVersion, kind and name was changed");
  // A subresource may be of a kind of its own.
  const schema = shown.kind === resource.kind ? await schemaOf(resource) : undefined;
  try {
    const made = await (await session.api()).patch(resource, name, namespace, {
      type: schema ? "strategic" : "merge",
      body: createThreeWayPatch(schema, original, object, original),
      query: { fieldManager: given["field-manager"] ?? "kubectl-edit", fieldValidation: "Strict" },
      ...(given.subresource === undefined ? {} : { subresource: given.subresource }),
    });
    const report = await resultPrinter(session, undefined, "none");
    report(resource, made, "edited");
    return undefined;
  } catch (error) {
    if (isStatus(error, "Invalid")) return reasonsOf(error);
    throw lost(session, info, file, error);
  }
}

function reasonsOf(error: unknown): readonly string[] {
  if (!isStatusError(error)) return [String(error)];
  const causes = (error.details?.causes ?? []).map(({ field, message = "" }) =>
    field ? `${field}: ${message}` : message,
  );
  return causes.length > 0 ? causes : [error.message];
}

/** What mending the text would not help: the copy stays, and what can be done with it is said. */
function lost(session: Session, info: Info, file: string, error: unknown): unknown {
  const what = `${resourceName(info)} ${JSON.stringify(info.name)}`;
  if (isStatus(error, "NotFound")) {
    session.note(`error: ${what} could not be found on the server`);
    return new CliError(`The edits you made on deleted resources have been saved to ${JSON.stringify(file)}`, {
      bare: true,
    });
  }
  if (!isStatusError(error)) {
    noteCopy(session, file);
    return error;
  }
  session.note(`error: ${what} could not be patched: ${error.message}`);
  return new CliError(`You can run \`navctl replace -f ${file}\` to try this update again.`, { bare: true });
}

const resourceName = ({ resource }: Info): string =>
  resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`;

const noteCopy = (session: Session, file: string): void =>
  session.note(`A copy of your changes has been stored to ${JSON.stringify(file)}`);

function keptIn(session: Session, file: string, why: string): CliError {
  noteCopy(session, file);
  return new CliError(why);
}
