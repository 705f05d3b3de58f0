import { Command as Node, Option } from "commander";
import { type CatalogueEntry, groupTitles } from "./catalogue.js";
import type { Command } from "./command.js";
import type { Flag, Flags } from "./flags.js";
import { globalFlags } from "./global-flags.js";

/** Help of one command. */
export function commandHelp(command: Command, path: string): string {
  const node = new Node(`navctl ${path}`).helpOption(false).helpCommand(false);
  node.summary(command.summary).description(command.summary);
  node.usage(usageOf(command));
  for (const [name, flag] of sorted(command.flags)) node.addOption(toOption(name, flag));
  for (const sub of command.subcommands ?? []) {
    node.addCommand(
      new Node(sub.name)
        .summary(sub.summary)
        .description(sub.summary)
        .usage(sub.usage ?? "")
        .helpOption(false),
    );
  }
  const examples = command.examples?.length
    ? `\nExamples:\n${command.examples.map((line) => `  ${line}`).join("\n")}\n`
    : "";
  return `${node.helpInformation()}${examples}\nFlags that every command takes: navctl options\n`;
}

/** The list of commands, by group. */
export function programHelp(catalogue: readonly CatalogueEntry[]): string {
  const width = Math.max(...catalogue.map(({ name }) => name.length)) + 2;
  const groups = Object.entries(groupTitles).map(([group, title]) => {
    const lines = catalogue
      .filter((entry) => entry.group === group)
      .map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`);
    return `${title}:\n${lines.join("\n")}\n`;
  });
  return `navctl steers a Navarch cluster, or any other that speaks the Kubernetes API.\n\n${groups.join("\n")}\nUsage:\n  navctl COMMAND [flags]\n\nnavctl COMMAND --help tells more of a command, navctl options the flags that every command takes.\n`;
}

export function optionsHelp(): string {
  const node = new Node("navctl").helpOption(false);
  for (const [name, flag] of sorted(globalFlags)) node.addOption(toOption(name, flag));
  return `Flags that every command takes:\n${node.helpInformation().split("Options:\n")[1] ?? ""}`;
}

/** Flags come before what goes to a program in a container. */
function usageOf({ usage = "", subcommands }: Command): string {
  if (subcommands) return usage === "" ? "COMMAND [flags]" : `(${usage} | COMMAND) [flags]`;
  if (usage.includes("[options]")) return usage.replace("[options]", "[flags]");
  const [own = "", ...passed] = usage.split(/(?= \[?-- )/);
  return [own, "[flags]", ...passed]
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .join(" ");
}

const sorted = (flags: Flags): [string, Flag<unknown>][] => Object.entries(flags).sort(([a], [b]) => (a < b ? -1 : 1));

function toOption(name: string, flag: Flag<unknown>): Option {
  const written = flag.short && flag.short !== name ? `-${flag.short}, --${name}` : `--${name}`;
  const value = flag.kind === "boolean" ? "" : flag.kind === "optional-value" ? "[=value]" : " <value>";
  const option = new Option(`${written}${value === "[=value]" ? " [value]" : value}`, flag.help);
  if (flag.initial !== undefined && flag.initial !== false && !Array.isArray(flag.initial))
    option.default(flag.initial);
  return flag.hidden ? option.hideHelp() : option;
}
