import { cronJobs } from "../../../api/batch/cron-job.js";
import { jobs } from "../../../api/batch/job.js";
import type { AnyObject } from "../../api.js";
import type { Call } from "../../command.js";
import { CliError } from "../../errors.js";
import { text } from "../../flags.js";
import type { Session } from "../../session.js";
import { type Draft, defineGenerator } from "./generator.js";

const jobFlags = {
  image: text("Image to run."),
  from: text("Make it as this one would: cronjob/NAME."),
};

export const job = defineGenerator({
  name: "job",
  usage: "NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]",
  summary: "Create a job.",
  examples: ["navctl create job once --image=busybox -- date", "navctl create job now --from=cronjob/nightly"],
  flags: jobFlags,
  target: jobs,
  failing: "job:",
  async make(name, { session, args, dashAt, flags }) {
    const command = dashAt === undefined ? [] : args.slice(dashAt);
    if ((flags.image === undefined) === (flags.from === undefined))
      throw new CliError("either --image or --from must be specified");
    if (flags.from === undefined)
      return { spec: { template: podTemplate(name, flags.image ?? "", command, "Never") }, status: {} };
    if (command.length > 0) throw new CliError("cannot specify --from and command");
    return fromCronJob(session, flags.from);
  },
});

/** A run by hand: marked so, and owned by its cron job. */
async function fromCronJob(session: Session, written: string): Promise<Draft> {
  const [type = "", name = "", ...more] = written.split("/");
  if (
    !["cronjob", "cronjobs", "cj", "cronjob.batch", "cronjobs.batch"].includes(type) ||
    more.length > 0 ||
    name === ""
  )
    throw new CliError("from must be an existing cronjob");
  const cronJob = await (await session.api()).get(cronJobs, name, await session.namespace());
  const { jobTemplate } = cronJob.spec as {
    readonly jobTemplate: Pick<AnyObject, "metadata"> & { readonly spec: object };
  };
  return {
    metadata: {
      annotations: { ...jobTemplate.metadata?.annotations, "cronjob.kubernetes.io/instantiate": "manual" },
      ...(jobTemplate.metadata?.labels ? { labels: jobTemplate.metadata.labels } : {}),
      ownerReferences: [
        {
          apiVersion: "batch/v1",
          kind: "CronJob",
          name,
          uid: cronJob.metadata.uid,
          controller: true,
        },
      ],
    },
    spec: jobTemplate.spec,
  };
}

const cronJobFlags = {
  image: text("Image to run."),
  schedule: text("When to run, in the notation of cron."),
  restart: text("OnFailure or Never."),
};

export const cronJob = defineGenerator({
  name: "cronjob",
  aliases: ["cj"],
  usage: "NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...]",
  summary: "Create a cron job.",
  examples: ["navctl create cronjob nightly --image=busybox --schedule='0 3 * * *' -- date"],
  flags: cronJobFlags,
  target: cronJobs,
  failing: "cronjob:",
  make(name, { args, dashAt, flags }: Call<typeof cronJobFlags>) {
    const missing = (["image", "schedule"] as const).filter((flag) => flags[flag] === undefined);
    if (missing.length > 0)
      throw new CliError(`required flag(s) ${missing.map((flag) => JSON.stringify(flag)).join(", ")} not set`);
    const command = dashAt === undefined ? [] : args.slice(dashAt);
    const template = podTemplate(name, flags.image ?? "", command, flags.restart ?? "OnFailure");
    return { spec: { schedule: flags.schedule, jobTemplate: { metadata: { name }, spec: { template } } }, status: {} };
  },
});

const podTemplate = (name: string, image: string, command: readonly string[], restartPolicy: string): Draft => ({
  spec: { containers: [{ name, image, ...(command.length > 0 ? { command } : {}), resources: {} }], restartPolicy },
});
