import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AnyObject } from "../../api.js";
import { type Call, type Command, defineCommand } from "../../command.js";
import { dryRunFlag, dryRunOf, writeQuery } from "../../dry-run.js";
import { runEditor } from "../../editor.js";
import { CliError } from "../../errors.js";
import { bool, text } from "../../flags.js";
import { lastAppliedAnnotation, withLastApplied } from "../../last-applied.js";
import { goJson } from "../../printers/jsonpath.js";
import { createObjectPrinter } from "../../printers/output.js";
import { outputFlag, resultPrinter } from "../../printers/result.js";
import {
  allFlag,
  fileFlags,
  type Info,
  manifestInfos,
  nothingNamed,
  selectObjects,
  selectorFlags,
  settle,
} from "../../resources/select.js";

const fieldManager = "kubectl-client-side-apply";
const recordOf = (object: AnyObject | undefined): string | undefined =>
  object?.metadata.annotations?.[lastAppliedAnnotation] || undefined;

const viewFlags = {
  ...fileFlags,
  ...allFlag,
  selector: selectorFlags.selector,
  output: text("yaml (the default) or json.", { short: "o" }),
};

/** What the last apply wrote into the objects. */
const view = defineCommand({
  name: "view-last-applied",
  usage: "(TYPE [NAME | -l LABEL] | TYPE/NAME | -f FILENAME)",
  summary: "Show what the last apply wrote.",
  flags: viewFlags,
  async run({ session, args, flags }: Call<typeof viewFlags>) {
    const form = flags.output ?? "yaml";
    if (form !== "yaml" && form !== "json")
      throw new CliError(`Unexpected -o output mode: ${form}, the flag 'output' must be one of yaml|json`);
    const infos = await selectObjects(session, { args, flags, fetch: true, kindMeansAll: true });
    const printer = await createObjectPrinter({ type: form });
    for (const { live } of infos) {
      const record = recordOf(live);
      if (record !== undefined) session.io.stdout.write(printer(JSON.parse(record) as AnyObject));
    }
    return 0;
  },
});

const setFlags = {
  filename: fileFlags.filename,
  ...dryRunFlag,
  ...outputFlag,
  "create-annotation": bool("Also where there is no record yet."),
};

/** Writes the record alone, so that the next apply takes the file for what was applied last. */
const set = defineCommand({
  name: "set-last-applied",
  usage: "-f FILENAME",
  summary: "Record a file as what was applied last, without changing anything else.",
  flags: setFlags,
  async run({ session, flags }: Call<typeof setFlags>) {
    if (flags.filename.length === 0) throw nothingNamed();
    const dryRun = dryRunOf(session, flags["dry-run"]);
    const report = await resultPrinter(session, flags.output, dryRun);
    const api = await session.api();
    const { infos, failures } = await manifestInfos(session, flags.filename, false);
    await settle(
      infos,
      async ({ resource, namespace, name, wanted }) => {
        if (!wanted) return;
        const live = await api.get(resource, name, namespace);
        if (recordOf(live) === undefined && !flags["create-annotation"]) {
          throw new CliError(
            `no last-applied-configuration annotation found on resource: ${name}, to create the annotation, run the command with --create-annotation`,
          );
        }
        const { annotations = {} } = withLastApplied(wanted).metadata;
        const body = { metadata: { annotations: { [lastAppliedAnnotation]: annotations[lastAppliedAnnotation] } } };
        const object =
          dryRun === "client"
            ? live
            : await api.patch(resource, name, namespace, {
                type: "merge",
                body,
                query: writeQuery(dryRun, fieldManager),
              });
        report(resource, object, "configured");
      },
      failures,
    );
    return 0;
  },
});

const editFlags = { ...fileFlags, output: text("Edit as yaml (the default) or json.", { short: "o" }) };

const edit = defineCommand({
  name: "edit-last-applied",
  usage: "(RESOURCE/NAME | -f FILENAME)",
  summary: "Change the record of what was applied last in an editor.",
  flags: editFlags,
  async run(call: Call<typeof editFlags>) {
    const { session, args, flags } = call;
    for (const info of await selectObjects(session, { args, flags, fetch: true })) await editOne(call, info);
    return 0;
  },
});

async function editOne(
  { session, flags }: Call<typeof editFlags>,
  { resource, namespace, name, live }: Info,
): Promise<void> {
  const record = recordOf(live);
  if (record === undefined) throw new CliError(`no last-applied-configuration annotation found on resource: ${name}`);
  const form = flags.output === "json" ? "json" : "yaml";
  const before = (await createObjectPrinter({ type: form }))(JSON.parse(record) as AnyObject);
  const folder = await mkdtemp(join(tmpdir(), "navctl-edit-"));
  try {
    const file = join(folder, `last-applied.${form}`);
    await writeFile(file, before, { mode: 0o600 });
    await runEditor(session, file);
    const { parseYaml } = await import("../../../apimachinery/codec/yaml.js");
    const [edited] = parseYaml(await readFile(file, "utf8"));
    if (typeof edited !== "object" || edited === null || goJson(edited) === goJson(JSON.parse(record))) {
      session.note("Edit cancelled, no changes made.");
      return;
    }
    const body = { metadata: { annotations: { [lastAppliedAnnotation]: `${goJson(edited)}\n` } } };
    const object = await (await session.api()).patch(resource, name, namespace, {
      type: "merge",
      body,
      query: { fieldManager },
    });
    (await resultPrinter(session, undefined, "none"))(resource, object, "edited");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const lastAppliedCommands: readonly Command[] = [edit, set, view];
