import { type Call, defineCommand } from "../../command.js";
import { CliError } from "../../errors.js";
import { changeFlags, changePodSpecs } from "./change.js";

export const setServiceAccount = defineCommand({
  name: "serviceaccount",
  aliases: ["sa"],
  usage: "(-f FILE | TYPE NAME) SERVICE_ACCOUNT",
  summary: "Change the service account that pods run as.",
  examples: ["navctl set serviceaccount deployment/web robot"],
  flags: changeFlags,
  async run(call: Call<typeof changeFlags>) {
    const name = call.args.at(-1);
    if (name === undefined) throw new CliError("serviceaccount is required");
    return changePodSpecs(call, call.args.slice(0, -1), "serviceaccount updated", (spec) => ({
      ...spec,
      serviceAccountName: name,
      // The older name of the same field.
      ...(spec.serviceAccount === undefined ? {} : { serviceAccount: name }),
    }));
  },
});
