import { events as eventKind } from "../../api/core/event.js";
import { collectionPath } from "../../client/rest.js";
import type { AnyObject } from "../api.js";
import { type Call, defineCommand } from "../command.js";
import { CliError } from "../errors.js";
import { type EventView, eventAge, lastSeenMs } from "../event-view.js";
import { bool, int, list, text } from "../flags.js";
import { createObjectPrinter, listOf, parseOutput } from "../printers/output.js";
import { TablePrinter } from "../printers/table.js";
import { parseResourceArguments } from "../resources/arguments.js";
import { allNamespacesFlag } from "../resources/select.js";

const flags = {
  ...allNamespacesFlag,
  "chunk-size": int("Objects to ask for at a time."),
  for: text("Only events of this object (TYPE/NAME)."),
  "no-headers": bool("Leave out the headers."),
  output: text("json, yaml, jsonpath=...", { short: "o" }),
  types: list("Only events of these types (Normal, Warning)."),
  watch: bool("Go on with new events.", { short: "w" }),
};

export const events = defineCommand({
  name: "events",
  usage: "[--for TYPE/NAME]",
  summary: "Show events, the oldest first.",
  flags,
  run,
});

async function run(call: Call<typeof flags>): Promise<number | undefined> {
  const { session, args, flags: given, usageError } = call;
  if (args.length > 0) throw usageError(`unexpected arguments: [${args.join(" ")}]`);
  const unknown = given.types.find((type) => !/^(normal|warning)$/i.test(type));
  if (unknown !== undefined) throw new CliError(`valid --types are Normal or Warning`);
  const format = await parseOutput(given.output, session.io.cwd, false);
  const namespace = given["all-namespaces"] ? undefined : await session.namespace();
  const api = await session.api();
  const fieldSelector = await involved(call);
  const { items, metadata } = await api.list(eventKind, namespace, { fieldSelector, limit: given["chunk-size"] });
  const wanted = (event: AnyObject): boolean =>
    given.types.length === 0 || given.types.some((type) => type.toLowerCase() === view(event).type?.toLowerCase());
  const shown = items.filter(wanted).toSorted((a, b) => lastSeenMs(view(a)) - lastSeenMs(view(b)));
  if (format.type !== "default" && format.type !== "wide") {
    session.io.stdout.write((await createObjectPrinter(format))(listOf(shown)));
    return 0;
  }
  if (shown.length === 0 && !given.watch) {
    session.note(namespace === undefined ? "No events found." : `No events found in ${namespace} namespace.`);
    return 0;
  }
  const printer = new TablePrinter({
    wide: false,
    withNamespace: namespace === undefined,
    noHeaders: given["no-headers"],
    showLabels: false,
    labelColumns: [],
  });
  const print = (list: readonly AnyObject[]): void => {
    session.io.stdout.write(
      printer.print({ columnDefinitions: columns, rows: list.map((event) => row(event, session.clock.now())) }),
    );
  };
  print(shown);
  if (!given.watch) return 0;
  const path = collectionPath(eventKind, namespace);
  for await (const { type, object } of api.watch({
    path,
    query: { fieldSelector, resourceVersion: metadata.resourceVersion },
  })) {
    if ((type === "ADDED" || type === "MODIFIED") && wanted(object)) print([object]);
  }
  return 0;
}

const columns = ["Last Seen", "Type", "Reason", "Object", "Message"].map((name) => ({ name }));
const view = (event: AnyObject): EventView => event as unknown as EventView;

function row(event: AnyObject, nowMs: number): { cells: unknown[]; object: AnyObject } {
  const { type, reason, message, involvedObject } = view(event);
  const object = `${involvedObject?.kind ?? ""}/${involvedObject?.name ?? ""}`;
  return { cells: [eventAge(view(event), nowMs), type, reason, object, (message ?? "").trim()], object: event };
}

async function involved({ session, flags: given }: Call<typeof flags>): Promise<string | undefined> {
  if (given.for === undefined) return undefined;
  if (!given.for.includes("/")) throw new CliError("--for must be in resource/name form");
  const chosen = await parseResourceArguments([given.for], await session.discovery());
  const [item] = chosen.type === "names" ? chosen.items : [];
  if (!item) throw new CliError("--for must be in resource/name form");
  return `involvedObject.kind=${item.resource.kind},involvedObject.name=${item.name}`;
}
