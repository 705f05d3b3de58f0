import { kindInWords } from "../../api.js";
import { type Call, defineCommand } from "../../command.js";
import { CliError } from "../../errors.js";
import { int, text } from "../../flags.js";
import { createObjectPrinter, parseOutput } from "../../printers/output.js";
import { alignTabs, describeTabs } from "../../printers/tab-writer.js";
import { fileFlags, selectObjects, selectorFlags, settle } from "../../resources/select.js";
import { revisionsOf } from "./revisions.js";

const flags = {
  ...fileFlags,
  ...selectorFlags,
  revision: int("Show this revision in detail."),
  output: text("json, yaml, name, jsonpath=...", { short: "o" }),
};

export const history = defineCommand({
  name: "history",
  usage: "(TYPE NAME | TYPE/NAME)",
  summary: "List the revisions of a workload.",
  flags,
  run,
});

async function run({ session, args, flags: given }: Call<typeof flags>): Promise<number | undefined> {
  if (args.length === 0 && given.filename.length === 0) throw new CliError("required resource not specified");
  if (given.revision !== undefined && given.revision < 0)
    throw new CliError(`revision must be a positive integer: ${given.revision}`);
  const format = await parseOutput(given.output, session.io.cwd, false);
  const infos = await selectObjects(session, { args, flags: given, fetch: true, kindMeansAll: true });
  await settle(infos, async (info) => {
    const revisions = await revisionsOf(session, info, "history viewer");
    const title = `${kindInWords(info.resource)}/${info.name}`;
    const one = given.revision ? revisions.find(({ number }) => Number(number) === given.revision) : undefined;
    if (given.revision && revisions.length > 0 && !one) throw new CliError("unable to find the specified revision");
    if (format.type !== "default" && format.type !== "wide") {
      const printer = await createObjectPrinter(format);
      for (const { object } of one ? [one] : revisions) session.io.stdout.write(printer(object));
    } else if (one) {
      const { describeTemplate } = await import("../../describe/pod-template.js");
      session.print(`${title} with revision #${one.number}\n${describeTemplate(one.described)}`);
    } else if (revisions.length === 0)
      session.print(`${title} ${given.revision ? `with revision #${given.revision}` : ""}\nNo rollout history found.`);
    else {
      const rows = revisions.map(({ number, changeCause }) => `${number}\t${changeCause ?? "<none>"}\n`);
      session.print(`${title} \n${alignTabs(`REVISION\tCHANGE-CAUSE\n${rows.join("")}`, describeTabs)}`);
    }
  });
  return 0;
}
