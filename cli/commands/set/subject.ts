import { sameJson } from "../../../apimachinery/patch/json.js";
import { type Call, defineCommand } from "../../command.js";
import { dryRunFlag, dryRunOf, writeQuery } from "../../dry-run.js";
import { CliError } from "../../errors.js";
import { outputFlag, resultPrinter } from "../../printers/result.js";
import { allFlag, fileFlags, nothingNamed, select, selectorFlags, settleSelected } from "../../resources/select.js";
import { subjectFlags, subjects } from "../create/rbac.js";

const flags = { ...fileFlags, ...selectorFlags, ...allFlag, ...dryRunFlag, ...outputFlag, ...subjectFlags };

export const setSubject = defineCommand({
  name: "subject",
  usage: "(-f FILE | TYPE NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:name]",
  summary: "Add users, groups and service accounts to a role binding.",
  examples: ["navctl set subject rolebinding readers --user=jane"],
  flags,
  async run({ session, args, flags: given }: Call<typeof flags>) {
    if (args.length === 0 && given.filename.length === 0) throw nothingNamed();
    const { subjects: added = [] } = subjects(given) as { readonly subjects?: readonly object[] };
    if (added.length === 0) throw new CliError("you must specify at least one value of user, group or serviceaccount");
    const dryRun = dryRunOf(session, given["dry-run"]);
    const report = await resultPrinter(session, given.output, dryRun);
    const selected = await select(session, { args, flags: given, fetch: true });
    const api = await session.api();
    await settleSelected(selected, async ({ resource, namespace, name, live }) => {
      if (!live) return;
      if (!["RoleBinding", "ClusterRoleBinding"].includes(resource.kind)) {
        throw new CliError(
          `${resource.plural}/${name} setting subjects is only supported for RoleBinding/ClusterRoleBinding`,
        );
      }
      const before = (live.subjects ?? []) as readonly object[];
      const missing = added.filter((one) => !before.some((other) => sameJson(one, other)));
      if (missing.length === 0 && given.output === undefined) return;
      const changed = { ...live, subjects: [...before, ...missing] };
      const object =
        dryRun === "client"
          ? changed
          : await api.replace(resource, changed, namespace, writeQuery(dryRun, "kubectl-set"));
      report(resource, object, "subjects updated");
    });
    return 0;
  },
});
