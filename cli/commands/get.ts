import { type Call, defineCommand } from "../command.js";
import { AggregateFailure, CliError } from "../errors.js";
import { bool, int, list, text } from "../flags.js";
import { createObjectPrinter, listOf, type ObjectFormat, parseOutput } from "../printers/output.js";
import { allNamespacesFlag, fileFlags, refuseKustomize, selectorFlags } from "../resources/select.js";
import { fetchObjects, fetchTables, type GetQuery, planOf } from "./get/fetch.js";
import { printTables } from "./get/tables.js";

const flags = {
  ...fileFlags,
  ...selectorFlags,
  ...allNamespacesFlag,
  output: text("Form of the output: wide, json, yaml, name, jsonpath=..., go-template=..., custom-columns=...", {
    short: "o",
  }),
  template: text("Go template to print by."),
  "no-headers": bool("Leave out the headers of a table."),
  "show-labels": bool("Show all labels in the last column."),
  "label-columns": list("Labels to show as columns.", { short: "L" }),
  "show-kind": bool("Put the kind in front of names."),
  "show-managed-fields": bool("Keep managedFields in JSON and YAML."),
  "sort-by": text("JSONPath of the field by which to sort."),
  "ignore-not-found": bool("An object that does not exist is no error."),
  "chunk-size": int("Objects to ask for at a time; 0 asks for all at once."),
  subresource: text("Show a subresource: status or scale."),
  raw: text("Print what the server answers at this path."),
  watch: bool("Go on with changes after the list.", { short: "w" }),
  "watch-only": bool("Show changes alone."),
  "output-watch-events": bool("Show what kind of change it was."),
  "server-print": bool("Let the server make the table; else it is of name and age.", { initial: true }),
};

export const get = defineCommand({
  name: "get",
  usage: "TYPE[.VERSION][.GROUP] [NAME ...] | TYPE/NAME ... | -f FILE",
  summary: "Show one or many objects, as a table unless -o says otherwise.",
  examples: [
    "navctl get pods -o wide",
    "navctl get deploy,rs,pods -l app=web",
    "navctl get pod web-0 -o jsonpath='{.status.podIP}'",
  ],
  flags,
  run,
});

type GetCall = Call<typeof flags>;

async function run(call: GetCall): Promise<number | undefined> {
  const { session, args, flags: given } = call;
  if (given.raw) {
    if (given.output !== undefined) throw new CliError("--raw and --output are mutually exclusive");
    if (args.length > 0) throw call.usageError("arguments may not be passed when --raw is specified");
    const path = given.raw;
    if (!path.startsWith("/"))
      throw new CliError(`--raw must be a valid URL path: parse ${JSON.stringify(path)}: invalid URI for request`);
    session.io.stdout.write(await (await session.api()).text({ path }));
    return 0;
  }
  if (given["output-watch-events"] && !given.watch && !given["watch-only"])
    throw new CliError("--output-watch-events option can only be used with --watch or --watch-only");
  refuseKustomize(given.kustomize);
  const format = await parseOutput(given.output, session.io.cwd, true, given.template);
  if (args.length === 0 && given.filename.length === 0) throw noType();
  const query: GetQuery = {
    everywhere: given["all-namespaces"],
    labelSelector: given.selector,
    fieldSelector: given["field-selector"],
    pageSize: given["chunk-size"] ?? 500,
    subresource: given.subresource,
    wholeObjects: given["sort-by"] !== undefined,
    ignoreNotFound: given["ignore-not-found"],
    serverPrint: given["server-print"],
  };
  const plan = await planOf(session, args, given.filename, given.recursive, query);
  if (given.watch || given["watch-only"]) {
    const { watchPlan } = await import("./get/watch.js");
    return watchPlan(session, plan, query, format, { ...given, watchOnly: given["watch-only"] });
  }
  return format.type === "default" || format.type === "wide"
    ? getTables(call, plan, query, format.type === "wide")
    : getObjects(call, plan, query, format);
}

type Plan = Awaited<ReturnType<typeof planOf>>;

async function getTables(
  { session, flags: given }: GetCall,
  plan: Plan,
  query: GetQuery,
  wide: boolean,
): Promise<number> {
  const { tables, failures } = await fetchTables(session, plan, query);
  const printed = await printTables(session, tables, plan, {
    wide,
    everywhere: query.everywhere,
    noHeaders: given["no-headers"],
    showLabels: given["show-labels"],
    labelColumns: given["label-columns"],
    showKind: given["show-kind"],
    sortBy: given["sort-by"],
  });
  if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateFailure(failures);
  if (printed === 0 && !given["ignore-not-found"]) {
    const namespaced = plan.targets.some(({ resource }) => resource.scope === "Namespaced");
    const place = namespaced && !query.everywhere ? ` in ${await session.namespace()} namespace` : "";
    session.note(`No resources found${place}${place === "" ? "" : "."}`);
  }
  return 0;
}

async function getObjects(
  { session, flags: given }: GetCall,
  plan: Plan,
  query: GetQuery,
  format: ObjectFormat,
): Promise<number> {
  const { objects, failures } = await fetchObjects(session, plan, query);
  const sorted =
    given["sort-by"] === undefined
      ? objects
      : (await import("../printers/sort.js")).sortByPath(objects, given["sort-by"], (object) => object);
  const printer = await createObjectPrinter(format, {
    showManagedFields: given["show-managed-fields"],
    noHeaders: given["no-headers"],
  });
  const [only] = sorted;
  const nothing = failures.length > 0 || (given["ignore-not-found"] && plan.single);
  if (plan.single) {
    if (only) session.io.stdout.write(printer(only));
  } else if (sorted.length > 0 || !nothing) session.io.stdout.write(printer(listOf(sorted)));
  const [failure] = failures;
  if (failure) throw failures.length === 1 ? failure : new AggregateFailure(failures);
  return 0;
}

const noType = (): CliError =>
  new CliError(
    'You must specify the type of resource to get. Use "navctl api-resources" for a complete list of supported resources.\n\nerror: Required resource not specified.\nUse "navctl explain <resource>" for a detailed description of that resource (e.g. navctl explain pods).\nSee \'navctl get -h\' for help and examples',
    { bare: true },
  );
