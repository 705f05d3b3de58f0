import { nodes } from "../../api/core/node/node.js";
import type { AnyObject } from "../api.js";
import { defineCommand } from "../command.js";
import { dryRunFlag, dryRunOf, writeQuery } from "../dry-run.js";
import { CliError, isStatus } from "../errors.js";
import { bool, text } from "../flags.js";
import { outputFlag, resultPrinter } from "../printers/result.js";
import { parseResourceArguments } from "../resources/arguments.js";
import { selectObjects, settle } from "../resources/select.js";

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
  readonly timeAdded?: string;
}
export interface TaintChanges {
  readonly add: readonly Taint[];
  /** Without an effect: every taint of the key. */
  readonly remove: readonly { readonly key: string; readonly effect?: string }[];
}

const conflictRetries = 5;
const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

export const taint = defineCommand({
  name: "taint",
  usage: "NODE NAME KEY_1=VAL_1:EFFECT ... KEY_N:EFFECT- ...",
  summary: "Add, change and remove taints of nodes.",
  examples: ["navctl taint nodes n1 dedicated=db:NoSchedule", "navctl taint nodes n1 dedicated-"],
  flags: {
    ...dryRunFlag,
    ...outputFlag,
    all: bool("All nodes."),
    overwrite: bool("Change taints that are there already."),
    selector: text("Label selector of the nodes.", { short: "l" }),
  },
  async run({ session, args, flags, usageError }) {
    const first = args.findIndex((argument, index) => index > 0 && (/[=:]/.test(argument) || argument.endsWith("-")));
    const objects = first < 0 ? args : args.slice(0, first);
    const changes = parseTaints(first < 0 ? [] : args.slice(first), usageError);
    const [type = ""] = objects;
    if (objects.length === 0) throw new CliError("one or more resources must be specified as <resource> <name>");
    const discovery = await session.discovery();
    const chosen = await parseResourceArguments(objects, discovery);
    const resource = chosen.type === "names" ? chosen.items[0]?.resource : chosen.resources[0];
    if (resource?.kind !== "Node") throw new CliError(`invalid resource type ${type}, only node types are supported`);
    if (changes.add.length + changes.remove.length === 0) throw new CliError("at least one taint update is required");
    const dryRun = dryRunOf(session, flags["dry-run"]);
    const report = await resultPrinter(session, flags.output, dryRun);
    const infos = await selectObjects(session, { args: objects, flags, fetch: true });
    const api = await session.api();
    const taintOne = async (name: string, live: AnyObject): Promise<AnyObject> => {
      const before = (live.spec as { readonly taints?: readonly Taint[] } | undefined)?.taints ?? [];
      const after = applyTaints(name, before, changes, flags.overwrite);
      if (dryRun === "client") return live;
      const metadata = { resourceVersion: live.metadata.resourceVersion };
      const body = { metadata, spec: { taints: after.length === 0 ? null : after } };
      return api.patch(nodes, name, undefined, { type: "merge", body, query: writeQuery(dryRun, "kubectl-taint") });
    };
    await settle(infos, async ({ resource: kind, name, live }) => {
      if (!live) return;
      let object: AnyObject | undefined;
      for (let attempt = 0; !object; attempt++) {
        try {
          object = await taintOne(name, attempt === 0 ? live : await api.get(nodes, name, undefined));
        } catch (error) {
          // The node's own controllers write taints, too.
          if (!isStatus(error, "Conflict") || attempt >= conflictRetries) throw error;
        }
      }
      report(
        kind,
        object,
        changes.add.length === 0 ? "untainted" : changes.remove.length === 0 ? "tainted" : "modified",
      );
    });
    return 0;
  },
});

type Refusal = (text: string) => CliError;

/** Reads `key=value:effect`, `key:effect`, `key:effect-`, `key-`. */
export function parseTaints(specs: readonly string[], refusal: Refusal = (text) => new CliError(text)): TaintChanges {
  const add: Taint[] = [];
  const remove: { key: string; effect?: string }[] = [];
  for (const spec of specs) {
    if (spec.endsWith("-")) {
      const [key = "", effect] = spec.slice(0, -1).split(":");
      remove.push(effect === undefined ? { key } : { key, effect: known(effect, refusal) });
      continue;
    }
    const [, key, value, effect] = /^([^=:]+)(?:=([^:]*))?:(.+)$/.exec(spec) ?? [];
    if (!key || effect === undefined) throw refusal(`invalid taint spec: ${spec}`);
    add.push({ key, ...(value ? { value } : {}), effect: known(effect, refusal) });
  }
  const twice = add.find(
    (one, at) => add.findIndex((other) => other.key === one.key && other.effect === one.effect) < at,
  );
  if (twice)
    throw refusal(
      `duplicated taints with the same key and effect: {${twice.key} ${twice.value ?? ""} ${twice.effect} <nil>}`,
    );
  const both = add.find((one) =>
    remove.some(({ key, effect }) => key === one.key && (effect === undefined || effect === one.effect)),
  );
  if (both)
    throw new CliError(
      `can not both modify and remove the following taint(s) in the same command: ${both.key}:${both.effect}`,
    );
  return { add, remove };
}

function known(effect: string, refusal: Refusal): string {
  if (effects.includes(effect)) return effect;
  throw refusal(`invalid taint effect: ${effect}, unsupported taint effect`);
}

export function applyTaints(
  node: string,
  before: readonly Taint[],
  { add, remove }: TaintChanges,
  overwrite: boolean,
): readonly Taint[] {
  const same = (a: { key: string; effect?: string }, b: Taint): boolean =>
    a.key === b.key && (a.effect === undefined || a.effect === b.effect);
  const taken = add.filter((one) => before.some((old) => same(one, old)));
  if (taken.length > 0 && !overwrite) {
    const names = taken.map(({ key }) => key).join(",");
    throw new CliError(`node ${node} already has ${names} taint(s) with same effect(s) and --overwrite is false`);
  }
  const missing = remove.find((one) => !before.some((old) => same(one, old)));
  if (missing)
    throw new CliError(
      `taint ${JSON.stringify(missing.effect === undefined ? missing.key : `${missing.key}:${missing.effect}`)} not found`,
    );
  const kept = before.filter((old) => ![...add, ...remove].some((one) => same(one, old)));
  return [...kept, ...add];
}
