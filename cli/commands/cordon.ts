import { nodes } from "../../api/core/node/node.js";
import type { AnyObject, Api } from "../api.js";
import { type Command, defineCommand } from "../command.js";
import { dryRunFlag, dryRunOf, writeQuery } from "../dry-run.js";
import { text } from "../flags.js";
import type { DryRun } from "../printers/result.js";
import { settle } from "../resources/select.js";
import type { Session } from "../session.js";

const flags = { ...dryRunFlag, selector: text("Label selector of the nodes.", { short: "l" }) };

const defineSwitch = (name: string, summary: string, unschedulable: boolean): Command =>
  defineCommand({
    name,
    usage: "NODE",
    summary,
    flags,
    async run({ session, args, flags: given, usageError }) {
      if (args.length === 0 && given.selector === undefined) throw usageError(`USAGE: ${name} NODE [flags]`);
      const dryRun = dryRunOf(session, given["dry-run"]);
      const api = await session.api();
      await settle(await chosenNodes(session, args, given.selector), (node) =>
        switchNode(session, api, node, unschedulable, dryRun),
      );
      return 0;
    },
  });

export const cordon = defineSwitch("cordon", "Mark nodes as unschedulable: no new pods are placed there.", true);
export const uncordon = defineSwitch("uncordon", "Mark nodes as schedulable again.", false);

/** Nodes by name (`n1`, `node/n1`) or by label. */
export async function chosenNodes(
  session: Session,
  args: readonly string[],
  selector: string | undefined,
): Promise<readonly AnyObject[]> {
  const api = await session.api();
  if (args.length === 0) return (await api.list(nodes, undefined, { labelSelector: selector })).items;
  return settle(args, (name) => api.get(nodes, name.replace(/^(nodes?|no)\//, ""), undefined));
}

export async function switchNode(
  session: Session,
  api: Api,
  node: AnyObject,
  unschedulable: boolean,
  dryRun: DryRun,
): Promise<void> {
  const done = unschedulable ? "cordoned" : "uncordoned";
  const name = node.metadata.name ?? "";
  const suffix = dryRun === "none" ? "" : dryRun === "client" ? " (dry run)" : " (server dry run)";
  const { unschedulable: now = false } = (node.spec ?? {}) as { readonly unschedulable?: boolean };
  if (now === unschedulable) {
    session.print(`node/${name} already ${done}${suffix}`);
    return;
  }
  if (dryRun !== "client") {
    await api.patch(nodes, name, undefined, {
      type: "strategic",
      body: { spec: { unschedulable: unschedulable ? true : null } },
      query: writeQuery(dryRun, "kubectl-cordon"),
    });
  }
  session.print(`node/${name} ${done}${suffix}`);
}
