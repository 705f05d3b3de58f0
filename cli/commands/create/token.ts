import { serviceAccounts } from "../../../api/core/service-account.js";
import { StatusError } from "../../../apimachinery/status.js";
import { objectPath } from "../../../client/rest.js";
import { defineCommand } from "../../command.js";
import { CliError } from "../../errors.js";
import { array, duration, text } from "../../flags.js";
import { createObjectPrinter, parseOutput } from "../../printers/output.js";

const boundKinds = ["Node", "Pod", "Secret"];

export const token = defineCommand({
  name: "token",
  usage: "SERVICE_ACCOUNT_NAME",
  summary: "Ask for a token of a service account and print it.",
  flags: {
    audience: array("Who is to accept the token; may be repeated."),
    duration: duration("How long it is to be valid."),
    "bound-object-kind": text("Kind of the object with which the token ends: Pod, Secret or Node."),
    "bound-object-name": text("Its name."),
    "bound-object-uid": text("Its uid."),
    output: text("json, yaml, jsonpath=...", { short: "o" }),
  },
  async run({ session, args, flags, usageError }) {
    const [name] = args;
    if (name === undefined || args.length > 1) throw usageError(`exactly one NAME is required, got ${args.length}`);
    const { "bound-object-kind": kind, "bound-object-name": boundName, "bound-object-uid": uid } = flags;
    if (kind && !boundName) throw new CliError("--bound-object-name is required if --bound-object-kind is provided");
    if (kind && !boundKinds.includes(kind))
      throw new CliError(`supported --bound-object-kind values are ${boundKinds.join(", ")}`);
    if (!kind && (boundName || uid))
      throw new CliError(
        `--bound-object-${boundName ? "name" : "uid"} can only be set if --bound-object-kind is provided`,
      );
    if (flags.duration !== undefined && flags.duration < 1000)
      throw new CliError("--duration must be greater than or equal to 1s");
    const spec = {
      ...(flags.audience.length > 0 ? { audiences: flags.audience } : {}),
      ...(flags.duration === undefined ? {} : { expirationSeconds: Math.floor(flags.duration / 1000) }),
      ...(kind ? { boundObjectRef: { kind, apiVersion: "v1", name: boundName, ...(uid ? { uid } : {}) } } : {}),
    };
    const api = await session.api();
    const path = objectPath(serviceAccounts, { name, namespace: await session.namespace() }, "token");
    const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", metadata: {}, spec };
    const answer = await api.json({ method: "POST", path, body }).catch((error: unknown) => {
      throw error instanceof StatusError ? new CliError(`failed to create token: ${error.message}`) : error;
    });
    const format = await parseOutput(flags.output, session.io.cwd, false);
    if (format.type !== "default" && format.type !== "wide") {
      session.io.stdout.write((await createObjectPrinter(format))(answer));
      return 0;
    }
    const made = (answer.status as { readonly token?: string } | undefined)?.token;
    if (!made) throw new CliError("failed to create token: no token in server response");
    if (session.io.isTty) session.print(made);
    else session.io.stdout.write(made);
    return 0;
  },
});
