import { defineCommand } from "../command.js";
import { dryRunFlag, dryRunOf, writeQuery } from "../dry-run.js";
import { CliError, HintedError } from "../errors.js";
import { bool, text } from "../flags.js";
import { withLastApplied } from "../last-applied.js";
import { outputFlag, resultPrinter } from "../printers/result.js";
import { fileFlags, manifestInfos, refuseKustomize, settle } from "../resources/select.js";
import { fieldHint, withSource } from "../source-errors.js";
import { validates, validationFlag, validationOf } from "../validation-flag.js";
import { cronJob, job } from "./create/batch.js";
import { configMap, namespace, priorityClass, secret, serviceAccount } from "./create/config.js";
import { ingress, podDisruptionBudget, quota } from "./create/policy.js";
import { clusterRole, clusterRoleBinding, role, roleBinding } from "./create/rbac.js";
import { token } from "./create/token.js";
import { deployment, serviceCommand } from "./create/workloads.js";

export const create = defineCommand({
  name: "create",
  usage: "-f FILE",
  summary: "Create objects from files, or one object by a sub-command.",
  examples: ["navctl create -f app.yaml", "navctl create namespace demo"],
  flags: {
    ...fileFlags,
    ...dryRunFlag,
    ...outputFlag,
    ...validationFlag,
    selector: text("Only objects of the files with these labels.", { short: "l" }),
    edit: bool("Edit before creating (not supported)."),
    "save-config": bool("Record the objects for a later apply."),
    "field-manager": text("Name under which the server records the objects."),
  },
  subcommands: [
    clusterRole,
    clusterRoleBinding,
    configMap,
    cronJob,
    deployment,
    ingress,
    job,
    namespace,
    podDisruptionBudget,
    priorityClass,
    quota,
    role,
    roleBinding,
    secret,
    serviceCommand,
    serviceAccount,
    token,
  ],
  async run({ session, args, flags, usageError }) {
    refuseKustomize(flags.kustomize);
    if (args.length > 0) {
      throw usageError(`Unexpected args: [${args.join(" ")}]`);
    }
    if (flags.filename.length === 0) throw new CliError("must specify -f: the files to create from, or a sub-command");
    if (flags.edit) throw new CliError("--edit is not supported by navctl create");
    const dryRun = dryRunOf(session, flags["dry-run"]);
    const report = await resultPrinter(session, flags.output, dryRun);
    const { infos, failures } = await manifestInfos(
      session,
      flags.filename,
      flags.recursive,
      flags.selector,
      validates(flags.validate),
    );
    if (infos.length + failures.length === 0) throw new CliError("no objects passed to create");
    const query = writeQuery(dryRun, flags["field-manager"] ?? "kubectl-create", validationOf(flags.validate));
    const api = await session.api();
    await settle(
      infos,
      async ({ resource, namespace: place, wanted, source }) => {
        if (!wanted) return;
        const body = flags["save-config"] ? withLastApplied(wanted) : wanted;
        try {
          report(resource, dryRun === "client" ? body : await api.create(resource, body, place, query), "created");
        } catch (error) {
          const failure = withSource(error, "creating", source);
          const hint = await fieldHint(error, resource);
          throw hint ? new HintedError(failure, hint) : failure;
        }
      },
      failures,
    );
    return 0;
  },
});
