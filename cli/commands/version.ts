import { buildVersion } from "../../apimachinery/version.js";
import { defineCommand } from "../command.js";
import { CliError } from "../errors.js";
import { bool, text } from "../flags.js";
import { goJson } from "../printers/jsonpath.js";

/** Put in by the bundler. */
declare const NAVARCH_VERSION: string | undefined;

const ownVersion = typeof NAVARCH_VERSION === "string" ? NAVARCH_VERSION : "0.0.0";

const clientVersion = buildVersion(ownVersion);

export const version = defineCommand({
  name: "version",
  summary: "Print the versions of client and server.",
  flags: {
    client: bool("The client's alone: no server is asked."),
    output: text("yaml or json.", { short: "o" }),
  },
  async run({ session, args, flags, usageError }) {
    if (args.length > 0) throw usageError(`extra arguments: [${args.join(" ")}]`);
    if (!["", "json", "yaml", undefined].includes(flags.output))
      throw new CliError("--output must be 'yaml' or 'json'");
    let serverVersion: { readonly gitVersion: string } | undefined;
    let failure: unknown;
    if (!flags.client) {
      try {
        serverVersion = await (await session.api()).json<{ readonly gitVersion: string }>({ path: "/version" });
      } catch (error) {
        failure = error;
      }
    }
    if (flags.output) {
      const versions = { clientVersion, ...(serverVersion ? { serverVersion } : {}) };
      if (flags.output === "json") session.print(goJson(versions, 2));
      else {
        const { toYaml } = await import("../../apimachinery/codec/yaml.js");
        session.io.stdout.write(toYaml(versions));
      }
    } else {
      session.print(`Client Version: ${clientVersion.gitVersion}`);
      if (serverVersion) session.print(`Server Version: ${serverVersion.gitVersion}`);
    }
    if (failure !== undefined) throw failure;
    return 0;
  },
});
