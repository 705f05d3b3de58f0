import { defineCommand } from "../command.js";

export const apiVersions = defineCommand({
  name: "api-versions",
  summary: "List the API versions that the server knows, as group/version.",
  flags: {},
  async run({ session, args, usageError }) {
    if (args.length > 0) throw usageError(`unexpected arguments: [${args.join(" ")}]`);
    const resources = await (await session.discovery()).refresh();
    const versions = resources.map(({ group, version }) => (group === "" ? version : `${group}/${version}`));
    for (const version of [...new Set(versions)].sort()) session.print(version);
    return 0;
  },
});
