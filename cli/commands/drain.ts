import { pods } from "../../api/core/pod/pod.js";
import { objectPath } from "../../client/rest.js";
import type { AnyObject, Api } from "../api.js";
import { type Call, defineCommand } from "../command.js";
import { dryRunFlag, dryRunOf } from "../dry-run.js";
import { AggregateFailure, CliError, isStatus } from "../errors.js";
import { bool, duration, int, text } from "../flags.js";
import { pause, poll } from "../waiting.js";
import { chosenNodes, switchNode } from "./cordon.js";
import { planDrain } from "./drain/choose.js";

const flags = {
  ...dryRunFlag,
  "chunk-size": int("Objects to ask for at a time."),
  "delete-emptydir-data": bool("Go on although pods lose what is in their emptyDir volumes."),
  "disable-eviction": bool("Delete pods, past their disruption budgets."),
  force: bool("Go on although pods without a controller will not come back."),
  "grace-period": int("Seconds that containers get to end; the pod's own when negative."),
  "ignore-daemonsets": bool("Leave pods of daemon sets where they are."),
  "pod-selector": text("Only pods with these labels."),
  selector: text("Label selector of the nodes.", { short: "l" }),
  "skip-wait-for-delete-timeout": int("Do not wait for pods that are being deleted longer than this, in seconds."),
  timeout: duration("How long to try; 0 tries for ever."),
};

export const drain = defineCommand({
  name: "drain",
  usage: "NODE",
  summary: "Cordon a node and evict its pods.",
  examples: ["navctl drain node-1 --ignore-daemonsets --timeout=2m"],
  flags,
  run,
});

const evictionRetryMs = 5000;
const foreverMs = 365 * 24 * 3600 * 1000;

async function run(call: Call<typeof flags>): Promise<number | undefined> {
  const { session, args, flags: given, usageError } = call;
  if (args.length === 0 && given.selector === undefined) throw usageError("USAGE: drain NODE [flags]");
  if (args.length > 0 && given.selector !== undefined)
    throw usageError("cannot specify both a node name and a --selector option");
  const dryRun = dryRunOf(session, given["dry-run"]);
  await checkSelector(given["pod-selector"]);
  const nodes = await chosenNodes(session, args, given.selector);
  if (dryRun === "none") await session.announceCluster();
  const api = await session.api();
  for (const node of nodes) await switchNode(session, api, node, true, dryRun);
  const failed: { readonly name: string; readonly error: unknown }[] = [];
  for (const node of nodes) {
    const name = node.metadata.name ?? "";
    try {
      await empty(call, api, name, dryRun);
      session.print(
        `node/${name} drained${dryRun === "none" ? "" : dryRun === "client" ? " (dry run)" : " (server dry run)"}`,
      );
    } catch (error) {
      session.note(
        `error: unable to drain node ${JSON.stringify(name)} due to error: ${messageOf(error)}, continuing command...`,
      );
      failed.push({ name, error });
    }
  }
  if (failed.length === 0) return 0;
  session.note(`There are pending nodes to be drained:\n${failed.map(({ name }) => ` ${name}`).join("\n")}`);
  throw new CliError(failed.map(({ error }) => messageOf(error)).join("\n"), { bare: true });
}

async function checkSelector(written: string | undefined): Promise<void> {
  if (!written) return;
  const { parseLabelSelector } = await import("../../apimachinery/selector/label.js");
  try {
    parseLabelSelector(written);
  } catch {
    throw new CliError("--pod-selector=<pod_selector> must be a valid label selector");
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function empty(
  { session, flags: given }: Call<typeof flags>,
  api: Api,
  node: string,
  dryRun: string,
): Promise<void> {
  const { items } = await api.list(pods, undefined, {
    fieldSelector: `spec.nodeName=${node}`,
    labelSelector: given["pod-selector"],
  });
  const plan = planDrain(items, {
    force: given.force,
    ignoreDaemonSets: given["ignore-daemonsets"],
    deleteEmptyDir: given["delete-emptydir-data"],
  });
  if (plan.refusals.length > 0) {
    throw new CliError(plan.refusals.length === 1 ? `${plan.refusals[0]}` : `[${plan.refusals.join(", ")}]`);
  }
  if (plan.warnings.length > 0) session.note(`Warning: ${plan.warnings.join("; ")}`);
  const timeoutMs = given.timeout || foreverMs;
  const outcomes = await Promise.allSettled(plan.evict.map((pod) => evict(pod)));
  const failures = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateFailure(failures);

  async function evict(pod: AnyObject): Promise<void> {
    const { name = "", namespace = "", uid, deletionTimestamp } = pod.metadata;
    const suffix = dryRun === "none" ? "" : dryRun === "client" ? " (dry run)" : " (server dry run)";
    if (!given["disable-eviction"]) session.print(`evicting pod ${namespace}/${name}${suffix}`);
    if (dryRun !== "none") return;
    const skip = given["skip-wait-for-delete-timeout"] ?? 0;
    if (
      deletionTimestamp !== undefined &&
      skip > 0 &&
      session.clock.now() - Date.parse(deletionTimestamp) > skip * 1000
    )
      return;
    const gone = await poll(session, timeoutMs, async () => {
      if (!(await ask(pod))) {
        await pause(session, evictionRetryMs);
        return undefined;
      }
      return true;
    });
    const left =
      gone &&
      (await poll(session, timeoutMs, async () => {
        const live = await api.find(pods, name, namespace);
        return !live || live.metadata.uid !== uid ? true : undefined;
      }));
    if (!left)
      throw new CliError(
        `error when waiting for pod ${JSON.stringify(name)} in namespace ${JSON.stringify(namespace)} to terminate: global timeout reached: ${(given.timeout ?? 0) / 1000}s`,
      );
    session.print(`pod/${name} ${given["disable-eviction"] ? "deleted" : "evicted"}`);
  }

  /** False when a disruption budget says: not now. */
  async function ask({ metadata: { name = "", namespace = "" } }: AnyObject): Promise<boolean> {
    const grace = given["grace-period"] ?? -1;
    const deleteOptions = grace < 0 ? {} : { gracePeriodSeconds: grace };
    try {
      if (given["disable-eviction"]) await api.delete(pods, name, namespace, deleteOptions);
      else {
        await api.json({
          method: "POST",
          path: objectPath(pods, { name, namespace }, "eviction"),
          body: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace }, deleteOptions },
        });
      }
      return true;
    } catch (error) {
      if (isStatus(error, "NotFound")) return true;
      if (!isStatus(error, "TooManyRequests")) throw error;
      session.note(
        `error when evicting pods/${JSON.stringify(name)} -n ${JSON.stringify(namespace)} (will retry after 5s): ${messageOf(error)}`,
      );
      return false;
    }
  }
}
