import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createThreeWayPatch } from "../../apimachinery/patch/strategic.js";
import { apiVersionOf } from "../../apimachinery/resource.js";
import type { AnyObject } from "../api.js";
import { type Call, defineCommand } from "../command.js";
import { runEditor } from "../editor.js";
import { CliError } from "../errors.js";
import { bool, text } from "../flags.js";
import { goJson } from "../printers/jsonpath.js";
import { createObjectPrinter } from "../printers/output.js";
import { resultPrinter } from "../printers/result.js";
import { fileFlags, type Info, selectObjects } from "../resources/select.js";
import { schemaOf } from "../schemas.js";

const flags = {
  ...fileFlags,
  output: text("Edit as yaml (the default) or json.", { short: "o" }),
  "show-managed-fields": bool("Keep managedFields in the text."),
  subresource: text("Edit a subresource: status."),
  "field-manager": text("Name under which the server records the change."),
};

export const edit = defineCommand({
  name: "edit",
  usage: "(TYPE NAME | -f FILE)",
  summary: "Change objects in $KUBE_EDITOR, $EDITOR or vi.",
  flags,
  run,
});

const heading =
  "# Lines that begin with '#' are ignored; an empty file leaves the object as it is.\n# What the server refuses is kept in a file, whose name is printed.\n#\n";

async function run(call: Call<typeof flags>): Promise<number | undefined> {
  const { session, args, flags: given } = call;
  const form = given.output === "json" ? "json" : "yaml";
  const infos = await selectObjects(session, { args, flags: given, fetch: true, kindMeansAll: true });
  const report = await resultPrinter(session, undefined, "none");
  for (const info of infos) {
    const folder = await mkdtemp(join(tmpdir(), "navctl-edit-"));
    const file = join(folder, `${info.name.replaceAll(/[^\w.-]/g, "_")}.${form}`);
    const kept = await editOne(call, info, file, form, report);
    if (!kept) await rm(folder, { recursive: true, force: true });
  }
  return 0;
}

/** Answers whether the file is to be kept: the server refused what is in it. */
async function editOne(
  { session, flags: given }: Call<typeof flags>,
  { resource, namespace, name, live }: Info,
  file: string,
  form: "json" | "yaml",
  report: Awaited<ReturnType<typeof resultPrinter>>,
): Promise<boolean> {
  if (!live) return false;
  const printer = await createObjectPrinter({ type: form }, { showManagedFields: given["show-managed-fields"] });
  const before = printer(live);
  await writeFile(file, form === "yaml" ? heading + before : before, { mode: 0o600 });
  await runEditor(session, file);
  const original = await parseOne(before);
  const edited = await parseOne(await readFile(file, "utf8"));
  if (edited === undefined || goJson(edited) === goJson(original)) {
    session.note("Edit cancelled, no changes made.");
    return false;
  }
  if (edited.kind !== resource.kind || edited.apiVersion !== apiVersionOf(resource) || edited.metadata?.name !== name) {
    session.note(`A copy of your changes has been stored to ${JSON.stringify(file)}`);
    throw new CliError("At least one of apiVersion, kind and name was changed");
  }
  const schema = await schemaOf(resource);
  const body = createThreeWayPatch(schema, original ?? {}, edited, original ?? {});
  try {
    const object = await (await session.api()).patch(resource, name, namespace, {
      type: schema ? "strategic" : "merge",
      body,
      query: { fieldManager: given["field-manager"] ?? "kubectl-edit", fieldValidation: "Strict" },
      ...(given.subresource === undefined ? {} : { subresource: given.subresource }),
    });
    report(resource, object, "edited");
    return false;
  } catch (error) {
    session.note(`A copy of your changes has been stored to ${JSON.stringify(file)}`);
    throw error;
  }
}

async function parseOne(written: string): Promise<AnyObject | undefined> {
  const { parseYaml } = await import("../../apimachinery/codec/yaml.js");
  const [document] = parseYaml(written);
  return document === null ? undefined : (document as AnyObject | undefined);
}
