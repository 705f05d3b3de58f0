import { type Call, defineCommand } from "../../command.js";
import { dryRunFlag, dryRunOf, writeQuery } from "../../dry-run.js";
import { CliError } from "../../errors.js";
import { text } from "../../flags.js";
import { outputFlag, resultPrinter } from "../../printers/result.js";
import { allFlag, fileFlags, select, settleSelected } from "../../resources/select.js";

const flags = {
  ...fileFlags,
  ...allFlag,
  ...dryRunFlag,
  ...outputFlag,
  "resource-version": text("Only change the object in this version."),
};

export const setSelector = defineCommand({
  name: "selector",
  usage: "(-f FILE | TYPE NAME) EXPRESSIONS",
  summary: "Set the selector of a service.",
  examples: ["navctl set selector service/web app=web,tier=front"],
  flags,
  async run({ session, args, flags: given }: Call<typeof flags>) {
    const written = args.at(-1);
    if (written === undefined) throw new CliError("one selector is required");
    if (given.filename.length === 0 && !given.all && args.length === 2 && !/[=!,/]/.test(written))
      throw new CliError("resource(s) were provided, but no name was specified");
    const dryRun = dryRunOf(session, given["dry-run"]);
    const labels = labelsOf(written);
    const report = await resultPrinter(session, given.output, dryRun);
    const selected = await select(session, { args: args.slice(0, -1), flags: given, fetch: true });
    const api = await session.api();
    await settleSelected(selected, async ({ resource, namespace, name, live }) => {
      if (!live) return;
      if (`${resource.kind}.${resource.group}` !== "Service.") {
        throw new CliError(`setting a selector is only supported for Services`);
      }
      const spec = live.spec as object;
      const resourceVersion = given["resource-version"] ?? live.metadata.resourceVersion;
      const object =
        dryRun === "client"
          ? { ...live, spec: { ...spec, selector: labels } }
          : await api.patch(resource, name, namespace, {
              type: "json",
              body: [
                { op: "test", path: "/metadata/resourceVersion", value: resourceVersion },
                { op: "add", path: "/spec/selector", value: labels },
              ],
              query: writeQuery(dryRun, "kubectl-set"),
            });
      report(resource, object, "selector updated");
    });
    return 0;
  },
});

/** A service knows equality alone. */
function labelsOf(written: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    written.split(",").map((term) => {
      const [, key, value] = /^([^=!,()\s]+)={1,2}([^=!,()\s]*)$/.exec(term.trim()) ?? [];
      if (key === undefined || value === undefined)
        throw new CliError(`invalid selector ${JSON.stringify(term)}: only key=value is allowed`);
      return [key, value];
    }),
  );
}
