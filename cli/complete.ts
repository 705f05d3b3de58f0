import { catalogue } from "./catalogue.js";
import type { Command } from "./command.js";
import { globalFlags } from "./global-flags.js";
import type { Io } from "./io.js";
import { parseArgs } from "./parse-args.js";
import { Session } from "./session.js";

/** Prints what the last word of a command line may become, one candidate a line; the shells' scripts call it. */
export async function complete(words: readonly string[], io: Io): Promise<number> {
  const last = words.at(-1) ?? "";
  const before = words.slice(0, -1).filter((word) => !word.startsWith("-"));
  const candidates = await candidatesFor(before, last, io).catch(() => []);
  for (const candidate of candidates) if (candidate.startsWith(last)) io.stdout.write(`${candidate}\n`);
  return 0;
}

async function candidatesFor(before: readonly string[], last: string, io: Io): Promise<readonly string[]> {
  const [name, ...rest] = before;
  if (name === undefined) return catalogue.map((entry) => entry.name);
  const entry = catalogue.find((candidate) => candidate.name === name);
  if (!entry) return [];
  let command: Command = await entry.load();
  let operands = rest;
  for (let sub = find(command, operands[0]); sub; sub = find(command, operands[0])) {
    command = sub;
    operands = operands.slice(1);
  }
  if (last.startsWith("-")) return Object.keys({ ...globalFlags, ...command.flags }).map((flag) => `--${flag}`);
  if (command.subcommands && operands.length === 0) return command.subcommands.map((sub) => sub.name);
  return takesKinds.has(name) || takesKinds.has(`${name} ${command.name}`) ? kindsOrNames(operands, io) : [];
}

const find = (command: Command, name: string | undefined): Command | undefined =>
  command.subcommands?.find((sub) => sub.name === name);

const takesKinds = new Set([
  "get",
  "describe",
  "delete",
  "edit",
  "label",
  "annotate",
  "patch",
  "scale",
  "rollout status",
  "rollout history",
  "rollout undo",
  "rollout restart",
  "rollout pause",
  "rollout resume",
]);

async function kindsOrNames(operands: readonly string[], io: Io): Promise<readonly string[]> {
  const session = new Session(io, parseArgs([], globalFlags).values as Session["globals"]);
  try {
    const discovery = await session.discovery();
    const [type] = operands;
    if (type === undefined) return (await discovery.resources()).map(({ plural }) => plural);
    const resource = await discovery.resolve(type);
    const namespace = resource.scope === "Namespaced" ? await session.namespace() : undefined;
    const { items } = await (await session.api()).list(resource, namespace);
    return items.map(({ metadata }) => metadata.name ?? "");
  } finally {
    session.close();
  }
}
