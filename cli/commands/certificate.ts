import { certificateSigningRequests } from "../../api/certificates/certificate-signing-request.js";
import { objectPath } from "../../client/rest.js";
import type { AnyObject } from "../api.js";
import { type Command, defineCommand } from "../command.js";
import { CliError } from "../errors.js";
import { bool } from "../flags.js";
import { outputFlag, resultPrinter } from "../printers/result.js";
import { fileFlags, select, settleSelected } from "../resources/select.js";

interface Condition {
  readonly type: string;
  readonly status?: string;
}

const verdict = (name: "approve" | "deny", type: "Approved" | "Denied", done: string): Command =>
  defineCommand({
    name,
    usage: "(-f FILENAME | NAME)",
    summary: `${name === "approve" ? "Approve" : "Deny"} a certificate signing request.`,
    examples: [`navctl certificate ${name} csr-1`],
    flags: {
      ...fileFlags,
      ...outputFlag,
      force: bool("Write the condition anew where it is there already."),
    },
    async run({ session, args, flags }) {
      if (args.length === 0 && flags.filename.length === 0)
        throw new CliError("one or more CSRs must be specified as <name> or -f <filename>");
      const report = await resultPrinter(session, flags.output, "none");
      const names = flags.filename.length > 0 ? [] : [certificateSigningRequests.plural, ...args];
      const selected = await select(session, { args: names, flags, fetch: true });
      const api = await session.api();
      await settleSelected(selected, async ({ resource, name: request, live }) => {
        if (!live) return;
        const { conditions = [] } = (live.status ?? {}) as { readonly conditions?: readonly Condition[] };
        if (conditions.some((one) => one.type === type) && !flags.force) {
          report(resource, live, done);
          return;
        }
        const opposite = type === "Approved" ? "Denied" : "Approved";
        if (conditions.some((one) => one.type === opposite))
          throw new CliError(`certificate signing request ${JSON.stringify(request)} is already ${opposite}`);
        const condition = {
          type,
          status: "True",
          reason: `Kubectl${name === "approve" ? "Approve" : "Deny"}`,
          message: `This CSR was ${done} by kubectl certificate ${name}.`,
        };
        const body: AnyObject = {
          ...live,
          status: {
            ...(live.status as object | undefined),
            conditions: [...conditions.filter((one) => one.type !== type), condition],
          },
        };
        const path = objectPath(certificateSigningRequests, { name: request }, "approval");
        report(resource, await api.json({ method: "PUT", path, body }), done);
      });
      return 0;
    },
  });

export const certificate: Command = {
  name: "certificate",
  summary: "Decide on certificate signing requests.",
  flags: {},
  subcommands: [verdict("approve", "Approved", "approved"), verdict("deny", "Denied", "denied")],
};
