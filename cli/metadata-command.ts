import type { AnyObject } from "./api.js";
import type { Call } from "./command.js";
import { dryRunFlag, dryRunOf, writeQuery } from "./dry-run.js";
import { CliError } from "./errors.js";
import { bool, text } from "./flags.js";
import { outputFlag, resultPrinter } from "./printers/result.js";
import {
  allFlag,
  allNamespacesFlag,
  fileFlags,
  select,
  selectorFlags,
  settleSelected,
  throwAll,
} from "./resources/select.js";

export const metadataFlags = {
  ...fileFlags,
  ...selectorFlags,
  ...allFlag,
  ...allNamespacesFlag,
  ...dryRunFlag,
  ...outputFlag,
  overwrite: bool("Change values that are there already."),
  list: bool("Show what is there."),
  "resource-version": text("Only change the object in this version."),
  "field-manager": text("Name under which the server records the change."),
};

export interface MetadataCommand {
  readonly field: "labels" | "annotations";
  readonly noun: string;
  readonly done: string;
  readonly removed: string;
  readonly undone: string;
  readonly fieldManager: string;
  /** The message when values are there already. */
  readonly taken: (pairs: readonly (readonly [string, string])[]) => string;
}

export interface Changes {
  readonly set: ReadonlyMap<string, string>;
  readonly remove: readonly string[];
}

/** Sets and removes labels or annotations of the objects that the arguments name. */
export async function runMetadataCommand(call: Call<typeof metadataFlags>, command: MetadataCommand): Promise<number> {
  const { session, args, flags } = call;
  const { objects, changes } = splitPairs(args, command.noun);
  const dryRun = dryRunOf(session, flags["dry-run"]);
  const isEmpty = changes.set.size + changes.remove.length === 0;
  if (isEmpty && !flags.list && (objects.length > 0 || flags.filename.length > 0))
    throw new CliError(`at least one ${command.noun} update is required`);
  const selected = await selectIn(call, objects);
  const { infos } = selected;
  if (flags.list) {
    const several = infos.length > 1 || Boolean(flags.selector) || flags.all;
    for (const { resource, name, live } of infos) {
      if (several) session.print(`Listing ${command.field} for ${resource.kind}.${resource.group}/${name}:`);
      for (const [key, value] of Object.entries(live?.metadata[command.field] ?? {}).sort())
        session.print(`${several ? " " : ""}${key}=${value}`);
    }
  }
  if (isEmpty) {
    throwAll(selected.failures);
    return 0;
  }
  if (flags["resource-version"] !== undefined && infos.length > 1) {
    throw new CliError("--resource-version may only be used with a single resource");
  }
  const report = await resultPrinter(session, flags.output, dryRun);
  const api = await session.api();
  const silent = flags.output === undefined || flags.output === "";
  await settleSelected(selected, async ({ resource, namespace, name, live }) => {
    if (!live) return;
    const present = live.metadata[command.field] ?? {};
    if (!flags.overwrite) refuseTaken(present, changes, command);
    for (const key of changes.remove) {
      if (!Object.hasOwn(present, key) && silent && command.field === "labels")
        session.print(`${command.noun} ${JSON.stringify(key)} not found.`);
    }
    const operation = operationOf(present, changes, command);
    const patch = patchOf(changes, command.field, flags["resource-version"]);
    const object: AnyObject =
      dryRun === "client" || operation === undefined
        ? live
        : await api.patch(resource, name, namespace, {
            type: "merge",
            body: patch,
            query: writeQuery(dryRun, flags["field-manager"] ?? command.fieldManager),
          });
    report(resource, object, operation ?? command.undone);
  });
  return 0;
}

const selectIn = ({ session, flags }: Call<typeof metadataFlags>, objects: readonly string[]) => {
  if (objects.length === 0 && flags.filename.length === 0) {
    throw new CliError("one or more resources must be specified as <resource> <name> or <resource>/<name>");
  }
  return select(session, { args: objects, flags, fetch: true });
};

/** Objects come first; the first `key=value` or `key-` begins the changes. */
export function splitPairs(
  args: readonly string[],
  noun: string,
): { readonly objects: readonly string[]; readonly changes: Changes } {
  const isPair = (argument: string): boolean => argument.includes("=") || argument.endsWith("-");
  const first = args.findIndex(isPair);
  const split = first < 0 ? args.length : first;
  const set = new Map<string, string>();
  const remove: string[] = [];
  for (const pair of args.slice(split)) {
    const equals = pair.indexOf("=");
    if (equals > 0) set.set(pair.slice(0, equals), pair.slice(equals + 1));
    else if (equals < 0 && pair.endsWith("-") && pair.length > 1) remove.push(pair.slice(0, -1));
    else
      throw new CliError(
        equals < 0
          ? `all resources must be specified before ${noun} changes: ${pair}`
          : `invalid ${noun} format: ${pair}`,
      );
  }
  const both = remove.find((key) => set.has(key));
  if (both !== undefined) throw new CliError(`can not both modify and remove a ${noun} in the same command`);
  return { objects: args.slice(0, split), changes: { set, remove } };
}

function refuseTaken(present: Readonly<Record<string, string>>, { set }: Changes, command: MetadataCommand): void {
  const taken = [...set.keys()].flatMap((key): [string, string][] => {
    const value = Object.hasOwn(present, key) ? present[key] : undefined;
    return value === undefined || value === set.get(key) ? [] : [[key, value]];
  });
  if (taken.length > 0) throw new CliError(command.taken(taken));
}

/** Undefined where nothing changes. */
function operationOf(
  present: Readonly<Record<string, string>>,
  { set, remove }: Changes,
  command: MetadataCommand,
): string | undefined {
  if ([...set].some(([key, value]) => !Object.hasOwn(present, key) || present[key] !== value)) return command.done;
  return remove.some((key) => Object.hasOwn(present, key)) ? command.removed : undefined;
}

const patchOf = ({ set, remove }: Changes, field: string, resourceVersion: string | undefined): object => ({
  metadata: {
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    [field]: Object.fromEntries([...[...set], ...remove.map((key) => [key, null] as const)]),
  },
});
