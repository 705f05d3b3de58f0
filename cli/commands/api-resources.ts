import { apiVersionOf, groupResourceOf } from "../../apimachinery/resource.js";
import { defineCommand } from "../command.js";
import { preferred } from "../discovery/discovery.js";
import { CliError } from "../errors.js";
import { bool, list, text } from "../flags.js";
import { alignTabs, tableTabs } from "../printers/tab-writer.js";

export const apiResources = defineCommand({
  name: "api-resources",
  summary: "List the kinds that the server knows.",
  flags: {
    "api-group": text("Only kinds of this group."),
    cached: bool("Take the answer kept from before where there is one."),
    categories: list("Only kinds of these categories."),
    namespaced: bool("Only kinds that live in namespaces; =false for the others.", { initial: true }),
    "no-headers": bool("Leave out the headers."),
    output: text("wide or name.", { short: "o" }),
    "sort-by": text("name or kind."),
    verbs: list("Only kinds that support all of these verbs."),
  },
  async run({ session, args, flags, given, usageError }) {
    if (args.length > 0) throw usageError(`unexpected arguments: [${args.join(" ")}]`);
    if (flags.output !== undefined && !["", "wide", "name"].includes(flags.output)) {
      throw new CliError(`--output ${flags.output} is not available`);
    }
    if (flags["sort-by"] !== undefined && !["", "name", "kind"].includes(flags["sort-by"]))
      throw new CliError("--sort-by accepts only name or kind");
    const discovery = await session.discovery();
    const all = preferred(flags.cached ? await discovery.resources() : await discovery.refresh());
    const shown = all
      .filter(({ group }) => !given.has("api-group") || group === flags["api-group"])
      .filter(({ scope }) => !given.has("namespaced") || (scope === "Namespaced") === flags.namespaced)
      .filter(({ verbs }) => flags.verbs.every((verb) => verbs.includes(verb)))
      .filter(({ categories }) => flags.categories.every((category) => categories.includes(category)))
      .filter(({ verbs }) => verbs.length > 0);
    const sorted = shown.toSorted((a, b) => {
      const by = flags["sort-by"];
      const keys =
        by === "kind"
          ? [a.kind, b.kind]
          : by === "name"
            ? [a.plural, b.plural]
            : [`${a.group}\0${a.plural}`, `${b.group}\0${b.plural}`];
      return (keys[0] ?? "") < (keys[1] ?? "") ? -1 : 1;
    });
    if (flags.output === "name") {
      for (const resource of sorted) session.print(groupResourceOf(resource));
      return 0;
    }
    const wide = flags.output === "wide";
    const rows = sorted.map((one) => [
      one.plural,
      one.shortNames.join(","),
      apiVersionOf(one),
      String(one.scope === "Namespaced"),
      one.kind,
      ...(wide ? [one.verbs.join(","), one.categories.join(",")] : []),
    ]);
    const headers = [
      "NAME",
      "SHORTNAMES",
      "APIVERSION",
      "NAMESPACED",
      "KIND",
      ...(wide ? ["VERBS", "CATEGORIES"] : []),
    ];
    const lines = flags["no-headers"] ? rows : [headers, ...rows];
    session.io.stdout.write(alignTabs(lines.map((cells) => `${cells.join("\t")}\n`).join(""), tableTabs));
    return 0;
  },
});
