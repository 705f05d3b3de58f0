import { groupResourceOf } from "../../../apimachinery/resource.js";
import { toTime } from "../../../base/clock.js";
import type { AnyObject } from "../../api.js";
import { type Call, type Command, defineCommand } from "../../command.js";
import { writeQuery } from "../../dry-run.js";
import { CliError } from "../../errors.js";
import { outputFlag, resultPrinter } from "../../printers/result.js";
import { fileFlags, select, selectorFlags, settleSelected } from "../../resources/select.js";
import { schemaOf } from "../../schemas.js";

const flags = { ...fileFlags, ...selectorFlags, ...outputFlag };

/** Others know no `paused`. */
const deployments: ReadonlySet<string> = new Set(["Deployment.apps"]);
const workloads: ReadonlySet<string> = new Set(["Deployment.apps", "DaemonSet.apps", "StatefulSet.apps"]);

interface Switch {
  readonly name: string;
  readonly summary: string;
  readonly done: string;
  readonly gerund: string;
  readonly kinds: ReadonlySet<string>;
  /** What is to change in an object, or why it cannot be. */
  readonly change: (paused: boolean, nowMs: number) => object | string;
}

const spec = (object: AnyObject): { readonly paused?: boolean; readonly template?: unknown } =>
  (object.spec ?? {}) as { readonly paused?: boolean; readonly template?: unknown };

const defineSwitch = ({ name, summary, done, gerund, kinds, change }: Switch): Command =>
  defineCommand({
    name,
    usage: "(TYPE NAME | TYPE/NAME)",
    summary,
    flags,
    async run({ session, args, flags: given }: Call<typeof flags>) {
      if (args.length === 0 && given.filename.length === 0) throw new CliError("required resource not specified");
      const report = await resultPrinter(session, given.output, "none");
      const selected = await select(session, { args, flags: given, fetch: true, kindMeansAll: true });
      const api = await session.api();
      await settleSelected(selected, async ({ resource, namespace, name: object, live }) => {
        if (!live || !kinds.has(`${resource.kind}.${resource.group}`))
          throw new CliError(`${groupResourceOf(resource)} ${JSON.stringify(object)} ${gerund} is not supported`);
        const body = change(spec(live).paused ?? false, session.clock.now());
        if (typeof body === "string")
          throw new CliError(`${groupResourceOf(resource)} ${JSON.stringify(object)} ${body}`);
        const type = (await schemaOf(resource)) ? "strategic" : "merge";
        report(
          resource,
          await api.patch(resource, object, namespace, { type, body, query: writeQuery("none", "kubectl-rollout") }),
          done,
        );
      });
      return 0;
    },
  });

export const pause = defineSwitch({
  name: "pause",
  summary: "Stop rolling out changes.",
  done: "paused",
  gerund: "pausing",
  kinds: deployments,
  change: (paused) => (paused ? "is already paused" : { spec: { paused: true } }),
});

export const resume = defineSwitch({
  name: "resume",
  summary: "Go on rolling out changes.",
  done: "resumed",
  gerund: "resuming",
  kinds: deployments,
  change: (paused) => (paused ? { spec: { paused: null } } : "is not paused"),
});

export const restart = defineSwitch({
  name: "restart",
  summary: "Replace all pods one after another.",
  done: "restarted",
  gerund: "restarting",
  kinds: workloads,
  change: (paused, nowMs) =>
    paused
      ? "can't restart paused deployment (run rollout resume first)"
      : { spec: { template: { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": toTime(nowMs) } } } } },
});
