import { readFileSync } from "node:fs";
import type { AnyObject } from "../../api.js";
import { defineCommand } from "../../command.js";
import { entryOf } from "../../config/connection.js";
import type { Kubeconfig } from "../../config/kubeconfig.js";
import { CliError } from "../../errors.js";
import { bool, text } from "../../flags.js";
import { createObjectPrinter, parseOutput } from "../../printers/output.js";
import { alignTabs, tableTabs } from "../../printers/tab-writer.js";

export const currentContext = defineCommand({
  name: "current-context",
  summary: "Print the name of the current context.",
  flags: {},
  async run({ session }) {
    const { config } = await session.config();
    if (!config["current-context"]) throw new CliError("current-context is not set");
    session.print(config["current-context"]);
    return 0;
  },
});

export const getContexts = defineCommand({
  name: "get-contexts",
  usage: "[NAME ...]",
  summary: "List the contexts.",
  flags: { "no-headers": bool("Leave out the headers."), output: text("name.", { short: "o" }) },
  async run({ session, args, flags }) {
    if (flags.output !== undefined && !["", "name"].includes(flags.output))
      throw new CliError(
        `--output ${flags.output} is not available in navctl config get-contexts; resetting to default output format`,
      );
    const { config } = await session.config();
    const contexts = (config.contexts ?? []).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const missing = args.find((name) => !contexts.some((context) => context.name === name));
    if (missing !== undefined) throw new CliError(`context ${missing} not found`);
    const shown = args.length === 0 ? contexts : contexts.filter(({ name }) => args.includes(name));
    if (flags.output === "name") {
      for (const { name } of shown) session.print(name);
      return 0;
    }
    const rows = shown.map(({ name, context }) => [
      name === config["current-context"] ? "*" : "",
      name,
      context.cluster ?? "",
      context.user ?? "",
      context.namespace ?? "",
    ]);
    const lines = flags["no-headers"] ? rows : [["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"], ...rows];
    session.io.stdout.write(alignTabs(lines.map((cells) => `${cells.join("\t")}\n`).join(""), tableTabs));
    return 0;
  },
});

const lister = (name: string, summary: string, section: "clusters" | "users") =>
  defineCommand({
    name,
    summary,
    flags: {},
    async run({ session }) {
      const { config } = await session.config();
      session.print("NAME");
      for (const entry of (config[section] ?? []).map((one) => one.name).sort()) session.print(entry);
      return 0;
    },
  });

export const getClusters = lister("get-clusters", "List the clusters.", "clusters");
export const getUsers = lister("get-users", "List the users.", "users");

export const view = defineCommand({
  name: "view",
  summary: "Show the kubeconfig, without secrets unless asked for.",
  flags: {
    flatten: bool("Put the contents of files in the place of their names."),
    merge: bool("Merge several files.", { initial: true, hidden: true }),
    minify: bool("Only what the current context needs."),
    output: text("yaml (the default), json, jsonpath=...", { short: "o" }),
    raw: bool("Show certificates and secrets."),
  },
  async run({ session, flags }) {
    if (!flags.merge && session.globals.kubeconfig === undefined)
      throw new CliError("if merge==false a precise file must be specified");
    const { config } = await session.config();
    let shown: Kubeconfig = structuredClone(config);
    if (flags.minify) shown = minified(shown, session.globals.context ?? shown["current-context"] ?? "");
    if (flags.flatten) flatten(shown);
    if (!flags.raw && !flags.flatten) redact(shown);
    const format = await parseOutput(flags.output ?? "yaml", session.io.cwd, false);
    if (format.type === "default" || format.type === "wide") return 0;
    const whole = {
      apiVersion: "v1",
      clusters: byName(shown.clusters),
      contexts: byName(shown.contexts),
      "current-context": shown["current-context"] ?? "",
      kind: "Config",
      preferences: {},
      users: byName(shown.users),
    };
    session.io.stdout.write((await createObjectPrinter(format))(whole as unknown as AnyObject));
    return 0;
  },
});

const byName = <T extends { readonly name: string }>(entries: readonly T[] | null | undefined): readonly T[] | null =>
  entries?.length ? entries.toSorted((a, b) => (a.name < b.name ? -1 : 1)) : null;

function minified(config: Kubeconfig, name: string): Kubeconfig {
  const context = entryOf(config.contexts, "context", name);
  if (!context)
    throw new CliError(name === "" ? "current-context must exist in order to minify" : `cannot locate context ${name}`);
  return {
    contexts: (config.contexts ?? []).filter((entry) => entry.name === name),
    clusters: (config.clusters ?? []).filter((entry) => entry.name === context.cluster),
    users: (config.users ?? []).filter((entry) => entry.name === context.user),
    "current-context": name,
  };
}

function redact(config: Kubeconfig): void {
  for (const { cluster } of config.clusters ?? []) {
    if (cluster["certificate-authority-data"]) cluster["certificate-authority-data"] = "DATA+OMITTED";
  }
  for (const { user } of config.users ?? []) {
    if (user["client-certificate-data"]) user["client-certificate-data"] = "DATA+OMITTED";
    if (user["client-key-data"]) user["client-key-data"] = "DATA+OMITTED";
    if (user.token) user.token = "REDACTED";
    if (user.password) user.password = "REDACTED";
  }
}

function flatten(config: Kubeconfig): void {
  for (const { cluster } of config.clusters ?? []) inline(cluster, "certificate-authority");
  for (const { user } of config.users ?? []) {
    inline(user, "client-certificate");
    inline(user, "client-key");
  }
}

function inline<K extends string>(entry: { [P in K | `${K}-data`]?: string }, key: K): void {
  const loose = entry as Record<string, string | undefined>;
  const file = loose[key];
  if (file === undefined) return;
  loose[`${key}-data`] = readFileSync(file).toString("base64");
  delete loose[key];
}
